#pragma once
/// A question's resource, found in the tree: the chain from the root to it, and how a selector's path matches it.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/question.hpp"
#include "engine/snapshot.hpp"

namespace sentinel::engine {

/// One step of the chain, root first.
struct ChainStep {
    enum class Kind : std::uint8_t {
        registered,
        text,     ///< plain text of an unregistered tail
        unnamed,  ///< an outside instance or a new resource below its parent: only wildcards match it
    };
    Kind kind = Kind::registered;
    NodeIndex node = no_node;
    NameId type = no_name;  ///< no_name also for text in mid-path
    std::string_view text;
};

/// Where a question's resource is. Views point into the question and the snapshot.
struct LocatedResource {
    std::vector<ChainStep> chain;  ///< empty: it lies nowhere
    NameId type = no_name;
    std::string_view type_text;
    NodeIndex node = no_node;                    ///< the resource itself, where registered
    std::optional<std::string_view> outside_id;  ///< of an outside instance
    bool active = true;                          ///< nothing on the chain is inactive
};

/// Form alone (semantics 1), in the order of QuestionError.
std::optional<QuestionError> check_form(const Question& question);

/// Which resource is meant (semantics 1.1 to 1.4). REQUIRES: check_form found no fault. Fills `located`, keeping its memory.
std::optional<QuestionError> locate(const ResourceReference& reference, const Snapshot& snapshot, LocatedResource& located);
/// A registered resource, named by its node.
void locate(NodeIndex node, const Snapshot& snapshot, LocatedResource& located);

inline constexpr int not_reached = -1;
/// The deepest step of the chain at which the selector's path itself matches, or not_reached. For one that reaches descendants any
/// step counts, else only the last. REQUIRES: target.base is no_node or on the chain.
int match_target(const ResolvedSelector& selector, const Target& target, const LocatedResource& located,
                 const Snapshot& snapshot) noexcept;

/// Whether a selector reaches the resource, without any index; the step as match_target gives it, the last one for ALL, TYPE, INSTANCE
/// (chain.size() - 1, which is -1 + 0 for a resource that lies nowhere: so `reached` is separate).
struct Reached {
    bool reached = false;
    int step = not_reached;
};
Reached reaches(const ResolvedSelector& selector, const LocatedResource& located, const Snapshot& snapshot) noexcept;

}  // namespace sentinel::engine
