#include "engine/tree.hpp"

#include <algorithm>
#include <utility>

namespace sentinel::engine {

namespace {

std::string_view bytes_of(const ResourceId& id) noexcept {
    return {reinterpret_cast<const char*>(id.value.bytes.data()), id.value.bytes.size()};
}
std::uint64_t id_hash(const ResourceId& id) noexcept { return hash_bytes(bytes_of(id)); }
std::uint64_t code_hash(std::uint32_t scope, std::string_view code) noexcept { return hash_bytes(code, scope); }
std::uint64_t node_hash(NodeIndex node) noexcept { return hash_bytes({reinterpret_cast<const char*>(&node), sizeof node}); }

std::size_t bytes_of(const Node& node) noexcept {
    return sizeof(Node) + node.path.capacity() + node.resource.type.capacity() + node.resource.code.capacity() + 64 +
           json::to_text(node.resource.attributes).size() * 2;
}

}  // namespace

NodeIndex Tree::find(const ResourceId& id) const noexcept {
    const NodeIndex* found = by_id_.find(id_hash(id), [&](NodeIndex index) { return nodes_[index]->resource.id == id; });
    return found == nullptr ? no_node : *found;
}

NodeIndex Tree::find(NameId type, std::string_view code) const noexcept {
    const NodeIndex* found = by_type_and_code_.find(code_hash(type, code), [&](NodeIndex index) {
        const Node& node = *nodes_[index];
        return node.type == type && node.resource.code == code;
    });
    return found == nullptr ? no_node : *found;
}

Tree::Bearer Tree::bearer_of(const CodeIndex& index, NodeIndex parent, std::string_view code) noexcept {
    const CodeEntry* entry = index.find(code_hash(parent, code),
                                        [&](const CodeEntry& other) { return other.parent == parent && *other.code == code; });
    if (entry == nullptr) return {};
    if (entry->count > 1) return {.node = no_node, .ambiguous = true};
    return {.node = entry->nodes_xor};
}

Tree::Bearer Tree::child_by_code(NodeIndex parent, std::string_view code) const noexcept {
    return bearer_of(by_parent_and_code_, parent, code);
}

Tree::Bearer Tree::any_by_code(std::string_view code) const noexcept { return bearer_of(by_code_, no_node, code); }

bool Tree::has_children(NodeIndex node) const noexcept {
    return children_.find(node_hash(node), [&](const ChildCount& entry) { return entry.parent == node; }) != nullptr;
}

std::uint32_t Tree::height(NodeIndex top) const noexcept {
    const Node& above = node(top);
    std::uint32_t levels = 0;
    for_each([&](NodeIndex, const Node& below) {
        if (below.path.starts_with(above.path)) levels = std::max(levels, below.depth - above.depth);
    });
    return levels;
}

void Tree::count_bearer(CodeIndex& index, NodeIndex parent, const std::string& code, NodeIndex node, bool add, bool in_place) {
    const std::uint64_t hash = code_hash(parent, code);
    const auto match = [&](const CodeEntry& other) { return other.parent == parent && *other.code == code; };
    const auto hash_of = [](const CodeEntry& entry) { return code_hash(entry.parent, *entry.code); };
    const CodeEntry* found = index.find(hash, match);
    CodeEntry entry = found != nullptr ? *found : CodeEntry{std::make_shared<const std::string>(code), parent, 0, 0};
    entry.nodes_xor ^= node;
    add ? ++entry.count : --entry.count;
    if (entry.count == 0) {
        index.erase(hash, match);
    } else if (in_place) {
        index.insert_in_place(std::move(entry), hash, match, hash_of);
    } else {
        index.insert(std::move(entry), hash, match, hash_of);
    }
}

void Tree::count_child(NodeIndex parent, bool add, bool in_place) {
    if (parent == no_node) return;
    const std::uint64_t hash = node_hash(parent);
    const auto match = [&](const ChildCount& other) { return other.parent == parent; };
    const auto hash_of = [](const ChildCount& entry) { return node_hash(entry.parent); };
    const ChildCount* found = children_.find(hash, match);
    ChildCount entry = found != nullptr ? *found : ChildCount{parent, 0};
    add ? ++entry.count : --entry.count;
    if (entry.count == 0) {
        children_.erase(hash, match);
    } else if (in_place) {
        children_.insert_in_place(entry, hash, match, hash_of);
    } else {
        children_.insert(entry, hash, match, hash_of);
    }
}

void Tree::index_node(NodeIndex index, const Node& node, bool in_place) {
    const auto insert = [&](HashTrie<NodeIndex>& trie, std::uint64_t hash, const auto& hash_of) {
        const auto match = [index](NodeIndex other) { return other == index; };
        in_place ? trie.insert_in_place(index, hash, match, hash_of) : trie.insert(index, hash, match, hash_of);
    };
    insert(by_id_, id_hash(node.resource.id), [this](NodeIndex other) { return id_hash(nodes_[other]->resource.id); });
    insert(by_type_and_code_, code_hash(node.type, node.resource.code),
           [this](NodeIndex other) { return code_hash(nodes_[other]->type, nodes_[other]->resource.code); });
    count_bearer(by_parent_and_code_, node.parent, node.resource.code, index, true, in_place);
    count_bearer(by_code_, no_node, node.resource.code, index, true, in_place);
    count_child(node.parent, true, in_place);
}

void Tree::unindex_node(NodeIndex index, const Node& node) {
    const auto match = [index](NodeIndex other) { return other == index; };
    by_id_.erase(id_hash(node.resource.id), match);
    by_type_and_code_.erase(code_hash(node.type, node.resource.code), match);
    count_bearer(by_parent_and_code_, node.parent, node.resource.code, index, false, false);
    count_bearer(by_code_, no_node, node.resource.code, index, false, false);
    count_child(node.parent, false, false);
}

std::shared_ptr<const Node> Tree::make_node(const Resource& resource, NameId type) const {
    auto node = std::make_shared<Node>();
    node->resource = resource;
    node->type = type;
    node->path = "/";
    if (resource.parent) {
        node->parent = find(*resource.parent);
        const Node& parent = *nodes_[node->parent];
        node->depth = parent.depth + 1;
        node->path = parent.path;
    }
    node->path += resource.id.text();
    node->path += '/';
    return node;
}

void Tree::store(NodeIndex index, std::shared_ptr<const Node> node, bool in_place) {
    if (const auto& before = nodes_[index]) bytes_ -= bytes_of(*before);
    if (node) bytes_ += bytes_of(*node);
    in_place ? nodes_.set_in_place(index, std::move(node)) : nodes_.set(index, std::move(node));
}

NodeIndex Tree::fresh_index(bool in_place) {
    if (!free_.empty()) {
        const NodeIndex index = free_.back();
        free_.pop_back();
        return index;
    }
    in_place ? nodes_.push_back_in_place(nullptr) : nodes_.push_back(nullptr);
    return static_cast<NodeIndex>(nodes_.size() - 1);
}

Tree::Effect Tree::put(const Resource& resource, NameId type, bool in_place) {
    const NodeIndex existing = find(resource.id);
    std::shared_ptr<const Node> node = make_node(resource, type);
    if (existing == no_node) {
        const NodeIndex index = fresh_index(in_place);
        store(index, node, in_place);
        index_node(index, *node, in_place);
        return {.names = true};
    }
    const std::shared_ptr<const Node> before = nodes_[existing];
    const bool named = before->type != type || before->resource.code != resource.code || before->parent != node->parent;
    const bool moved = before->path != node->path;
    if (named) unindex_node(existing, *before);
    store(existing, node, in_place);
    if (named) index_node(existing, *node, in_place);
    const bool places = moved && has_children(existing);
    if (places) replace_descendants(existing, before->path);
    return {.names = named, .places = places};
}

/// Gives everything below a moved resource its new path and depth. O(size of the tree): moves are rare.
void Tree::replace_descendants(NodeIndex moved, const std::string& old_path) {
    const std::shared_ptr<const Node> top = nodes_[moved];
    const std::size_t old_depth = (old_path.size() - 1) / 37 - 1;
    for (NodeIndex index = 0; index < nodes_.size(); ++index) {
        const std::shared_ptr<const Node> before = nodes_[index];
        if (!before || index == moved || !before->path.starts_with(old_path)) continue;
        auto node = std::make_shared<Node>(*before);
        node->path = top->path + before->path.substr(old_path.size());
        node->depth = static_cast<std::uint32_t>(before->depth - old_depth + top->depth);
        store(index, std::move(node), false);
    }
}

void Tree::remove(const ResourceId& id) {
    const NodeIndex index = find(id);
    const std::shared_ptr<const Node> node = nodes_[index];
    unindex_node(index, *node);
    store(index, nullptr, false);
    free_.push_back(index);
}

}  // namespace sentinel::engine
