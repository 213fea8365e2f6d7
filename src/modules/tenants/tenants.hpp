#pragma once
/// Tenants: the unit of isolation, of keys, of limits and of policy revision (spec 01).

#include <cstdint>
#include <optional>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "modules/tenants/schemas.hpp"
#include "modules/tenants/settings.hpp"
#include "platform/http/pagination.hpp"
#include "platform/postgres/database.hpp"
#include "platform/service/actor.hpp"
#include "platform/writes/writer.hpp"

namespace sentinel::tenants {

struct TenantPlace;
struct TenantRow;

struct TenantOptions {
    ServerDefaults defaults;
    std::int64_t max_tenants = 1'000;  ///< 0 = no limit
    bool sub_tenants_enabled = true;
};

/// One for each worker.
class TenantService {
public:
    TenantService(postgres::Database& database, writes::Writer& writer, TenantOptions options)
        : database_(&database), writer_(&writer), options_(options) {}

    boost::asio::awaitable<Tenant> create(platform::RequestContext& context, const CreateTenant& body);
    boost::asio::awaitable<Tenant> create_below(platform::RequestContext& context, core::TenantId parent,
                                                const CreateSubTenant& body);
    boost::asio::awaitable<TenantDetail> get(const platform::RequestContext& context, core::TenantId tenant);
    boost::asio::awaitable<http::Page<Tenant>> list(const platform::RequestContext& context, const ListTenants& query);
    boost::asio::awaitable<SuspendedTenant> suspend(platform::RequestContext& context, core::TenantId tenant,
                                                    const SuspendTenant& body);
    boost::asio::awaitable<Tenant> activate(platform::RequestContext& context, core::TenantId tenant);

    /// The platform tenant, where it does not exist yet; true when it was made. For the start of the program, as `system`.
    boost::asio::awaitable<bool> ensure_platform_tenant(platform::RequestContext& context);

private:
    boost::asio::awaitable<Tenant> create_under(platform::RequestContext& context, const NewTenant& body,
                                                std::optional<core::TenantId> parent);
    boost::asio::awaitable<std::optional<TenantPlace>> find_parent(const platform::RequestContext& context,
                                                                   core::TenantId parent);
    boost::asio::awaitable<Tenant> insert(writes::WriteTransaction& write, TenantRow row);
    boost::asio::awaitable<void> insert_contents(writes::WriteTransaction& write, const TenantRow& row);
    boost::asio::awaitable<void> check_quotas(writes::WriteTransaction& write, const std::optional<TenantPlace>& parent);
    boost::asio::awaitable<TenantPlace> find_target(const platform::RequestContext& context, core::TenantId tenant);

    postgres::Database* database_;
    writes::Writer* writer_;
    TenantOptions options_;
};

}  // namespace sentinel::tenants
