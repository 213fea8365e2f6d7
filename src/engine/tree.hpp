#pragma once
/// The tenant's resources, indexed: by id, by type and code, by parent and code. A copy is O(1), a change O(log n).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model.hpp"
#include "engine/persistent.hpp"

namespace sentinel::engine {

/// Interned type names. Numbers are never taken back: the names of a tenant are few.
using NameId = std::uint32_t;
inline constexpr NameId no_name = ~NameId{0};

struct TextTraits {
    static std::uint64_t hash(std::string_view text) noexcept { return hash_bytes(text); }
    static std::size_t bytes(const std::string& text) noexcept { return sizeof(std::string) + text.capacity(); }
};
using NamePool = InternPool<std::string, TextTraits>;

/// A resource's place in the tree; stays the same while the resource exists.
using NodeIndex = std::uint32_t;
inline constexpr NodeIndex no_node = ~NodeIndex{0};  ///< also stands for the root above all roots

struct Node {
    Resource resource;
    NodeIndex parent = no_node;
    std::uint32_t depth = 0;  ///< 0 = root
    NameId type = no_name;
    std::string path;  ///< `/<id>/…/<id>/`

    std::string_view id_text() const noexcept { return std::string_view(path).substr(path.size() - 37, 36); }
};

/// A chain holds at most this many resources (07 rule 4).
inline constexpr std::uint32_t max_tree_depth = 32;

class Tree {
public:
    std::size_t size() const noexcept { return by_id_.size(); }
    const Node& node(NodeIndex index) const noexcept { return *nodes_[index]; }
    NodeIndex find(const ResourceId& id) const noexcept;
    NodeIndex find(NameId type, std::string_view code) const noexcept;

    /// What bears a code: nobody, one node, or several.
    struct Bearer {
        NodeIndex node = no_node;  ///< the only one
        bool ambiguous = false;
    };
    /// The child of `parent` (no_node: among the roots) that bears the code.
    Bearer child_by_code(NodeIndex parent, std::string_view code) const noexcept;
    /// Whoever bears the code, over all types.
    Bearer any_by_code(std::string_view code) const noexcept;
    bool has_children(NodeIndex node) const noexcept;
    /// How many levels lie below a node. O(size of the tree).
    std::uint32_t height(NodeIndex top) const noexcept;

    /// What a change did: `places` when something moved that has others below it, so that every literal must be resolved anew.
    struct Effect {
        bool names = false;  ///< an id, code or type came, went or moved
        bool places = false;
    };
    /// Adds or replaces. REQUIRES: the parent, if any, exists and is not below the resource; type and code are free.
    Effect put(const Resource& resource, NameId type, bool in_place);
    /// REQUIRES: it exists and has no children.
    void remove(const ResourceId& id);

    template <class Visit>
    void for_each(const Visit& visit) const {
        by_id_.for_each([&](NodeIndex index) { visit(index, *nodes_[index]); });
    }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    /// How many nodes bear a code, and the exclusive or of their indexes: with one bearer that is its index.
    struct CodeEntry {
        std::shared_ptr<const std::string> code;
        NodeIndex parent = no_node;
        std::uint32_t count = 0;
        NodeIndex nodes_xor = 0;
    };
    using CodeIndex = HashTrie<CodeEntry>;
    struct ChildCount {
        NodeIndex parent = no_node;
        std::uint32_t count = 0;
    };

    static Bearer bearer_of(const CodeIndex& index, NodeIndex parent, std::string_view code) noexcept;
    static void count_bearer(CodeIndex& index, NodeIndex parent, const std::string& code, NodeIndex node, bool add,
                             bool in_place);
    void count_child(NodeIndex parent, bool add, bool in_place);
    void index_node(NodeIndex index, const Node& node, bool in_place);
    void unindex_node(NodeIndex index, const Node& node);
    std::shared_ptr<const Node> make_node(const Resource& resource, NameId type) const;
    void store(NodeIndex index, std::shared_ptr<const Node> node, bool in_place);
    void replace_descendants(NodeIndex moved, const std::string& old_path);
    NodeIndex fresh_index(bool in_place);

    PersistentVector<std::shared_ptr<const Node>> nodes_;
    HashTrie<NodeIndex> by_id_;
    HashTrie<NodeIndex> by_type_and_code_;
    CodeIndex by_parent_and_code_;
    CodeIndex by_code_;
    HashTrie<ChildCount> children_;
    std::vector<NodeIndex> free_;
    std::size_t bytes_ = 0;
};

}  // namespace sentinel::engine
