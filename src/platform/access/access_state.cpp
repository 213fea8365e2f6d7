#include "platform/access/access_state.hpp"

#include <algorithm>
#include <utility>

namespace sentinel::access {

namespace {

/// Hierarchies have at most 32 levels; a longer walk is one through a cycle, and what lies beyond counts for nothing.
constexpr int max_walk = 64;

/// The members of `settings.rate_limits` were checked at their write; one that is no whole number not below 0 is as good as absent.
std::optional<std::int64_t> figure_of(const core::json::Object& limits, std::string_view bucket) {
    const core::json::Value* value = limits.find(bucket);
    const double* number = value == nullptr ? nullptr : value->number();
    if (number == nullptr || *number < 0 || *number > 1e9) return std::nullopt;
    const auto figure = static_cast<std::int64_t>(*number);
    return static_cast<double>(figure) == *number ? std::optional(figure) : std::nullopt;
}

std::size_t bytes_of(const SubjectRow& row) {
    constexpr std::size_t shared_row = 32;
    return sizeof(SubjectRow) + shared_row + engine::HashTrie<std::shared_ptr<const SubjectRow>>::bytes_per_entry +
           row.grants.capacity() * sizeof(Grant) + row.networks.capacity() * sizeof(core::IpNetwork);
}
std::size_t bytes_of(const RoleRow& row) { return 192 + row.name.capacity(); }
std::size_t bytes_of(const GroupRow& row) { return 192 + row.roles.capacity() * sizeof(core::RoleId); }
constexpr std::size_t bytes_of_tenant = 4096;

template <class Id>
bool contains(const std::vector<Id>& ids, const Id& id) {
    return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

std::int64_t microseconds_of(core::Instant instant) noexcept { return instant.seconds * 1'000'000 + instant.nanoseconds / 1'000; }

Period Period::of(std::optional<core::Instant> from, std::optional<core::Instant> until) noexcept {
    Period period;
    if (from) period.from = microseconds_of(*from);
    if (until) period.until = microseconds_of(*until);
    return period;
}

bool Period::contains(core::Instant instant) const noexcept {
    const std::int64_t now = microseconds_of(instant);
    return from <= now && now < until;
}

RateOverrides RateOverrides::read(const core::json::Object& settings) {
    const core::json::Value* limits = settings.find("rate_limits");
    const core::json::Object* figures = limits == nullptr ? nullptr : limits->object();
    if (figures == nullptr) return {};
    return {.tenant = figure_of(*figures, "tenant"),
            .principal = figure_of(*figures, "principal"),
            .checks = figure_of(*figures, "checks"),
            .sensitive = figure_of(*figures, "sensitive")};
}

bool TenantRow::is_within(core::TenantId ancestor) const noexcept {
    return std::ranges::any_of(ancestors, [&](const TenantRevision& held) { return held.tenant == ancestor; });
}

bool TenantRow::allows(const core::IpAddress& address) const noexcept {
    return std::ranges::all_of(networks, [&](const std::vector<core::IpNetwork>& list) {
        return std::ranges::any_of(list, [&](const core::IpNetwork& network) { return network.contains(address); });
    });
}

const RoleRow* AccessState::role(core::RoleId id) const noexcept {
    const HeldRole* held = roles_.get(id);
    return held == nullptr ? nullptr : &held->row;
}

const GroupRow* AccessState::group(core::GroupId id) const noexcept {
    const HeldGroup* held = groups_.get(id);
    return held == nullptr ? nullptr : &held->row;
}

std::optional<core::RoleId> AccessState::find_role(std::string_view name) const {
    std::optional<core::RoleId> found;
    for_each_role([&](const RoleRow& row) {
        if (row.name == name) found = row.id;
    });
    return found;
}

platform::ScopeSet AccessState::scopes_of(core::UserId subject, core::Instant now) const noexcept {
    const SubjectRow* row = subjects_.get(subject);
    return row == nullptr ? platform::ScopeSet() : scopes_of(*row, now);
}

platform::ScopeSet AccessState::scopes_of(const SubjectRow& subject, core::Instant now) const noexcept {
    platform::ScopeSet scopes;
    if (!subject.is_usable(now)) return scopes;
    for (const Grant& grant : subject.grants) {
        if (!grant.period.contains(now)) continue;
        if (grant.kind == GrantKind::role) {
            scopes = scopes.united(scopes_of_role(core::RoleId{grant.target}));
        } else if (const HeldGroup* group = groups_.get(core::GroupId{grant.target}); group != nullptr) {
            scopes = scopes.united(group->effective);
        }
    }
    return scopes;
}

platform::ScopeSet AccessState::scopes_of_role(core::RoleId role) const noexcept {
    const HeldRole* held = roles_.get(role);
    return held == nullptr ? platform::ScopeSet() : held->effective;
}

void AccessState::collect_role(core::RoleId role, std::vector<core::RoleId>& into) const {
    std::optional<core::RoleId> at = role;
    while (at) {
        const HeldRole* held = roles_.get(*at);
        if (held == nullptr || !held->row.is_active || contains(into, *at)) return;
        into.push_back(*at);
        at = held->row.parent;
    }
}

void AccessState::collect_group(core::GroupId group, std::vector<core::RoleId>& into) const {
    std::optional<core::GroupId> at = group;
    for (int step = 0; at && step < max_walk; ++step) {
        const HeldGroup* held = groups_.get(*at);
        if (held == nullptr || !held->row.is_active) return;
        for (const core::RoleId role : held->row.roles) collect_role(role, into);
        at = held->row.parent;
    }
}

std::vector<core::RoleId> AccessState::effective_roles(core::UserId subject, core::Instant now) const {
    std::vector<core::RoleId> roles;
    const SubjectRow* row = subjects_.get(subject);
    if (row == nullptr || !row->is_usable(now)) return roles;
    for (const Grant& grant : row->grants) {
        if (!grant.period.contains(now)) continue;
        if (grant.kind == GrantKind::role) {
            collect_role(core::RoleId{grant.target}, roles);
        } else {
            collect_group(core::GroupId{grant.target}, roles);
        }
    }
    std::ranges::sort(roles);
    return roles;
}

bool AccessState::holds_role(core::UserId subject, core::RoleId role, core::Instant now) const {
    return contains(effective_roles(subject, now), role);
}

std::vector<std::string> AccessState::effective_role_names(core::UserId subject, core::Instant now) const {
    std::vector<std::string> names;
    for (const core::RoleId id : effective_roles(subject, now)) names.push_back(role(id)->name);
    std::ranges::sort(names);
    return names;
}

AccessStateBuilder::AccessStateBuilder() : state_(std::make_shared<AccessState>()), building_(true) {
    state_->bytes_ = bytes_of_tenant;
}

AccessStateBuilder::AccessStateBuilder(const AccessState& base) : state_(std::make_shared<AccessState>(base)), building_(false) {}

void AccessStateBuilder::set_tenant(TenantRow row) { state_->tenant_ = std::make_shared<const TenantRow>(std::move(row)); }

void AccessStateBuilder::put(SubjectRow row) {
    if (!building_) erase(row.id);
    row.grants.shrink_to_fit();
    state_->bytes_ += bytes_of(row);
    state_->subjects_.put(std::make_shared<const SubjectRow>(std::move(row)), building_);
}

void AccessStateBuilder::put(RoleRow row) {
    if (!building_) erase(row.id);
    hierarchy_changed_ = true;
    platform::ScopeSet allowed;
    for (std::size_t index = 0; index < platform::scope_count; ++index) {
        const auto scope = static_cast<platform::Scope>(index);
        const bool is_platform = state_->tenant_ && state_->tenant_->id == core::platform_tenant;
        if (row.scopes.has(scope) && (is_platform || !platform::is_platform_only(scope))) allowed.add(scope);
    }
    row.scopes = allowed;
    state_->bytes_ += bytes_of(row);
    const core::RoleId id = row.id;
    state_->roles_.put(std::make_shared<const AccessState::HeldRole>(AccessState::HeldRole{id, std::move(row), {}}), building_);
}

void AccessStateBuilder::put(GroupRow row) {
    if (!building_) erase(row.id);
    hierarchy_changed_ = true;
    row.roles.shrink_to_fit();
    state_->bytes_ += bytes_of(row);
    const core::GroupId id = row.id;
    state_->groups_.put(std::make_shared<const AccessState::HeldGroup>(AccessState::HeldGroup{id, std::move(row), {}}),
                        building_);
}

void AccessStateBuilder::erase(core::UserId id) {
    const SubjectRow* row = state_->subjects_.get(id);
    if (row == nullptr) return;
    state_->bytes_ -= bytes_of(*row);
    state_->subjects_.erase(id);
}

void AccessStateBuilder::erase(core::RoleId id) {
    const AccessState::HeldRole* held = state_->roles_.get(id);
    if (held == nullptr) return;
    hierarchy_changed_ = true;
    state_->bytes_ -= bytes_of(held->row);
    state_->roles_.erase(id);
}

void AccessStateBuilder::erase(core::GroupId id) {
    const AccessState::HeldGroup* held = state_->groups_.get(id);
    if (held == nullptr) return;
    hierarchy_changed_ = true;
    state_->bytes_ -= bytes_of(held->row);
    state_->groups_.erase(id);
}

void AccessStateBuilder::recompute_roles() {
    std::vector<AccessState::HeldRole> changed;
    state_->roles_.for_each([&](const auto& held) {
        platform::ScopeSet effective;
        const AccessState::HeldRole* at = held.get();
        for (int step = 0; at != nullptr && at->row.is_active && step < max_walk; ++step) {
            effective = effective.united(at->row.scopes);
            at = at->row.parent ? state_->roles_.get(*at->row.parent) : nullptr;
        }
        if (effective != held->effective) changed.push_back({held->id, held->row, effective});
    });
    for (AccessState::HeldRole& held : changed) {
        state_->roles_.put(std::make_shared<const AccessState::HeldRole>(std::move(held)), building_);
    }
}

void AccessStateBuilder::recompute_groups() {
    std::vector<AccessState::HeldGroup> changed;
    state_->groups_.for_each([&](const auto& held) {
        platform::ScopeSet effective;
        const AccessState::HeldGroup* at = held.get();
        for (int step = 0; at != nullptr && at->row.is_active && step < max_walk; ++step) {
            for (const core::RoleId role : at->row.roles) effective = effective.united(state_->scopes_of_role(role));
            at = at->row.parent ? state_->groups_.get(*at->row.parent) : nullptr;
        }
        if (effective != held->effective) changed.push_back({held->id, held->row, effective});
    });
    for (AccessState::HeldGroup& held : changed) {
        state_->groups_.put(std::make_shared<const AccessState::HeldGroup>(std::move(held)), building_);
    }
}

AccessStatePointer AccessStateBuilder::finish() {
    if (hierarchy_changed_) {
        recompute_roles();
        recompute_groups();
    }
    return std::move(state_);
}

}  // namespace sentinel::access
