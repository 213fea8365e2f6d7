#pragma once
/// A migrated database and workers on threads of their own, for the tests of this folder.

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "platform/access/access_feed.hpp"
#include "platform/access/access_store.hpp"
#include "platform/postgres/setup_testing.hpp"

namespace sentinel::access::testing {

using boost::asio::awaitable;

/// One database for the test program; each test makes tenants of its own.
class TestDatabase {
public:
    static TestDatabase& instance() {
        static TestDatabase database;
        return database;
    }
    platform::Secret app_url() const { return server_.server().app_url(); }
    std::filesystem::path socket_folder() const { return server_.socket_folder(); }
    postgres::SetupConnection owner() const { return server_.owner(); }

private:
    TestDatabase() {
        postgres::SetupConnection connection = server_.owner();
        postgres::migrate_up(connection);
    }
    postgres::testing::TestServer server_;
};

inline core::Uuid new_uuid() {
    static postgres::SetupConnection connection = TestDatabase::instance().owner();
    return *core::Uuid::parse(connection.value("select gen_random_uuid()::text"));
}
template <class Id>
Id new_id() {
    return Id{new_uuid()};
}

/// Writes as another node would: revision and change rows, but nobody is told.
class OtherNode {
public:
    core::TenantId tenant(const std::vector<core::TenantId>& ancestors = {}) {
        const core::TenantId made = new_id<core::TenantId>();
        std::string list;
        for (const core::TenantId ancestor : ancestors) list += (list.empty() ? "'" : ",'") + ancestor.text() + "'";
        const std::string id = "'" + made.text() + "'";
        owner_.run("begin; insert into sentinel_private.tenant_state (tenant_id, code, is_active) values (" + id + ", upper(" +
                   id + "), true); select set_config('sentinel.revision', '{\"" + made.text() +
                   "\": 1}', true); insert into sentinel.tenants (id, name, name_folded, code, type, parent_tenant_id, ancestors,"
                   " tenant_salt_encrypted) values (" +
                   id + ", 'x', 'x', upper(" + id + "), '" + (ancestors.empty() ? "root" : "sub_tenant") + "', " +
                   (ancestors.empty() ? "null" : "'" + ancestors.back().text() + "'") + ", array[" + list +
                   "]::uuid[], '\\x00'); commit");
        return made;
    }
    /// One policy write; its revision. `$t` stands for the tenant's id in quotes.
    std::int64_t change(core::TenantId tenant, std::string sql) {
        const std::string id = "'" + tenant.text() + "'";
        for (std::size_t at = sql.find("$t"); at != std::string::npos; at = sql.find("$t")) sql.replace(at, 2, id);
        owner_.run(
            "begin; update sentinel_private.tenant_state set policy_revision = policy_revision + 1 where tenant_id = " + id +
            "; select set_config('sentinel.revision', jsonb_build_object(tenant_id, policy_revision)::text, true)"
            " from sentinel_private.tenant_state where tenant_id = " +
            id + "; " + sql + "; commit");
        return std::stoll(
            owner_.value("select policy_revision::text from sentinel_private.tenant_state where tenant_id = " + id));
    }
    core::UserId user(core::TenantId tenant, bool is_service_account = false) {
        const core::UserId made = new_id<core::UserId>();
        const std::string id = "'" + made.text() + "'";
        change(tenant,
               "insert into sentinel.users (tenant_id, id, email_encrypted, email_index, is_service_account, username) values "
               "($t, " +
                   id + ", '\\x00', sha256(" + id + "::text::bytea), " + (is_service_account ? "true" : "false") + ", " + id +
                   ")");
        return made;
    }
    core::RoleId role(core::TenantId tenant, const std::string& scopes) {
        const core::RoleId made = new_id<core::RoleId>();
        const std::string id = "'" + made.text() + "'";
        change(tenant, "insert into sentinel.roles (tenant_id, id, name, scopes) values ($t, " + id + ", " + id + ", '{" +
                           scopes + "}')");
        return made;
    }
    std::int64_t assign(core::TenantId tenant, core::UserId user, core::RoleId role) {
        return change(tenant,
                      "insert into sentinel.user_roles (tenant_id, id, user_id, role_id) values ($t, gen_random_uuid(), '" +
                          user.text() + "', '" + role.text() + "')");
    }
    std::int64_t unassign(core::TenantId tenant, core::UserId user) {
        return change(tenant, "delete from sentinel.user_roles where tenant_id = $t and user_id = '" + user.text() + "'");
    }
    void revoke(core::TenantId tenant, std::string_view kind, const std::string& reference, const std::string& value = "null") {
        owner_.run("insert into sentinel_private.revocations (tenant_id, kind, ref, value, expires_at) values ('" +
                   tenant.text() + "', '" + std::string(kind) + "', '" + reference + "', '" + value +
                   "', now() + interval '1 hour')");
    }
    postgres::SetupConnection& sql() { return owner_; }

private:
    postgres::SetupConnection owner_ = TestDatabase::instance().owner();
};

/// A worker as the server has them.
class Worker {
public:
    Worker(AccessStore& store, std::size_t connections)
        : context_(1),
          guard_(boost::asio::make_work_guard(context_)),
          database_(context_.get_executor(), options(connections)),
          view_(store, context_.get_executor(), database_),
          thread_([this] { context_.run(); }) {}
    ~Worker() {
        boost::asio::post(context_, boost::asio::use_future([this] { database_.close(); })).get();
        guard_.reset();
        context_.stop();
        thread_.join();
    }
    AccessView& view() { return view_; }
    boost::asio::io_context& context() { return context_; }
    template <class T>
    T run(awaitable<T> work) {
        return boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future).get();
    }
    /// Runs on the worker's thread, waits for it.
    template <class Action>
    auto post(Action action) {
        return boost::asio::post(context_, boost::asio::use_future(std::move(action))).get();
    }

private:
    static postgres::DatabaseOptions options(std::size_t connections) {
        postgres::DatabaseOptions options;
        options.connection_info = TestDatabase::instance().app_url();
        options.size = connections;
        options.overflow = 0;
        return options;
    }
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    postgres::Database database_;
    AccessView view_;
    std::thread thread_;
};

/// A node of two workers whose steady clock the test moves.
class AccessTest : public ::testing::Test {
protected:
    explicit AccessTest(std::size_t max_bytes = std::size_t{64} << 20, std::size_t connections = 2) : store_(options(max_bytes)) {
        workers_.push_back(std::make_unique<Worker>(store_, connections));
        workers_.push_back(std::make_unique<Worker>(store_, connections));
        feed_ = std::make_unique<AccessFeed>(worker(0).view());
        worker(0).run(feed_->start());
    }
    Worker& worker(std::size_t index) { return *workers_[index]; }
    AccessStatePointer load(core::TenantId tenant, std::size_t index = 0) {
        return worker(index).run(worker(index).view().require(tenant));
    }
    /// What that worker decides by now.
    template <class Look>
    auto look(std::size_t index, core::TenantId tenant, Look what) {
        return worker(index).post([&, this] { return what(workers_[index]->view().find(tenant)); });
    }
    platform::ScopeSet scopes(std::size_t index, core::TenantId tenant, core::UserId user) {
        const core::Instant now = core::SystemClock().now();
        return look(index, tenant, [&](const AccessState* state) { return state->scopes_of(user, now); });
    }
    void advance(std::chrono::nanoseconds by) { steady_ += by.count(); }

    OtherNode other_;
    std::atomic<std::int64_t> steady_{1'000'000'000'000};
    AccessStore store_;
    std::vector<std::unique_ptr<Worker>> workers_;
    void poll() {
        worker(0).run(feed_->poll_revisions());
        worker(0).run(feed_->poll_revocations());
    }
    std::unique_ptr<AccessFeed> feed_;

private:
    AccessOptions options(std::size_t max_bytes) {
        AccessOptions made;
        made.max_bytes = max_bytes;
        made.steady_now = [this] { return steady_.load(); };
        return made;
    }
};

}  // namespace sentinel::access::testing
