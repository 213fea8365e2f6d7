#pragma once
/// Builds a Node from the events of a parser and keeps the limits; private to the readers of node.cpp.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "policy/node.hpp"

namespace sentinel::policy {

/// Each event returns whether to go on; after false the parser stops and the problems say why.
class NodeBuilder {
public:
    explicit NodeBuilder(const ReadLimits& limits) : limits_(limits) {}

    bool begin_map(std::size_t line);
    bool end_map();
    bool begin_list(std::size_t line);
    bool end_list();
    bool key(std::string name, std::size_t line);
    bool scalar(Node::Data data, std::size_t line);
    /// A JSON number as text: refuses what core::json refuses.
    bool number(std::string_view text, std::size_t line);
    /// Notes a fault at the value that is being read; always false.
    bool fail(std::size_t line, std::string_view code, std::string message);

    /// Whether the next event of a map is a key.
    bool expects_key() const noexcept { return !open_.empty() && open_.back().is_map && !open_.back().has_key; }
    std::expected<Node, std::vector<Problem>> finish();

private:
    struct Open {
        bool is_map = false;
        bool has_key = false;
        std::size_t line = 0;
        Node::List items;
        Node::Map members;
        std::string name;  ///< of the member that is being read
        std::uint32_t name_line = 0;
    };

    bool count(std::size_t line);
    bool begin(bool is_map, std::size_t line);
    void attach(Node node);
    void refuse_duplicates(Open& map);
    std::string pointer() const;

    ReadLimits limits_;
    std::size_t nodes_ = 0;
    std::vector<Open> open_;
    Node root_;
    Problems problems_;
};

bool read_yaml(std::string_view text, NodeBuilder& builder);
bool read_json(std::string_view text, NodeBuilder& builder);

}  // namespace sentinel::policy
