#include <span>
#include <utility>
#include <vector>

#include "modules/tenants/relation.hpp"
#include "modules/tenants/repository.hpp"
#include "modules/tenants/tenants.hpp"

namespace sentinel::tenants {

namespace json = core::json;
using boost::asio::awaitable;

namespace {

/// A tenant's way from the root, itself included. Rows of ancestors are seen only as that ancestor.
awaitable<std::vector<repository::Step>> way_from_root(postgres::Transaction& transaction, const Tenant& tenant) {
    const core::TenantId acting = transaction.tenant();
    std::vector<repository::Step> way;
    for (const core::TenantId ancestor : tenant.ancestors) {
        co_await transaction.switch_tenant(ancestor);
        if (auto step = co_await repository::find_step(transaction, ancestor)) way.push_back(std::move(*step));
    }
    co_await transaction.switch_tenant(acting);
    if (auto step = co_await repository::find_step(transaction, tenant.id)) way.push_back(std::move(*step));
    co_return way;
}

}  // namespace

awaitable<TenantDetail> TenantService::get(const platform::RequestContext& context, core::TenantId tenant) {
    co_return co_await database_->read(context.actor.tenant, [&](postgres::Transaction& transaction) -> awaitable<TenantDetail> {
        auto row = co_await repository::find(transaction, tenant);
        if (!row) throw platform::not_found("tenant");
        TenantDetail detail;
        const StateCounts counts = co_await repository::state_counts(transaction, tenant);
        detail.users_count = counts.users;
        detail.service_accounts_count = counts.service_accounts;
        detail.sub_tenants_count = co_await repository::count_children(transaction, tenant);
        std::vector<json::Object> security_settings;
        for (repository::Step& step : co_await way_from_root(transaction, *row)) {
            detail.hierarchy.push_back(std::move(step.step));
            security_settings.push_back(std::move(step.security_settings));
        }
        detail.effective_settings = effective_settings(row->settings, options_.defaults);
        detail.tenant = visible_to(context.actor, std::move(*row));
        if (detail.tenant.security_settings) {
            detail.effective_security_settings = effective_security_settings(security_settings, options_.defaults);
        }
        co_return detail;
    });
}

awaitable<http::Page<Tenant>> TenantService::list(const platform::RequestContext& context, const ListTenants& query) {
    if (query.include_deleted && !is_platform_administrator(context.actor)) {
        throw platform::permission_denied(text_of(platform::Scope::platform_admin));
    }
    auto page = co_await database_->read(context.actor.tenant, [&](postgres::Transaction& transaction) {
        return repository::list(transaction, query, query.include_deleted);
    });
    for (Tenant& tenant : page.items) tenant = visible_to(context.actor, std::move(tenant));
    co_return page;
}

}  // namespace sentinel::tenants
