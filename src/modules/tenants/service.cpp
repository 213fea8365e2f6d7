#include "modules/tenants/tenants.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "modules/tenants/relation.hpp"
#include "modules/tenants/repository.hpp"
#include "platform/postgres/errors.hpp"

namespace sentinel::tenants {

namespace json = core::json;
using boost::asio::awaitable;
using platform::ErrorCode;
using platform::ServiceError;

namespace {

constexpr std::size_t deepest_tenant = 32;

std::int64_t sub_tenant_limit(const json::Object& settings) {
    const json::Value* limit = settings.find("max_sub_tenants");
    return limit == nullptr || limit->number() == nullptr ? 100 : static_cast<std::int64_t>(*limit->number());
}

void check_parent(const TenantPlace& parent) {
    if (parent.is_deleted) throw platform::not_found("tenant", "/parent_tenant_id");
    if (!parent.is_active) throw platform::conflict("state", "The parent tenant is suspended.", "/parent_tenant_id");
    if (parent.ancestors.size() + 2 > deepest_tenant) {
        std::vector<std::string> path;
        for (const core::TenantId ancestor : parent.ancestors) path.push_back(ancestor.text());
        path.push_back(parent.id.text());
        throw platform::cycle(std::move(path), fmt::format("Tenants nest at most {} deep.", deepest_tenant));
    }
}

writes::PolicyLocks locks_for_creating(core::TenantId tenant, const std::optional<TenantPlace>& parent) {
    writes::PolicyLocks locks{.target = tenant, .with_descendants = false, .shared = {}, .creates_target = true};
    if (parent) {
        locks.shared = parent->ancestors;
        locks.shared.push_back(parent->id);
    }
    return locks;
}

TenantRow row_of(const NewTenant& body, core::TenantId id, const std::optional<TenantPlace>& parent) {
    TenantRow row;
    row.id = id;
    row.name = body.name;
    row.code = body.code;
    row.isolation_mode = body.isolation_mode;
    row.settings = body.settings;
    row.features = body.features;
    std::ranges::sort(row.features);
    row.metadata = body.metadata;
    row.security_settings = body.security_settings;
    if (parent) {
        row.type = TenantType::sub_tenant;
        row.parent = parent->id;
        row.ancestors = parent->ancestors;
        row.ancestors.push_back(parent->id);
    }
    return row;
}

std::optional<core::UserId> actor_in(const platform::RequestContext& context, core::TenantId tenant) {
    if (context.actor.kind == platform::ActorKind::system || context.actor.home_tenant != tenant) return std::nullopt;
    return context.actor.user;
}

}  // namespace

awaitable<Tenant> TenantService::create(platform::RequestContext& context, const CreateTenant& body) {
    return create_under(context, body.tenant, body.parent_tenant_id);
}

awaitable<Tenant> TenantService::create_below(platform::RequestContext& context, core::TenantId parent,
                                              const CreateSubTenant& body) {
    return create_under(context, body.tenant, parent);
}

awaitable<Tenant> TenantService::create_under(platform::RequestContext& context, const NewTenant& body,
                                              std::optional<core::TenantId> parent_id) {
    if (!parent_id && !is_platform_administrator(context.actor)) {
        throw platform::permission_denied(text_of(platform::Scope::platform_admin));
    }
    std::optional<TenantPlace> parent;
    if (parent_id) {
        parent = co_await find_parent(context, *parent_id);
        check_parent(*parent);
    }
    check_may_write_settings(context.actor, Relation::ancestor, body.settings);
    if (parent) check_within_own(context.actor, *parent, effective_settings(parent->settings, options_.defaults), body);
    const core::TenantId id{writer_->tools().ids->next()};
    try {
        co_return co_await writer_->write_policy<Tenant>(context, locks_for_creating(id, parent),
                                                         [&](writes::WriteTransaction& write) -> awaitable<Tenant> {
                                                             co_await check_quotas(write, parent);
                                                             co_return co_await insert(write, row_of(body, id, parent));
                                                         });
    } catch (const postgres::UniqueViolation& violation) {
        if (violation.constraint() != "tenants_code_key" && violation.constraint() != "tenant_state_code_key") throw;
    }
    throw platform::conflict("duplicate", "A tenant with this code exists.", "/code");
}

awaitable<std::optional<TenantPlace>> TenantService::find_parent(const platform::RequestContext& context, core::TenantId parent) {
    if (!options_.sub_tenants_enabled)
        throw ServiceError(ErrorCode::feature_disabled, "Sub-tenants are switched off on this server.");
    auto place = co_await database_->read(
        context.actor.tenant, [&](postgres::Transaction& transaction) { return repository::find_place(transaction, parent); });
    // Not visible and not there are the same (rule 2).
    if (!place) throw platform::not_found("tenant", "/parent_tenant_id");
    co_return place;
}

awaitable<void> TenantService::check_quotas(writes::WriteTransaction& write, const std::optional<TenantPlace>& parent) {
    const std::int64_t tenants = co_await repository::lock_and_count_tenants(write.sql());
    if (options_.max_tenants > 0 && tenants >= options_.max_tenants) {
        throw platform::quota_exceeded("max_tenants", options_.max_tenants, tenants);
    }
    if (!parent) co_return;
    const std::int64_t limit = sub_tenant_limit(parent->settings);
    const std::int64_t children = co_await repository::count_children(write.sql(), parent->id);
    if (children >= limit) throw platform::quota_exceeded("max_sub_tenants", limit, children);
}

awaitable<Tenant> TenantService::insert(writes::WriteTransaction& write, TenantRow row) {
    const core::TenantId acting = write.tenant();
    const crypto::NewTenantKeys keys = crypto::make_tenant_keys(write.master_key(), row.id);
    row.salt_encrypted = keys.salt_encrypted;
    co_await repository::insert_state(write.sql(), row.id, row.code);
    co_await repository::insert(write.sql(), row);
    for (const crypto::WrappedTenantKey& key : keys.keys) co_await repository::insert_key(write.sql(), row.id, key);
    co_await write.sql().switch_tenant(row.id);
    co_await insert_contents(write, row);
    auto made = co_await repository::find(write.sql(), row.id);
    const json::Object details{{"code", row.code}, {"name", row.name}};
    const auto record = [&](writes::AuditAction action) {
        return writes::AuditEvent{
            .action = action, .resource_type = "tenant", .resource_id = row.id.text(), .resource_details = details};
    };
    if (row.parent) {
        write.audit(record("tenant.create"));
        write.audit_across(*row.parent, record("tenant.sub_create"));
    } else {
        write.audit_across(row.id, record("tenant.create"));
    }
    co_await write.sql().switch_tenant(acting);
    co_return std::move(*made);
}

awaitable<void> TenantService::insert_contents(writes::WriteTransaction& write, const TenantRow& row) {
    for (const SystemRole& role : system_roles()) {
        if (role.is_platform_only && row.id != core::platform_tenant) continue;
        const core::RoleId id{write.new_id()};
        co_await repository::insert_role(write.sql(), id, role);
        if (!role.covers_everything) continue;
        co_await repository::insert_all_covering_permission(write.sql(), core::PermissionId{write.new_id()}, id, write.new_id());
    }
}

awaitable<TenantPlace> TenantService::find_target(const platform::RequestContext& context, core::TenantId tenant) {
    const auto place = co_await database_->read(
        context.actor.tenant, [&](postgres::Transaction& transaction) { return repository::find_place(transaction, tenant); });
    if (!place || place->is_deleted) throw platform::not_found("tenant");
    co_return *place;
}

awaitable<SuspendedTenant> TenantService::suspend(platform::RequestContext& context, core::TenantId tenant,
                                                  const SuspendTenant& body) {
    const TenantPlace place = co_await find_target(context, tenant);
    if (tenant == core::platform_tenant) throw ServiceError(ErrorCode::system_object, "The platform tenant cannot be suspended.");
    check_may_administer(context.actor, place);
    writes::PolicyLocks locks{.target = tenant, .with_descendants = true, .shared = {}, .creates_target = false};
    co_return co_await writer_->write_policy<SuspendedTenant>(
        context, std::move(locks), [&](writes::WriteTransaction& write) -> awaitable<SuspendedTenant> {
            const core::TenantId acting = write.tenant();
            if (!body.cascade) {
                const std::int64_t active = co_await repository::count_active_descendants(write.sql(), tenant);
                if (active > 0) {
                    throw platform::conflict("in_use", "Active sub-tenants stand below this one; cascade suspends them too.")
                        .with_detail("active_sub_tenants", active);
                }
            }
            const auto by = actor_in(context, tenant);
            const std::vector<core::TenantId> suspended =
                co_await repository::suspend(write.sql(), tenant, body.cascade, by, body.reason);
            if (std::ranges::find(suspended, tenant) == suspended.end()) {
                throw platform::conflict("state", "The tenant is suspended already.");
            }
            SuspendedTenant result{
                .tenant = {}, .sessions_ended = 0, .tenants_suspended = static_cast<std::int64_t>(suspended.size())};
            for (const core::TenantId ended : suspended) {
                co_await repository::set_state(write.sql(), ended, false, true);
                co_await write.sql().switch_tenant(ended);
                result.sessions_ended += co_await repository::end_sessions(write.sql(), ended);
                write.audit_across(
                    ended, {.action = "tenant.suspend",
                            .resource_type = "tenant",
                            .resource_id = ended.text(),
                            .metadata = json::Object{{"reason", body.reason ? json::Value(*body.reason) : json::Value()}}});
            }
            co_await write.sql().switch_tenant(acting);
            auto row = co_await repository::find(write.sql(), tenant);
            result.tenant = visible_to(context.actor, std::move(*row));
            co_return result;
        });
}

awaitable<Tenant> TenantService::activate(platform::RequestContext& context, core::TenantId tenant) {
    const TenantPlace place = co_await find_target(context, tenant);
    check_may_administer(context.actor, place);
    writes::PolicyLocks locks{.target = tenant, .with_descendants = true, .shared = place.ancestors, .creates_target = false};
    co_return co_await writer_->write_policy<Tenant>(
        context, std::move(locks), [&](writes::WriteTransaction& write) -> awaitable<Tenant> {
            const core::TenantId acting = write.tenant();
            const auto now = co_await repository::find_place(write.sql(), tenant);
            if (!now || now->is_deleted) throw platform::not_found("tenant");
            if (now->is_active) throw platform::conflict("state", "The tenant is active already.");
            for (const core::TenantId ancestor : place.ancestors) {
                co_await write.sql().switch_tenant(ancestor);
                const auto above = co_await repository::find_place(write.sql(), ancestor);
                if (!above || !above->is_active) throw platform::conflict("state", "A tenant above this one is suspended.");
            }
            co_await write.sql().switch_tenant(acting);
            co_await repository::activate(write.sql(), tenant);
            co_await repository::set_state(write.sql(), tenant, true, false);
            write.audit_across(tenant, {.action = "tenant.activate", .resource_type = "tenant", .resource_id = tenant.text()});
            auto row = co_await repository::find(write.sql(), tenant);
            co_return visible_to(context.actor, std::move(*row));
        });
}

awaitable<bool> TenantService::ensure_platform_tenant(platform::RequestContext& context) {
    const auto place = co_await database_->read(core::platform_tenant, [](postgres::Transaction& transaction) {
        return repository::find_place(transaction, core::platform_tenant);
    });
    if (place) co_return false;
    TenantRow row;
    row.id = core::platform_tenant;
    row.name = "Sentinel Platform";
    row.code = "PLATFORM";
    row.isolation_mode = IsolationMode::dedicated;
    row.settings = {{"is_platform_tenant", true}};
    row.security_settings = {{"encryption_enabled", true}, {"audit_all_access", true}};
    co_await writer_->write_policy<Tenant>(context, locks_for_creating(row.id, std::nullopt),
                                           [&](writes::WriteTransaction& write) { return insert(write, row); });
    co_return true;
}

}  // namespace sentinel::tenants
