#pragma once
/// A document as it was written: maps, lists and scalars, each with its line.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/json.hpp"
#include "policy/problem.hpp"

namespace sentinel::policy {

namespace json = core::json;

enum class Format : std::uint8_t { yaml, json };

/// Bounds of what is read. A scalar, list or map is one node, a key is none; depth counts nested lists and maps.
struct ReadLimits {
    std::size_t bytes = 10u << 20;
    std::size_t depth = 32;
    std::size_t nodes = 200'000;
};
inline constexpr ReadLimits server_limits{};
inline constexpr ReadLimits command_line_limits{.bytes = 256u << 20, .depth = 32, .nodes = 10'000'000};

/// One value of a read document. Maps are sorted by key, each key once.
class Node {
public:
    struct Member;
    using List = std::vector<Node>;
    using Map = std::vector<Member>;
    using Data = std::variant<std::monostate, bool, double, std::string, List, Map>;

    Node() noexcept;
    Node(Data data, std::size_t line) noexcept;

    std::size_t line() const noexcept { return line_; }
    bool is_null() const noexcept { return std::holds_alternative<std::monostate>(data_); }
    /// Each returns null pointer when the value is of another kind.
    const bool* boolean() const noexcept { return std::get_if<bool>(&data_); }
    const double* number() const noexcept { return std::get_if<double>(&data_); }
    const std::string* text() const noexcept { return std::get_if<std::string>(&data_); }
    const List* list() const noexcept { return std::get_if<List>(&data_); }
    const Map* map() const noexcept { return std::get_if<Map>(&data_); }
    /// What a person would call it: `a text`, `a list` …
    std::string_view kind_text() const noexcept;
    /// The member of a map, or null pointer. O(log n).
    const Member* find(std::string_view name) const noexcept;
    /// The line of what an RFC 6901 pointer names below this node, or of the last part of it that exists.
    std::size_t line_at(std::string_view pointer) const;
    /// The same without lines.
    json::Value value() const;

private:
    Data data_;
    std::uint32_t line_ = 0;
};

struct Node::Member {
    std::string name;
    std::uint32_t line = 0;  ///< of the key
    Node value;
};

inline Node::Node() noexcept = default;
inline Node::Node(Data data, std::size_t line) noexcept : data_(std::move(data)), line_(static_cast<std::uint32_t>(line)) {}

/// Reads one document. JSON is as strict as core::json::parse. YAML is the 1.2 core schema without anchors, aliases, tags,
/// directives but `%YAML 1.2`, duplicate keys or a second document; a number with a leading zero stays text.
/// Never throws on input; time and memory are linear in the text.
std::expected<Node, std::vector<Problem>> read_node(std::string_view text, Format format,
                                                    const ReadLimits& limits = server_limits);

}  // namespace sentinel::policy
