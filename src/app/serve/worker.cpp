#include "app/serve/worker.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "app/serve/options.hpp"
#include "modules/auth/routes.hpp"
#include "modules/service_accounts/routes.hpp"
#include "modules/tenants/routes.hpp"
#include "modules/users/routes.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::app {

namespace {

writes::WriteTools write_tools(Services& services) {
    return {.ids = &services.ids, .clock = &services.node.clock, .keys = &services.node.tenant_keys};
}

auth::AuthParts auth_parts(Services& services) {
    return {.database = &services.database,
            .writer = &services.writer,
            .access = &services.access,
            .audit = &services.audit,
            .tenant_keys = &services.node.tenant_keys,
            .password_hasher = &services.node.password_hasher,
            .clock = &services.node.clock,
            .ids = &services.ids,
            .rate_buckets = &services.node.rate_buckets};
}

users::UserParts user_parts(Services& services) {
    return {.database = &services.database,
            .writer = &services.writer,
            .access = &services.access,
            .tenant_keys = &services.node.tenant_keys,
            .password_hasher = &services.node.password_hasher,
            .clock = &services.node.clock,
            .ids = &services.ids,
            .audit = &services.audit};
}

void add_all_routes(http::Routes& routes, Services& services, const SystemPages& pages) {
    add_system_routes(routes, services.node, pages);
    tenants::add_tenant_routes(routes, services.tenants);
    auth::add_auth_routes(routes, services.auth);
    users::add_user_routes(routes, services.users);
    service_accounts::add_service_account_routes(routes, services.service_accounts);
}

writes::AuditQueueOptions audit_options(Node& node) {
    writes::AuditQueueOptions options;
    options.given_up = [&node](const writes::AuditRecord& record) {
        node.log.error("audit", "a record is lost: the database refuses it",
                       {{"record_id", record.id}, {"tenant_id", record.tenant.value}, {"action", record.action}});
    };
    return options;
}

}  // namespace

Services::Services(Node& given_node, boost::asio::io_context& context, std::size_t connections, std::size_t overflow)
    : node(given_node),
      ids(node.clock, crypto::random_number),
      database(context.get_executor(), database_options(node, connections, overflow)),
      access(node.access, context.get_executor(), database),
      feed(access, feed_options(node)),
      tools(write_tools(*this)),
      writer(database, access, tools),
      audit(context.get_executor(), database, tools, audit_options(node)),
      tenants(database, writer, tenant_options(node.settings)),
      auth(auth_parts(*this), auth_options(node)),
      users(user_parts(*this), user_options(node.settings)),
      service_accounts(user_parts(*this), user_options(node.settings)) {}

platform::RequestContext Services::system_context() const {
    platform::RequestContext context;
    context.actor.kind = platform::ActorKind::system;
    return context;
}

Worker::Worker(Node& node, std::size_t connections, std::size_t overflow) : services_(node, context_, connections, overflow) {
    add_all_routes(routes_, services_, pages_);
}

void Worker::prepare(const RequestMetrics& metrics, const SystemPages& pages) {
    pages_ = pages;
    Node& node = services_.node;
    observer_.emplace(node.log, metrics, routes_, services_.audit);
    guard_.emplace(services_.access, node.rate_buckets, *observer_, node.clock, guard_options(node));
    dispatcher_.emplace(routes_, *guard_, node.cursors, *observer_,
                        http::DispatcherOptions{.require_if_match = node.settings.require_if_match, .clock = &node.clock});
}

void Worker::use_keys(const std::shared_ptr<const crypto::KeySet>& keys) {
    guard_->use_keys(keys);
    services_.auth.use_keys(keys);
}

void Worker::start_audit() {
    boost::asio::co_spawn(context_, services_.audit.run(), [this](std::exception_ptr failure) {
        if (failure) services_.node.log.error("audit", "the queue of audit records ended by an exception");
        // It is the last that needs the database; an open pool would keep the loop running.
        services_.database.close();
    });
}

}  // namespace sentinel::app
