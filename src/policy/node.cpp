#include "policy/node.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/text.hpp"
#include "policy/node_builder.hpp"

namespace sentinel::policy {

namespace {

/// Takes the next reference token off a pointer, unescaped.
std::string next_token(std::string_view& pointer) {
    pointer.remove_prefix(1);
    const std::string_view written = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(written.size());
    std::string token;
    for (std::size_t i = 0; i < written.size(); ++i) {
        const bool escape = written[i] == '~' && i + 1 < written.size();
        token += escape ? (written[i + 1] == '1' ? '/' : '~') : written[i];
        if (escape) ++i;
    }
    return token;
}

std::optional<std::size_t> list_index(std::string_view token) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
    return index;
}

std::optional<Problem> refused_as_a_whole(std::string_view text, const ReadLimits& limits) {
    if (text.size() > limits.bytes)
        return Problem{1, "", "limit", fmt::format("the document has {} bytes, at most {} are read", text.size(), limits.bytes)};
    if (text.starts_with("\xEF\xBB\xBF")) return Problem{1, "", "syntax", "the document begins with a byte order mark"};
    return std::nullopt;
}

}  // namespace

std::string_view Node::kind_text() const noexcept {
    static constexpr std::string_view names[] = {"null", "a boolean", "a number", "a text", "a list", "a map"};
    return names[data_.index()];
}

const Node::Member* Node::find(std::string_view name) const noexcept {
    const Map* members = map();
    if (members == nullptr) return nullptr;
    const auto found =
        std::ranges::lower_bound(*members, name, {}, [](const Member& member) -> std::string_view { return member.name; });
    return found != members->end() && found->name == name ? &*found : nullptr;
}

std::size_t Node::line_at(std::string_view pointer) const {
    const Node* node = this;
    std::size_t line = line_;
    while (!pointer.empty()) {
        const std::string token = next_token(pointer);
        if (const Member* member = node->find(token)) {
            line = member->line;
            node = &member->value;
            continue;
        }
        const auto index = list_index(token);
        if (node->list() == nullptr || !index || *index >= node->list()->size()) break;
        node = &(*node->list())[*index];
        line = node->line();
    }
    return line;
}

json::Value Node::value() const {
    if (const bool* flag = boolean()) return *flag;
    if (const double* value = number()) return *value;
    if (const std::string* value = text()) return *value;
    if (const List* items = list()) {
        json::Array array;
        array.reserve(items->size());
        for (const Node& item : *items) array.push_back(item.value());
        return array;
    }
    if (const Map* members = map()) {
        json::Object object;
        for (const Member& member : *members) object.set(member.name, member.value.value());
        return object;
    }
    return nullptr;
}

// ---- builder -----------------------------------------------------------------------------------------------------

std::string NodeBuilder::pointer() const {
    std::string pointer;
    for (const Open& open : open_) {
        if (!open.is_map)
            pointer = core::pointer_to(pointer, open.items.size());
        else if (open.has_key)
            pointer = core::pointer_to(pointer, open.name);
    }
    return pointer;
}

bool NodeBuilder::fail(std::size_t line, std::string_view code, std::string message) {
    if (!problems_.full()) problems_.add({line, pointer(), std::string(code), std::move(message)});
    return false;
}

bool NodeBuilder::count(std::size_t line) {
    if (++nodes_ <= limits_.nodes) return true;
    return fail(line, "limit", fmt::format("the document has more than {} values", limits_.nodes));
}

bool NodeBuilder::begin(bool is_map, std::size_t line) {
    if (!count(line)) return false;
    if (open_.size() >= limits_.depth)
        return fail(line, "limit", fmt::format("lists and maps are nested deeper than {}", limits_.depth));
    open_.push_back({.is_map = is_map, .has_key = false, .line = line, .items = {}, .members = {}, .name = {}, .name_line = 0});
    return true;
}

bool NodeBuilder::begin_map(std::size_t line) { return begin(true, line); }
bool NodeBuilder::begin_list(std::size_t line) { return begin(false, line); }

bool NodeBuilder::key(std::string name, std::size_t line) {
    Open& map = open_.back();
    map.name = std::move(name);
    map.name_line = static_cast<std::uint32_t>(line);
    map.has_key = true;
    return true;
}

bool NodeBuilder::scalar(Node::Data data, std::size_t line) {
    if (!count(line)) return false;
    attach(Node(std::move(data), line));
    return true;
}

bool NodeBuilder::number(std::string_view text, std::size_t line) {
    auto parsed = json::parse(text);
    if (!parsed || parsed->number() == nullptr) {
        return fail(line, "range", fmt::format("the number {} is not one that is kept exactly", quoted(text)));
    }
    return scalar(*parsed->number(), line);
}

bool NodeBuilder::end_list() {
    Open list = std::move(open_.back());
    open_.pop_back();
    attach(Node(std::move(list.items), list.line));
    return true;
}

bool NodeBuilder::end_map() {
    refuse_duplicates(open_.back());
    Open map = std::move(open_.back());
    open_.pop_back();
    attach(Node(std::move(map.members), map.line));
    return true;
}

void NodeBuilder::refuse_duplicates(Open& map) {
    std::ranges::sort(map.members, {}, [](const Node::Member& member) { return std::tie(member.name, member.line); });
    map.has_key = true;
    for (std::size_t i = 1; i < map.members.size(); ++i) {
        const Node::Member& member = map.members[i];
        const Node::Member& before = map.members[i - 1];
        if (member.name != before.name) continue;
        map.name = member.name;
        fail(member.line, "duplicate", fmt::format("the key {} is already used in line {}", quoted(member.name), before.line));
    }
}

void NodeBuilder::attach(Node node) {
    if (open_.empty()) {
        root_ = std::move(node);
        return;
    }
    Open& parent = open_.back();
    if (parent.is_map) {
        parent.members.push_back({std::move(parent.name), parent.name_line, std::move(node)});
        parent.has_key = false;
    } else {
        parent.items.push_back(std::move(node));
    }
}

std::expected<Node, std::vector<Problem>> NodeBuilder::finish() {
    if (!problems_.empty()) return std::unexpected(problems_.take());
    return std::move(root_);
}

std::expected<Node, std::vector<Problem>> read_node(std::string_view text, Format format, const ReadLimits& limits) {
    if (auto problem = refused_as_a_whole(text, limits)) return std::unexpected(std::vector{std::move(*problem)});
    NodeBuilder builder(limits);
    // Whether it went to the end is also in the problems.
    static_cast<void>(format == Format::json ? read_json(text, builder) : read_yaml(text, builder));
    return builder.finish();
}

}  // namespace sentinel::policy
