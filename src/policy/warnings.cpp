#include "policy/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "engine/selector.hpp"
#include "policy/conversion.hpp"

namespace sentinel::policy {

namespace {

using engine::PathSegment;

std::string_view code_of(std::string_view key) { return key.substr(key.find('/') + 1); }

/// The resources of one document as a path meets them.
class Tree {
public:
    explicit Tree(const Document& document) {
        const IdMaker ids(document.tenant);
        for (const auto& [key, row] : document.resources) {
            const std::string_view parent = row.parent ? std::string_view(*row.parent) : std::string_view();
            const auto id = ids.make<engine::ResourceId>("resource", key);
            children_by_code_[{parent, code_of(key)}] = key;
            children_by_id_[{parent, id}] = key;
            codes_.insert(code_of(key));
            ids_.insert(id);
        }
    }

    bool empty() const noexcept { return ids_.empty(); }
    /// Key of the child of `parent` (empty: of the root) that the literal means, if there is one.
    std::optional<std::string_view> child(std::string_view parent, const PathSegment& literal) const {
        if (literal.id) {
            if (const auto found = children_by_id_.find({parent, *literal.id}); found != children_by_id_.end())
                return found->second;
        }
        const auto found = children_by_code_.find({parent, literal.text});
        return found == children_by_code_.end() ? std::nullopt : std::optional(found->second);
    }
    /// Whether any resource has the literal's id or code.
    bool has(const PathSegment& literal) const {
        return codes_.contains(literal.text) || (literal.id && ids_.contains(*literal.id));
    }

private:
    std::map<std::pair<std::string_view, std::string_view>, std::string_view> children_by_code_;
    std::map<std::pair<std::string_view, engine::ResourceId>, std::string_view> children_by_id_;
    std::set<std::string_view> codes_;
    std::set<engine::ResourceId> ids_;
};

/// The literals of a path that mean no resource: before the first wildcard the first that is none, all behind it are text too.
std::vector<std::string_view> unregistered(const Tree& tree, const std::vector<PathSegment>& segments) {
    std::vector<std::string_view> found;
    std::string_view node;
    bool is_below_wildcard = false;
    for (const PathSegment& segment : segments) {
        if (segment.kind != PathSegment::Kind::literal) {
            is_below_wildcard = true;
        } else if (is_below_wildcard) {
            if (!tree.has(segment)) found.push_back(segment.text);
        } else if (const auto child = tree.child(node, segment)) {
            node = *child;
        } else {
            found.push_back(segment.text);
            return found;
        }
    }
    return found;
}

class Warner {
public:
    Warner(const Document& document, std::string place) : place_(std::move(place)), tree_(document) {
        for (const auto& [key, row] : document.permissions) check("permissions", key, row.target);
        for (const auto& [key, row] : document.grants) check("grants", key, row.target);
    }
    std::vector<Problem> take() { return problems_.take(); }

private:
    void check(std::string_view kind, std::string_view key, const Target& target) {
        if (!target.resource_path || !target.resource_path->starts_with('/')) return;
        const auto selector = engine::parse_selector(target.resource_type, std::nullopt, *target.resource_path);
        if (!selector) return;
        const std::string pointer = core::pointer_to(fmt::format("{}/{}", place_, kind), key) + "/resource_path";
        for (const PathSegment& segment : selector->segments) {
            if (segment.text.find_first_of("*?#") == std::string::npos) continue;
            return problems_.add({0, pointer, "unreachable",
                                  fmt::format("no question's path can have the segment {}: only a whole segment `*` or `**` is a "
                                              "wildcard",
                                              quoted(segment.text))});
        }
        if (tree_.empty()) return;
        for (const std::string_view text : unregistered(tree_, selector->segments))
            problems_.add({0, pointer, "unregistered", fmt::format("the segment {} is no registered resource", quoted(text))});
    }

    std::string place_;
    Tree tree_;
    Problems problems_;
};

}  // namespace

std::vector<Problem> warnings(const Document& document) {
    std::vector<Problem> all = Warner(document, "").take();
    for (std::size_t i = 0; i < document.ancestors.size(); ++i)
        std::ranges::move(Warner(document.ancestors[i], fmt::format("/ancestors/{}", i)).take(), std::back_inserter(all));
    return all;
}

}  // namespace sentinel::policy
