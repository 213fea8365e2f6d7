/// Section 3's candidates in the order of section 4.

#include <algorithm>

#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

constexpr int grant_priority = 10'000;

bool lists(const std::vector<std::string>& actions, std::string_view action) {
    return std::ranges::any_of(actions, [&](const std::string& listed) { return listed == "*" || listed == action; });
}

/// Clause 2: attached to several effective roles, the highest priority counts (then the lowest id). The roles come in that order.
const HeldRole* carrier(const Holdings& holdings, std::size_t owner, const PermissionId& permission) {
    for (const HeldRole& held : holdings.roles) {
        if (held.owner == owner && std::ranges::find(held.role->permissions, permission) != held.role->permissions.end())
            return &held;
    }
    return nullptr;
}

/// True when left stands before right: the total order, clause by clause.
bool stands_before(const Candidate& left, const Candidate& right) {
    if (left.enforced != right.enforced) return left.enforced;                               // 1. guardrails before everything
    if (left.priority != right.priority) return left.priority > right.priority;              // 2. higher priority
    if (left.specificity != right.specificity) return left.specificity > right.specificity;  // 3. more specific
    if (left.effect != right.effect) return left.effect == Effect::deny;                     // 4. deny before allow
    return left.id < right.id;                                                               // 5. lower id
}

}  // namespace

std::vector<Candidate> candidates_of(const TenantPolicy& policy, const Holdings& holdings, const Subject& subject,
                                     std::string_view action, const AskedResource& asked, Instant now) {
    std::vector<Candidate> candidates;
    for (std::size_t owner = 0; owner < holdings.owners.size(); ++owner) {
        for (const Permission& permission : *holdings.owners[owner].permissions) {
            if (!permission.active || !lists(permission.actions, action)) continue;
            const HeldRole* role = carrier(holdings, owner, permission.id);
            if (role == nullptr) continue;
            const auto selector = read_selector(permission.resource_type, permission.resource_id, permission.resource_path,
                                                permission.applies_to_descendants);
            const auto reached = reach(policy, selector, permission.effect, owner != 0, asked);
            if (!reached) continue;
            candidates.push_back({.permission = &permission,
                                  .role = role,
                                  .priority = role->role->priority,
                                  .specificity = specificity_of(policy, selector),
                                  .effect = permission.effect,
                                  .enforced = permission.effect == Effect::deny && permission.enforced,
                                  .id = permission.id.value,
                                  .reached = *reached});
        }
    }
    for (const Grant& grant : policy.grants) {
        if (grant.subject != subject.id || !grant.validity.holds_at(now) || !lists(grant.actions, action)) continue;
        const auto selector =
            read_selector(grant.resource_type, grant.resource_id, grant.resource_path, grant.applies_to_descendants);
        const auto reached = reach(policy, selector, Effect::allow, false, asked);
        if (!reached) continue;
        candidates.push_back({.grant = &grant,
                              .priority = grant_priority,
                              .specificity = specificity_of(policy, selector),
                              .id = grant.id.value,
                              .reached = *reached});
    }
    std::ranges::sort(candidates, stands_before);
    return candidates;
}

}  // namespace sentinel::engine::reference
