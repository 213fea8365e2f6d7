#pragma once
/// All that one core has for itself: event loop, connections, services, routes. The one place that knows every module.

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "app/serve/node.hpp"
#include "app/serve/observer.hpp"
#include "app/serve/system_routes.hpp"
#include "core/ids.hpp"
#include "modules/auth/auth.hpp"
#include "modules/auth/signing_keys.hpp"
#include "modules/service_accounts/service_accounts.hpp"
#include "modules/tenants/tenants.hpp"
#include "modules/users/users.hpp"
#include "platform/access/access_feed.hpp"
#include "platform/access/access_guard.hpp"
#include "platform/http/dispatcher.hpp"
#include "platform/http/route.hpp"
#include "platform/postgres/database.hpp"
#include "platform/writes/audit_queue.hpp"
#include "platform/writes/writer.hpp"

namespace sentinel::app {

/// The services of one event loop; also what the command line uses without serving.
class Services {
public:
    /// `connections`: how many this loop may keep open, and how many more under load.
    Services(Node& node, boost::asio::io_context& context, std::size_t connections, std::size_t overflow);

    Node& node;
    core::UuidV7Generator ids;
    postgres::Database database;
    access::AccessView access;
    access::AccessFeed feed;  ///< started on one worker alone
    writes::WriteTools tools;
    writes::Writer writer;
    writes::AuditQueue audit;
    tenants::TenantService tenants;
    auth::AuthService auth;
    users::UserService users;
    service_accounts::ServiceAccountService service_accounts;

    /// A context of the program itself, for what nobody asked for by HTTP.
    platform::RequestContext system_context() const;
};

/// One core's share of the server.
class Worker {
public:
    Worker(Node& node, std::size_t connections, std::size_t overflow);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    boost::asio::io_context& context() noexcept { return context_; }
    Services& services() noexcept { return services_; }
    const http::Routes& routes() const noexcept { return routes_; }
    http::ServerWorker server_worker() noexcept { return {&context_, &*dispatcher_, &*observer_}; }

    /// After the metrics of all routes were declared: makes what answers requests.
    void prepare(const RequestMetrics& metrics, const SystemPages& pages);
    /// Called on the worker's thread whenever the keys that sign and verify change.
    void use_keys(const std::shared_ptr<const crypto::KeySet>& keys);
    /// Writes audit records until the queue is stopped.
    void start_audit();

private:
    // One thread runs it, and nobody else posts without need.
    boost::asio::io_context context_{1};
    Services services_;
    SystemPages pages_;
    http::Routes routes_;
    std::optional<WorkerObserver> observer_;
    std::optional<access::AccessGuard> guard_;
    std::optional<http::Dispatcher> dispatcher_;
};

}  // namespace sentinel::app
