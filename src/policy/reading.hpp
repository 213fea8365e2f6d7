#pragma once
/// Walks a Node member by member and notes every fault; private to the readers of documents.

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.hpp"
#include "policy/node.hpp"
#include "policy/problem.hpp"

namespace sentinel::policy {

/// Where in the document a value stands. Lives on the stack; the pointer is made only for a fault.
class Place {
public:
    Place() = default;
    Place(const Place& parent, std::string_view member) : parent_(&parent), member_(member) {}
    Place(const Place& parent, std::size_t index) : parent_(&parent), index_(index) {}
    std::string pointer() const;

private:
    const Place* parent_ = nullptr;
    std::string_view member_;
    std::optional<std::size_t> index_;
};

/// What reading shares: the faults and what is allowed.
struct Reading {
    Problems problems;
    bool offline = true;

    void fault(const Place& place, std::size_t line, std::string_view code, std::string message) {
        if (!problems.full()) problems.add({line, place.pointer(), std::string(code), std::move(message)});
    }
    void fault(const Place& place, const Node& node, std::string_view code, std::string message) {
        fault(place, node.line(), code, std::move(message));
    }
    void wrong_type(const Place& place, const Node& node, std::string_view wanted);
};

/// The members of one map. Each getter notes a fault of its member; a member that was never asked for is unknown.
class Members {
public:
    /// Notes a fault when the node is no map; then every member is absent.
    Members(Reading& reading, const Node& node, const Place& place);
    Members(const Members&) = delete;
    Members& operator=(const Members&) = delete;
    /// Notes the unknown members.
    ~Members();

    bool is_map() const noexcept { return node_->map() != nullptr; }
    Reading& reading() const noexcept { return *reading_; }
    const Place& place() const noexcept { return *place_; }
    const Node& node() const noexcept { return *node_; }
    std::size_t line() const noexcept { return node_->line(); }

    const Node* get(std::string_view name);
    /// As get; a fault where it is absent.
    const Node* require(std::string_view name);
    /// As get; a fault where it is present but only offline documents may have it.
    const Node* get_offline(std::string_view name);

    std::optional<std::string> text(std::string_view name);
    std::string required_text(std::string_view name);
    bool flag(std::string_view name, bool otherwise);
    json::Object object(std::string_view name);
    std::optional<Instant> instant(std::string_view name);
    std::optional<int> integer(std::string_view name, int lowest, int highest);
    std::vector<std::string> texts(std::string_view name);
    /// Index of the member's text in `words`; `otherwise` when absent or none of them.
    std::size_t word(std::string_view name, std::initializer_list<std::string_view> words, std::size_t otherwise);
    void fault(std::string_view name, std::string_view code, std::string message);

private:
    Reading* reading_;
    const Node* node_;
    const Place* place_;
    std::vector<bool> asked_;
};

/// A value as a list of texts, or what of it is one.
std::vector<std::string> read_texts(Reading& reading, const Node& node, const Place& place);
std::optional<Instant> read_instant(Reading& reading, const Node& node, const Place& place);
/// Rights as a list of `read`, `write`, `hidden`.
engine::FieldRights read_rights(Reading& reading, const Node& node, const Place& place);
/// A list of names or {name, starts_at, expires_at, is_active}; sorted.
std::vector<Assignment> read_assignments(Reading& reading, const Node& node, const Place& place);
/// The tests section.
ByKey<TestRow> read_tests(Reading& reading, const Node& node, const Place& place);

/// Calls read_row(members' node, place, key) for each member of a kind.
template <class ReadRow>
void for_each_member(Reading& reading, const Node& node, const Place& place, ReadRow read_row) {
    if (node.map() == nullptr) return reading.wrong_type(place, node, "a map");
    for (const Node::Member& member : *node.map()) read_row(member, Place(place, member.name));
}

// Forms of keys and names. Each takes any text.
bool is_permission_key(std::string_view text);
bool is_role_or_group_name(std::string_view text);
bool is_type_name(std::string_view text);
bool is_resource_code(std::string_view text);
bool is_field_name(std::string_view text);

/// Checks every reference of the document, cycles and chains too long (document_checks.cpp).
void check_references(Reading& reading, const Node& root, const Document& document, const Place& place);
/// Checks the names that imagined subjects have against the document whose tests they are in.
void check_tests(Reading& reading, const Node& root, const ByKey<TestRow>& rows, const Document& document, const Place& place);

}  // namespace sentinel::policy
