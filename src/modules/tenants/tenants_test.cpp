/// Tenants, and with them the write path: what commits together, who sees what, what two writers do to each other.

#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "modules/tenants/tenants.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::tenants {
namespace {

using boost::asio::awaitable;
using platform::RequestContext;
using platform::Scope;
using writes::testing::TestDatabase;
using writes::testing::WritingNode;

/// The code that a call refuses with; empty when it does not refuse.
template <class Call>
std::string refusal_of(Call call) {
    try {
        call();
    } catch (const platform::ServiceError& error) {
        const core::json::Value* reason = error.details().find("reason");
        const std::string suffix = reason == nullptr ? "" : " " + *reason->text();
        return std::string(text_of(error.code())) + suffix;
    }
    return "";
}

class TenantsTest : public ::testing::Test {
protected:
    TenantsTest() {
        RequestContext context = WritingNode::system_context(core::platform_tenant);
        run(service(0).ensure_platform_tenant(context));
    }
    TenantService& service(std::size_t worker) { return worker == 0 ? first_ : second_; }
    template <class T>
    T run(awaitable<T> work, std::size_t worker = 0) {
        return node_.worker(worker).run(std::move(work));
    }
    static RequestContext platform_context() { return WritingNode::system_context(core::platform_tenant); }
    /// Someone of `home` with these scopes, acting there.
    RequestContext person_of(core::TenantId home, std::initializer_list<Scope> scopes) {
        RequestContext context = WritingNode::system_context(home);
        context.actor.kind = platform::ActorKind::user;
        context.actor.user = core::UserId{node_.worker(0).tools().ids->next()};
        for (const Scope scope : scopes) context.actor.scopes.add(scope);
        return context;
    }
    static NewTenant new_tenant(const std::string& name) {
        static int count = 0;
        NewTenant tenant;
        tenant.name = name;
        tenant.code = "T-" + std::to_string(++count);
        return tenant;
    }
    Tenant make_root(const std::string& name = "Root") {
        RequestContext context = platform_context();
        return run(service(0).create(context, {.tenant = new_tenant(name), .type = TenantType::root, .parent_tenant_id = {}}));
    }
    Tenant make_below(core::TenantId parent, const std::string& name = "Branch") {
        RequestContext context = platform_context();
        return run(service(0).create_below(context, parent, {.tenant = new_tenant(name), .type = TenantType::sub_tenant}));
    }
    std::string value(const std::string& sql) { return TestDatabase::instance().owner().value(sql); }

    WritingNode node_;
    TenantService first_{node_.worker(0).database(), node_.worker(0).writer(), {}};
    TenantService second_{node_.worker(1).database(), node_.worker(1).writer(), {}};
};

TEST_F(TenantsTest, ANewTenantHasItsRolesKeysStateAndFirstRecord) {
    const Tenant tenant = make_root();
    const std::string id = "'" + tenant.id.text() + "'";
    EXPECT_EQ(value("select count(*) from sentinel.roles where tenant_id = " + id), "10");
    EXPECT_EQ(value("select count(*) from sentinel_private.tenant_keys where tenant_id = " + id), "2");
    EXPECT_EQ(value("select policy_revision from sentinel_private.tenant_state where tenant_id = " + id), "1");
    EXPECT_EQ(value("select seq || ' ' || action from sentinel.audit_logs where tenant_id = " + id), "1 tenant.create");
    EXPECT_EQ(value("select count(*) from sentinel.roles where name = 'super_admin'"), "1");
    EXPECT_EQ(
        value("select string_agg(r.name, ',' order by r.name) from sentinel.role_permissions l join sentinel.roles r on r.id = "
              "l.role_id where l.tenant_id = " +
              id),
        "tenant_admin");
}

TEST_F(TenantsTest, ACodeIsTakenOnce) {
    RequestContext context = platform_context();
    const Tenant first = make_root();
    CreateTenant second{.tenant = new_tenant("Other"), .type = TenantType::root, .parent_tenant_id = {}};
    second.tenant.code = first.code;
    EXPECT_EQ(refusal_of([&] { run(service(0).create(context, second)); }), "CONFLICT duplicate");
    EXPECT_EQ(value("select count(*) from sentinel_private.tenant_state where code = '" + first.code + "'"), "1");
}

TEST_F(TenantsTest, OnlyThePlatformMakesRoots) {
    const Tenant root = make_root();
    RequestContext administrator = person_of(root.id, {Scope::tenant_admin});
    EXPECT_EQ(
        refusal_of([&] {
            run(service(0).create(administrator, {.tenant = new_tenant("X"), .type = TenantType::root, .parent_tenant_id = {}}));
        }),
        "PERMISSION_DENIED");
}

TEST_F(TenantsTest, AForeignParentDoesNotExist) {
    const Tenant mine = make_root();
    const Tenant foreign = make_root();
    RequestContext administrator = person_of(mine.id, {Scope::tenant_admin});
    const CreateSubTenant body{.tenant = new_tenant("X"), .type = TenantType::sub_tenant};
    EXPECT_EQ(refusal_of([&] { run(service(0).create_below(administrator, foreign.id, body)); }), "RESOURCE_NOT_FOUND");
    EXPECT_EQ(refusal_of([&] { run(service(0).get(administrator, foreign.id)); }), "RESOURCE_NOT_FOUND");
    EXPECT_EQ(refusal_of([&] { run(service(0).suspend(administrator, foreign.id, {})); }), "RESOURCE_NOT_FOUND");
    const Tenant below = run(service(0).create_below(administrator, mine.id, body));
    EXPECT_EQ(below.ancestors, std::vector<core::TenantId>{mine.id});
}

TEST_F(TenantsTest, SeesItselfAndWhatIsBelowOnly) {
    const Tenant root = make_root();
    const Tenant branch = make_below(root.id);
    const Tenant leaf = make_below(branch.id);
    make_root();
    const RequestContext person = person_of(branch.id, {Scope::tenant_read});
    const http::Page<Tenant> page = run(service(0).list(person, {}));
    std::vector<core::TenantId> ids;
    for (const Tenant& tenant : page.items) ids.push_back(tenant.id);
    EXPECT_EQ(ids.size(), 2U);
    EXPECT_EQ(page.total, 2);
    EXPECT_EQ(refusal_of([&] { run(service(0).get(person, root.id)); }), "RESOURCE_NOT_FOUND");
    const TenantDetail detail = run(service(0).get(person, leaf.id));
    ASSERT_EQ(detail.hierarchy.size(), 3U);
    EXPECT_EQ(detail.hierarchy.front().code, root.code);
    EXPECT_FALSE(detail.tenant.security_settings);
}

TEST_F(TenantsTest, AListIsWalkedByKeysWithoutLossOrRepeat) {
    const Tenant root = make_root();
    for (int count = 0; count < 7; ++count) make_below(root.id, count % 2 == 0 ? "Same" : "Other");
    const RequestContext person = person_of(root.id, {Scope::tenant_read});
    for (const std::string sort : {"created_at", "updated_at", "name", "code"}) {
        for (const http::SortOrder order : {http::SortOrder::asc, http::SortOrder::desc}) {
            ListTenants query;
            query.page.limit = 3;
            query.page.sort = sort;
            query.page.order = order;
            std::vector<core::TenantId> seen;
            for (int part = 0; part < 4; ++part) {
                const http::Page<Tenant> page = run(service(0).list(person, query));
                for (const Tenant& tenant : page.items) seen.push_back(tenant.id);
                if (!page.next) break;
                query.page.after = *page.next;
            }
            EXPECT_EQ(seen.size(), 8U) << sort;
            std::ranges::sort(seen);
            EXPECT_EQ(std::ranges::unique(seen).begin(), seen.end()) << sort;
        }
    }
}

TEST_F(TenantsTest, SuspendingEndsAllAndRaisesEveryRevision) {
    const Tenant root = make_root();
    const Tenant branch = make_below(root.id);
    RequestContext context = platform_context();
    EXPECT_EQ(refusal_of([&] { run(service(0).suspend(context, root.id, {})); }), "CONFLICT in_use");
    const SuspendedTenant suspended = run(service(0).suspend(context, root.id, {.reason = "late", .cascade = true}));
    EXPECT_EQ(suspended.tenants_suspended, 2);
    EXPECT_FALSE(suspended.tenant.is_active);
    EXPECT_EQ(context.notes.policy_revision, 2U);
    for (const Tenant& tenant : {root, branch}) {
        EXPECT_EQ(
            value("select policy_revision || ' ' || is_active || ' ' || token_epoch from sentinel_private.tenant_state where "
                  "tenant_id = '" +
                  tenant.id.text() + "'"),
            "2 false 1");
    }
    EXPECT_EQ(refusal_of([&] { run(service(0).suspend(context, root.id, {})); }), "CONFLICT state");
    EXPECT_EQ(refusal_of([&] { run(service(0).activate(context, branch.id)); }), "CONFLICT state");
    run(service(0).activate(context, root.id));
    EXPECT_TRUE(run(service(0).activate(context, branch.id)).is_active);
}

TEST_F(TenantsTest, NobodySuspendsTheOwnOrThePlatformTenant) {
    const Tenant root = make_root();
    RequestContext administrator = person_of(root.id, {Scope::tenant_admin});
    RequestContext context = platform_context();
    EXPECT_EQ(refusal_of([&] { run(service(0).suspend(administrator, root.id, {})); }), "PERMISSION_DENIED");
    EXPECT_EQ(refusal_of([&] { run(service(0).suspend(context, core::platform_tenant, {})); }), "SYSTEM_OBJECT");
}

TEST_F(TenantsTest, AFailedWriteLeavesNothing) {
    const Tenant root = make_root();
    const std::string before = value("select count(*) from sentinel.audit_logs");
    RequestContext context = platform_context();
    CreateSubTenant body{.tenant = new_tenant("X"), .type = TenantType::sub_tenant};
    body.tenant.code = root.code;
    EXPECT_EQ(refusal_of([&] { run(service(0).create_below(context, root.id, body)); }), "CONFLICT duplicate");
    EXPECT_EQ(value("select count(*) from sentinel.audit_logs"), before);
}

/// Renders nothing but the id: enough to see whether it is the same answer.
class TenantRenderer final : public platform::AnswerRenderer {
public:
    platform::StoredAnswer render(const void* result, const std::type_info& type) const override {
        if (type != typeid(Tenant)) throw std::logic_error("another result than the endpoint declares");
        return {.status = 201,
                .body = static_cast<const Tenant*>(result)->id.text(),
                .location = "/x",
                .etag = "\"1\"",
                .policy_revision = {},
                .policy_incarnation = {}};
    }
};

TEST_F(TenantsTest, ARepeatedRequestGetsItsFirstAnswer) {
    const TenantRenderer renderer;
    const CreateTenant body{.tenant = new_tenant("Once"), .type = TenantType::root, .parent_tenant_id = {}};
    const auto context_with = [&](std::string hash) {
        RequestContext context = platform_context();
        context.idempotency = platform::IdempotentRequest{"key-1", "POST /tenants", std::move(hash), &renderer};
        return context;
    };
    RequestContext first = context_with(std::string(32, 'a'));
    const Tenant made = run(service(0).create(first, body));
    RequestContext again = context_with(std::string(32, 'a'));
    try {
        run(service(1).create(again, body), 1);
        FAIL() << "it was done twice";
    } catch (const platform::Replay& replay) {
        EXPECT_EQ(replay.answer().status, 201);
        EXPECT_EQ(replay.answer().body, made.id.text());
        EXPECT_EQ(replay.answer().policy_revision, 1U);
    }
    RequestContext other = context_with(std::string(32, 'b'));
    EXPECT_EQ(refusal_of([&] { run(service(0).create(other, body)); }), "IDEMPOTENCY_KEY_REUSED");
}

/// Parent and child written at once, from two workers: no deadlock, no gap, in commit order (issue 4).
TEST_F(TenantsTest, TwoWritersNeverDeadlockAndLeaveNoGap) {
    const Tenant root = make_root();
    const Tenant branch = make_below(root.id);
    constexpr int rounds = 250;
    const auto toggle = [&](std::size_t worker, core::TenantId tenant, bool cascade) -> awaitable<int> {
        int done = 0;
        for (int round = 0; round < rounds; ++round) {
            RequestContext context = platform_context();
            try {
                if (round % 2 == 0) co_await service(worker).suspend(context, tenant, {.reason = {}, .cascade = cascade});
                if (round % 2 == 1) co_await service(worker).activate(context, tenant);
                ++done;
            } catch (const platform::ServiceError& error) {
                // The other one was first: a conflict, never a database's fault.
                if (error.code() != platform::ErrorCode::conflict) throw;
            }
        }
        co_return done;
    };
    auto parent = boost::asio::co_spawn(node_.worker(0).context(), toggle(0, root.id, true), boost::asio::use_future);
    auto child = boost::asio::co_spawn(node_.worker(1).context(), toggle(1, branch.id, true), boost::asio::use_future);
    EXPECT_GT(parent.get(), 0);
    EXPECT_GT(child.get(), 0);
    for (const Tenant& tenant : {root, branch}) {
        const std::string id = "'" + tenant.id.text() + "'";
        EXPECT_EQ(
            value("select count(distinct revision) = max(revision) from sentinel_private.policy_changes where tenant_id = " + id),
            "t");
        EXPECT_EQ(value("select max(revision) = (select policy_revision from sentinel_private.tenant_state where tenant_id = " +
                        id + ") from sentinel_private.policy_changes where tenant_id = " + id),
                  "t");
        EXPECT_EQ(
            value("select count(*) = max(seq) and max(seq) = (select number from sentinel_private.audit_head where tenant_id = " +
                  id + ") from sentinel.audit_logs where tenant_id = " + id),
            "t");
    }
}

}  // namespace
}  // namespace sentinel::tenants
