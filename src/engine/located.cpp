#include "engine/located.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace sentinel::engine {

namespace {

using core::ErrorKind;

QuestionError malformed(std::string_view pointer, std::string_view code, std::string message) {
    return {ErrorKind::validation_failed, {std::string(pointer), std::string(code), std::move(message)}};
}

QuestionError unknown_parent(std::string_view parent) {
    return {ErrorKind::not_found, {"/resource/parent", "reference", fmt::format("The parent `{}` is not registered.", parent)}};
}

std::optional<QuestionError> check_text(const std::optional<std::string>& text, std::string_view pointer) {
    if (!text) return std::nullopt;
    if (auto fault = check_reference_text(*text, pointer)) return QuestionError{ErrorKind::validation_failed, std::move(*fault)};
    return std::nullopt;
}

std::optional<QuestionError> check_resource_form(const ResourceReference& resource) {
    if (!is_type_name(resource.type))
        return malformed("/resource/type", "format", fmt::format("`{}` is no resource type.", resource.type));
    if (auto error = check_text(resource.id, "/resource/id")) return error;
    if (resource.path) {
        if (resource.id) return malformed("/resource/path", "exclusive", "A resource has an id or a path, not both.");
        if (auto segments = split_question_path(*resource.path); !segments)
            return QuestionError{ErrorKind::validation_failed, segments.error()};
        if (resource.parent) return malformed("/resource/parent", "exclusive", "A resource asked by path names no parent.");
    }
    return check_text(resource.parent, "/resource/parent");
}

/// Appends the chain of a registered node, root first.
void append_chain(NodeIndex node, const Snapshot& snapshot, LocatedResource& located) {
    if (node == no_node) return;
    const std::size_t length = snapshot.tree.node(node).depth + 1;
    located.chain.resize(length);
    for (std::size_t at = length; at-- > 0;) {
        const Node& row = snapshot.tree.node(node);
        located.chain[at] = {ChainStep::Kind::registered, node, row.type, {}};
        located.active = located.active && row.resource.active;
        node = row.parent;
    }
}

/// The registered resource that a parent names: as an id, else as a code over all types.
std::expected<NodeIndex, QuestionError> find_parent(const std::string& parent, const Snapshot& snapshot) {
    if (const auto id = ResourceId::parse(parent)) {
        const NodeIndex node = snapshot.tree.find(*id);
        if (node != no_node) return node;
    }
    const Tree::Bearer bearer = snapshot.tree.any_by_code(parent);
    if (bearer.ambiguous) {
        return std::unexpected(
            malformed("/resource/parent", "ambiguous", fmt::format("Several resources bear the code `{}`.", parent)));
    }
    if (bearer.node == no_node) return std::unexpected(unknown_parent(parent));
    return bearer.node;
}

std::expected<NodeIndex, QuestionError> find_by_id(const ResourceReference& reference, NameId type, const Snapshot& snapshot) {
    if (const auto id = ResourceId::parse(*reference.id)) {
        const NodeIndex node = snapshot.tree.find(*id);
        if (node != no_node && snapshot.tree.node(node).type != type) {
            return std::unexpected(malformed(
                "/resource/id", "reference",
                fmt::format("The resource is of type `{}`, not `{}`.", snapshot.tree.node(node).resource.type, reference.type)));
        }
        if (node != no_node) return node;
    }
    return type == no_name ? no_node : snapshot.tree.find(type, *reference.id);
}

std::optional<QuestionError> locate_by_id(const ResourceReference& reference, const Snapshot& snapshot,
                                          LocatedResource& located) {
    std::expected<NodeIndex, QuestionError> node = no_node;
    if (reference.id) node = find_by_id(reference, located.type, snapshot);
    if (!node) return node.error();
    std::expected<NodeIndex, QuestionError> parent = no_node;
    if (reference.parent) parent = find_parent(*reference.parent, snapshot);
    if (!parent) return parent.error();
    if (*node != no_node) {
        if (reference.parent && snapshot.tree.node(*node).parent != *parent) {
            return malformed("/resource/parent", "reference",
                             fmt::format("`{}` is not the parent of this resource.", *reference.parent));
        }
        locate(*node, snapshot, located);
        return std::nullopt;
    }
    if (reference.id) located.outside_id = *reference.id;
    if (!reference.parent) return std::nullopt;
    append_chain(*parent, snapshot, located);
    located.chain.push_back({ChainStep::Kind::unnamed, no_node, located.type, {}});
    return std::nullopt;
}

QuestionError ambiguous_segment(std::string_view segment) {
    return malformed("/resource/path", "ambiguous", fmt::format("The code `{}` fits two resources at this place.", segment));
}

/// The child that one segment of a path means; no_node: from here on plain text.
std::expected<NodeIndex, QuestionError> step_down(NodeIndex parent, std::string_view segment, bool is_last, NameId type,
                                                  const Snapshot& snapshot) {
    if (const auto id = ResourceId::parse(segment)) {
        const NodeIndex node = snapshot.tree.find(*id);
        if (node != no_node && snapshot.tree.node(node).parent == parent) return node;
    }
    const Tree::Bearer bearer = snapshot.tree.child_by_code(parent, segment);
    if (!bearer.ambiguous) return bearer.node;
    if (is_last && type != no_name) {
        const NodeIndex of_type = snapshot.tree.find(type, segment);
        if (of_type != no_node && snapshot.tree.node(of_type).parent == parent) return of_type;
    }
    return std::unexpected(ambiguous_segment(segment));
}

std::optional<QuestionError> locate_by_path(const ResourceReference& reference, const Snapshot& snapshot,
                                            LocatedResource& located) {
    const auto segments = split_question_path(*reference.path);
    NodeIndex node = no_node;
    std::size_t at = 0;
    for (; at < segments->size(); ++at) {
        const auto child = step_down(node, (*segments)[at], at + 1 == segments->size(), located.type, snapshot);
        if (!child) return child.error();
        if (*child == no_node) break;
        node = *child;
    }
    append_chain(node, snapshot, located);
    if (at == segments->size()) {
        const Node& row = snapshot.tree.node(node);
        if (row.type != located.type) {
            return malformed(
                "/resource/path", "reference",
                fmt::format("The path ends at a resource of type `{}`, not `{}`.", row.resource.type, reference.type));
        }
        located.node = node;
        return std::nullopt;
    }
    for (; at < segments->size(); ++at) {
        const bool is_last = at + 1 == segments->size();
        located.chain.push_back({ChainStep::Kind::text, no_node, is_last ? located.type : no_name, (*segments)[at]});
    }
    return std::nullopt;
}

bool literal_matches(const PathSegment& literal, const ChainStep& step, const Snapshot& snapshot) noexcept {
    switch (step.kind) {
        case ChainStep::Kind::unnamed: return false;
        case ChainStep::Kind::text: return step.text == literal.text;
        case ChainStep::Kind::registered: {
            const Resource& resource = snapshot.tree.node(step.node).resource;
            return literal.text == resource.code || literal.id == resource.id;
        }
    }
    std::unreachable();
}

bool segment_matches(const PathSegment& segment, const ChainStep& step, const Snapshot& snapshot) noexcept {
    return segment.kind != PathSegment::Kind::literal || literal_matches(segment, step, snapshot);
}

/// The states of a matcher: bit i = the first i segments of the pattern are matched. `**` may also match nothing.
class PatternStates {
public:
    explicit PatternStates(const std::vector<PathSegment>& pattern) : pattern_(pattern) { add(0); }
    bool accepts() const noexcept { return (states_ >> pattern_.size() & 1) != 0; }

    void take(const ChainStep& step, const Snapshot& snapshot) noexcept {
        std::uint64_t before = std::exchange(states_, 0);
        for (; before != 0; before &= before - 1) {
            const auto state = static_cast<std::size_t>(std::countr_zero(before));
            if (state == pattern_.size() || !segment_matches(pattern_[state], step, snapshot)) continue;
            add(pattern_[state].kind == PathSegment::Kind::many ? state : state + 1);
        }
    }

private:
    void add(std::size_t state) noexcept {
        states_ |= std::uint64_t{1} << state;
        for (; state < pattern_.size() && pattern_[state].kind == PathSegment::Kind::many; ++state)
            states_ |= std::uint64_t{2} << state;
    }

    const std::vector<PathSegment>& pattern_;
    std::uint64_t states_ = 0;
};
static_assert(max_pattern_segments < 64, "PatternStates keeps one bit for each segment and one for the end");

}  // namespace

std::optional<QuestionError> check_form(const Question& question) {
    const std::string& subject = question.subject.text;
    if (subject.empty() || subject.size() > max_subject_bytes || !core::is_utf8(subject)) {
        return malformed("/user_id", "format", fmt::format("A subject's id is 1 to {} bytes of UTF-8.", max_subject_bytes));
    }
    if (!is_action_name(question.action)) {
        return malformed("/action", "format",
                         fmt::format("`{}` is no action name ([a-z][a-z0-9_.:-]{{0,63}}).", question.action));
    }
    if (auto error = check_resource_form(question.resource)) return error;
    if (const json::Value* time = question.context.find("time");
        time != nullptr && (time->text() == nullptr || !Instant::parse(*time->text()))) {
        return malformed("/context/time", "format", "`time` must be an RFC 3339 date-time.");
    }
    return std::nullopt;
}

void locate(NodeIndex node, const Snapshot& snapshot, LocatedResource& located) {
    located.chain.clear();
    located.active = true;
    located.node = node;
    located.outside_id.reset();
    located.type = snapshot.tree.node(node).type;
    located.type_text = snapshot.tree.node(node).resource.type;
    append_chain(node, snapshot, located);
}

std::optional<QuestionError> locate(const ResourceReference& reference, const Snapshot& snapshot, LocatedResource& located) {
    located.chain.clear();
    located.active = true;
    located.node = no_node;
    located.outside_id.reset();
    located.type = snapshot.name(reference.type);
    located.type_text = reference.type;
    return reference.path ? locate_by_path(reference, snapshot, located) : locate_by_id(reference, snapshot, located);
}

int match_target(const ResolvedSelector& selector, const Target& target, const LocatedResource& located,
                 const Snapshot& snapshot) noexcept {
    const auto& chain = located.chain;
    const auto last = static_cast<int>(chain.size()) - 1;
    const int base = target.base == no_node ? -1 : static_cast<int>(snapshot.tree.node(target.base).depth);
    const bool any_type = selector.type == wildcard;
    const auto counts = [&](int step) {
        if (step < 0 || (!selector.descendants && step != last)) return false;
        if (any_type) return true;
        const NameId type = chain[static_cast<std::size_t>(step)].type;
        return type != no_name && snapshot.names[type] == selector.type;
    };
    int deepest = not_reached;
    PatternStates states(target.rest);
    for (int step = base;; ++step) {
        if (states.accepts() && counts(step)) deepest = step;
        if (step == last) return deepest;
        states.take(chain[static_cast<std::size_t>(step + 1)], snapshot);
    }
}

namespace {

bool has_base(const Target& target, const LocatedResource& located, const Snapshot& snapshot) noexcept {
    if (target.base == no_node) return true;
    const std::size_t depth = snapshot.tree.node(target.base).depth;
    return depth < located.chain.size() && located.chain[depth].node == target.base;
}

}  // namespace

Reached reaches(const ResolvedSelector& selector, const LocatedResource& located, const Snapshot& snapshot) noexcept {
    const auto last = static_cast<int>(located.chain.size()) - 1;
    switch (selector.form) {
        case SelectorForm::all: return {true, last};
        case SelectorForm::type: return {selector.type == located.type_text, last};
        case SelectorForm::instance: return {located.outside_id == selector.instance && selector.type == located.type_text, last};
        case SelectorForm::node:
        case SelectorForm::path: break;
    }
    for (const Target& target : selector.targets) {
        if (located.chain.empty() || !has_base(target, located, snapshot)) continue;
        if (const int step = match_target(selector, target, located, snapshot); step != not_reached) return {true, step};
    }
    return {};
}

}  // namespace sentinel::engine
