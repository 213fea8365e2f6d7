/// Section 7, `ttl`: how long a caller may keep an answer.

#include <algorithm>

#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

constexpr std::int32_t longest = 300;

/// Whole seconds from now to an edge, at most 300; edges that are not later than now are none.
std::int32_t seconds_until(const std::optional<Instant>& edge, Instant now) {
    if (!edge || *edge <= now) return longest;
    const std::int64_t seconds = edge->seconds - now.seconds - (edge->nanoseconds < now.nanoseconds ? 1 : 0);
    return static_cast<std::int32_t>(std::min<std::int64_t>(seconds, longest));
}

std::int32_t seconds_until(const Validity& validity, Instant now) {
    if (!validity.active) return longest;
    return std::min(seconds_until(validity.starts_at, now), seconds_until(validity.expires_at, now));
}

/// Looks at every whole second of the next 300: where the local clock shows one of these times, or the offset changes.
std::int32_t seconds_until_local(const core::Zone& zone, std::initializer_list<int> times_of_day, Instant now) {
    int offset = zone.offset_seconds(now);
    // No zone changes its offset twice within 300 seconds, and asking for it is slow.
    const bool steady = zone.offset_seconds(now.plus_seconds(longest)) == offset;
    for (std::int64_t second = now.seconds + 1; second <= now.seconds + longest; ++second) {
        const Instant edge{.seconds = second};
        const int offset_here = steady ? offset : zone.offset_seconds(edge);
        const auto time_of_day = static_cast<int>((((second + offset_here) % 86400) + 86400) % 86400);
        const bool listed = std::ranges::find(times_of_day, time_of_day) != times_of_day.end();
        if (offset_here != offset || listed) return seconds_until(edge, now);
        offset = offset_here;
    }
    return longest;
}

bool reads_environment(std::string_view path) { return path.starts_with("env."); }

/// True when the operand, or an element of it, is a `$ref` to an `env.` path.
bool refers_to_environment(const json::Value& operand) {
    if (const std::string* path = reference_path(operand)) return reads_environment(*path);
    return operand.array() != nullptr && std::ranges::any_of(*operand.array(), refers_to_environment);
}

bool is_range(std::string_view operator_name) {
    return operator_name == "$gt" || operator_name == "$gte" || operator_name == "$lt" || operator_name == "$lte";
}

/// The end of a range on `env.time`; 0 where it is no literal date-time. The truth of `$gt` and `$lte` (and of the upper end of
/// `$between`) changes just after their bound, so that a bound that is now leaves no time at all.
std::int32_t seconds_until_bound(const json::Value& bound, Instant now, bool changes_just_after) {
    const auto instant = bound.text() != nullptr ? Instant::parse(*bound.text()) : std::nullopt;
    if (!instant || (changes_just_after && *instant == now)) return 0;
    return seconds_until(instant, now);
}

std::int32_t seconds_until_leaf(const ConditionNode& leaf, Instant now) {
    const json::Value& operand = *leaf.operand;
    if (refers_to_environment(operand)) return 0;
    if (!reads_environment(leaf.path) || leaf.operator_name == "$exists") return longest;
    if (leaf.path != "env.time") return 0;
    if (leaf.operator_name == "$timeOfDay") {
        const json::Object& window = *operand.object();
        const int from = *core::parse_time_of_day(*window.find("from")->text());
        const int to = *core::parse_time_of_day(*window.find("to")->text());
        return seconds_until_local(zone_of(window), {from, to}, now);
    }
    if (leaf.operator_name == "$weekday") return seconds_until_local(zone_of(*operand.object()), {0}, now);
    if (is_range(leaf.operator_name)) {
        return seconds_until_bound(operand, now, leaf.operator_name == "$gt" || leaf.operator_name == "$lte");
    }
    if (leaf.operator_name == "$between" && operand.array() != nullptr) {
        return std::min(seconds_until_bound(operand.array()->front(), now, false),
                        seconds_until_bound(operand.array()->back(), now, true));
    }
    return 0;
}

std::int32_t seconds_until_edge(const ConditionNode& node, Instant now) {
    if (node.kind == ConditionNode::Kind::leaf) return seconds_until_leaf(node, now);
    std::int32_t seconds = longest;
    for (const ConditionNode& child : node.children) seconds = std::min(seconds, seconds_until_edge(child, now));
    return seconds;
}

}  // namespace

std::int32_t seconds_to_live(const TenantPolicy& policy, const Subject& subject, const Holdings& holdings,
                             const std::vector<Candidate>& candidates, Instant now) {
    std::int32_t seconds = longest;
    const auto at_most = [&seconds](std::int32_t other) { seconds = std::min(seconds, other); };
    for (const RoleAssignment& row : subject.roles) at_most(seconds_until(row.validity, now));
    for (const GroupMembership& row : subject.groups) at_most(seconds_until(row.validity, now));
    for (const Group* group : holdings.groups) {
        for (const RoleAssignment& row : group->roles) at_most(seconds_until(row.validity, now));
    }
    for (const Grant& grant : policy.grants) {
        if (grant.subject == subject.id) at_most(seconds_until(grant.validity, now));
    }
    for (const Candidate& candidate : candidates) {
        if (candidate.permission != nullptr) at_most(seconds_until_edge(read_conditions(candidate.permission->conditions), now));
    }
    return seconds;
}

}  // namespace sentinel::engine::reference
