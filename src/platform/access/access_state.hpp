#pragma once
/// What the guard knows of one tenant at one policy revision: who is there, which roles they hold, which scopes follow.
/// Immutable; a changed copy shares all that did not change, so that one user's change does not copy a million.

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ip.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "engine/persistent.hpp"
#include "platform/service/actor.hpp"
#include "platform/service/scope.hpp"

namespace sentinel::access {

/// From one instant (included) to another (not included), to the microsecond; by default always.
struct Period {
    std::int64_t from = std::numeric_limits<std::int64_t>::min();  ///< microseconds since 1970
    std::int64_t until = std::numeric_limits<std::int64_t>::max();

    static Period of(std::optional<core::Instant> from, std::optional<core::Instant> until) noexcept;
    bool contains(core::Instant instant) const noexcept;
    friend bool operator==(const Period&, const Period&) noexcept = default;
};
/// Rounded down.
std::int64_t microseconds_of(core::Instant instant) noexcept;

enum class GrantKind : std::uint8_t { role, group };

/// An active row of user_roles or user_groups.
struct Grant {
    core::Uuid target;  ///< the role or the group
    GrantKind kind = GrantKind::role;
    Period period;
    friend bool operator==(const Grant&, const Grant&) noexcept = default;
};

struct SubjectRow {
    core::UserId id;
    platform::ActorKind kind = platform::ActorKind::user;
    bool is_active = true;
    std::int64_t token_epoch = 0;
    std::optional<core::Instant> locked_until;  ///< by an administrator; the automatic lock stops logins alone
    std::vector<core::IpNetwork> networks;      ///< service accounts: where their tokens may come from; empty = anywhere
    std::vector<Grant> grants;

    /// Active and not locked by an administrator. A deleted subject has no row.
    bool is_usable(core::Instant now) const noexcept { return is_active && !(locked_until && now < *locked_until); }
};

struct RoleRow {
    core::RoleId id;
    std::string name;
    std::optional<core::RoleId> parent;
    bool is_active = true;
    platform::ScopeSet scopes;  ///< its own; none of `system` and `platform` outside the platform tenant
};

struct GroupRow {
    core::GroupId id;
    std::optional<core::GroupId> parent;
    bool is_active = true;
    std::vector<core::RoleId> roles;
};

/// A tenant's own figures per minute (`settings.rate_limits`); absent = the server's, 0 = no limit.
struct RateOverrides {
    std::optional<std::int64_t> tenant;
    std::optional<std::int64_t> principal;
    std::optional<std::int64_t> checks;
    std::optional<std::int64_t> sensitive;  ///< per 15 minutes
    static RateOverrides read(const core::json::Object& settings);
    friend bool operator==(const RateOverrides&, const RateOverrides&) noexcept = default;
};

struct TenantRevision {
    core::TenantId tenant;
    std::int64_t revision = 0;
    friend bool operator==(const TenantRevision&, const TenantRevision&) noexcept = default;
};

/// The tenant's row together with what its ancestors decide for it.
struct TenantRow {
    core::TenantId id;
    std::string code;
    bool is_active = true;    ///< it and all its ancestors are
    bool is_deleted = false;  ///< it or an ancestor is: nothing exists there
    std::int64_t token_epoch = 0;
    std::vector<TenantRevision> ancestors;               ///< root first, each at the revision that was read
    std::vector<std::vector<core::IpNetwork>> networks;  ///< allowed_cidrs of the chain: a caller must be in every list
    RateOverrides rates;

    bool is_within(core::TenantId ancestor) const noexcept;
    bool allows(const core::IpAddress& address) const noexcept;
};

/// When a resident state was last known to be the newest, and used; written by any thread.
struct Freshness {
    std::atomic<std::int64_t> confirmed_at{0};     ///< steady nanoseconds
    mutable std::atomic<std::int64_t> used_at{0};  ///< steady seconds
};

class AccessState {
public:
    const TenantRow& tenant() const noexcept { return *tenant_; }
    std::int64_t revision() const noexcept { return revision_; }

    /// Null when there is none, or the subject is deleted.
    const SubjectRow* subject(core::UserId id) const noexcept { return subjects_.get(id); }
    const RoleRow* role(core::RoleId id) const noexcept;
    const GroupRow* group(core::GroupId id) const noexcept;
    std::optional<core::RoleId> find_role(std::string_view name) const;

    /// The union over the subject's effective roles of this tenant (roles of ancestor tenants bring no scopes: 04 rule 9).
    /// Nothing for a subject that is unknown or not usable.
    platform::ScopeSet scopes_of(core::UserId subject, core::Instant now) const noexcept;
    platform::ScopeSet scopes_of(const SubjectRow& subject, core::Instant now) const noexcept;
    /// With those of its active parents; nothing for an inactive or unknown role.
    platform::ScopeSet scopes_of_role(core::RoleId role) const noexcept;
    /// Held directly, through groups or as a parent of such a role; active ones; in order of id. Without `everyone`.
    std::vector<core::RoleId> effective_roles(core::UserId subject, core::Instant now) const;
    bool holds_role(core::UserId subject, core::RoleId role, core::Instant now) const;
    /// Their names, sorted.
    std::vector<std::string> effective_role_names(core::UserId subject, core::Instant now) const;

    template <class Visit>
    void for_each_subject(const Visit& visit) const {
        subjects_.for_each([&](const auto& row) { visit(*row); });
    }
    template <class Visit>
    void for_each_role(const Visit& visit) const {
        roles_.for_each([&](const auto& held) { visit(held->row); });
    }
    template <class Visit>
    void for_each_group(const Visit& visit) const {
        groups_.for_each([&](const auto& held) { visit(held->row); });
    }

    std::size_t bytes() const noexcept { return bytes_; }
    Freshness& freshness() const noexcept { return *freshness_; }

private:
    friend class AccessStateBuilder;
    struct HeldRole {
        core::RoleId id;
        RoleRow row;
        platform::ScopeSet effective;  ///< with parents
    };
    struct HeldGroup {
        core::GroupId id;
        GroupRow row;
        platform::ScopeSet effective;  ///< of its roles and those of its active parents
    };
    void collect_role(core::RoleId role, std::vector<core::RoleId>& into) const;
    void collect_group(core::GroupId group, std::vector<core::RoleId>& into) const;

    std::shared_ptr<const TenantRow> tenant_;
    std::int64_t revision_ = 0;
    engine::RowTable<SubjectRow> subjects_;
    engine::RowTable<HeldRole> roles_;
    engine::RowTable<HeldGroup> groups_;
    std::size_t bytes_ = 0;
    std::shared_ptr<Freshness> freshness_ = std::make_shared<Freshness>();
};

using AccessStatePointer = std::shared_ptr<const AccessState>;

/// Makes a state, or a changed copy of one.
class AccessStateBuilder {
public:
    AccessStateBuilder();
    explicit AccessStateBuilder(const AccessState& base);

    void set_revision(std::int64_t revision) { state_->revision_ = revision; }
    void set_tenant(TenantRow row);
    void put(SubjectRow row);
    void put(RoleRow row);
    void put(GroupRow row);
    void erase(core::UserId id);
    void erase(core::RoleId id);
    void erase(core::GroupId id);

    /// The row as it is now, or null.
    const SubjectRow* subject(core::UserId id) const noexcept { return state_->subject(id); }
    /// REQUIRES: set_tenant was called or the base had a tenant. Ends the builder.
    AccessStatePointer finish();

private:
    void recompute_roles();
    void recompute_groups();

    std::shared_ptr<AccessState> state_;
    bool building_;  ///< nothing is shared with another state yet
    bool hierarchy_changed_ = false;
};

}  // namespace sentinel::access
