#include "platform/writes/writer.hpp"

#include <gtest/gtest.h>

#include "platform/service/error.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::writes {
namespace {

using boost::asio::awaitable;
using testing::WritingNode;

constexpr postgres::Statement insert_role{"writer_test.insert_role",
                                          "INSERT INTO sentinel.roles (tenant_id, id, name) VALUES ($1, $2, $3)"};
constexpr postgres::Statement touch_role{"writer_test.touch_role",
                                         "UPDATE sentinel.roles SET description = $2 WHERE tenant_id = $1"};

class WriterTest : public ::testing::Test {
protected:
    static std::string value(const std::string& sql) { return testing::TestDatabase::instance().owner().value(sql); }
    static std::int64_t revision_of(core::TenantId tenant) {
        return std::stoll(
            value("select policy_revision::text from sentinel_private.tenant_state where tenant_id = '" + tenant.text() + "'"));
    }
    static std::string actions_of(core::TenantId tenant) {
        return value("select coalesce(string_agg(action, ' ' order by seq), '') from sentinel.audit_logs where tenant_id = '" +
                     tenant.text() + "'");
    }
    static awaitable<void> make_role(WriteTransaction& write) {
        const core::Uuid id = write.new_id();
        co_await write.execute(insert_role, write.tenant(), id, "r" + id.text());
        write.audit({.action = "user.update"});
    }
    void write_policy(std::size_t worker, core::TenantId tenant, PolicyLocks locks = {}) {
        platform::RequestContext context = WritingNode::system_context(tenant);
        node_.worker(worker).run(node_.worker(worker).writer().write_policy<void>(context, std::move(locks), make_role));
    }

    WritingNode node_;
    core::TenantId tenant_ = access::testing::OtherNode().tenant();
};

TEST_F(WriterTest, ChangeJobAndAuditComeTogether) {
    platform::RequestContext context = WritingNode::system_context(tenant_);
    const auto work = [&](bool fails) {
        return [fails](WriteTransaction& write) -> awaitable<void> {
            write.audit({.action = "user.lock"});
            co_await write.enqueue({.kind = "writer_test", .unique_key = write.tenant().text()});
            if (fails) throw platform::conflict("state", "no");
        };
    };
    const std::string jobs = "select count(*)::text from sentinel_private.jobs where tenant_id = '" + tenant_.text() + "'";
    EXPECT_THROW(node_.worker(0).run(node_.worker(0).writer().write<void>(context, work(true))), platform::ServiceError);
    EXPECT_EQ(actions_of(tenant_) + value(jobs), "0");
    node_.worker(0).run(node_.worker(0).writer().write<void>(context, work(false)));
    EXPECT_EQ(actions_of(tenant_) + value(jobs), "user.lock1");
}

TEST_F(WriterTest, RecordsKeepTheirOrderAndReachTheActorsChain) {
    const core::TenantId home = access::testing::OtherNode().tenant();
    platform::RequestContext context = WritingNode::system_context(tenant_);
    context.actor.kind = platform::ActorKind::user;
    context.actor.user = access::testing::new_id<core::UserId>();
    context.actor.home_tenant = home;
    node_.worker(0).run(node_.worker(0).writer().write<void>(context, [](WriteTransaction& write) -> awaitable<void> {
        write.audit({.action = "user.lock"});
        write.audit_across(write.tenant(), {.action = "user.unlock"});
        write.audit({.action = "user.update"});
        co_return;
    }));
    EXPECT_EQ(actions_of(tenant_), "user.lock user.unlock user.update");
    EXPECT_EQ(actions_of(home), "user.unlock");
}

TEST_F(WriterTest, OnlyAChangeOfPolicyRaisesTheRevision) {
    platform::RequestContext context = WritingNode::system_context(tenant_);
    write_policy(0, tenant_);
    EXPECT_EQ(revision_of(tenant_), 2);
    node_.worker(0).run(node_.worker(0).writer().write_policy<void>(context, {}, [](WriteTransaction& write) -> awaitable<void> {
        co_await write.execute(touch_role, write.tenant(), "what no decision reads");
    }));
    EXPECT_EQ(revision_of(tenant_), 2);
    EXPECT_FALSE(context.notes.policy_revision);
}

TEST_F(WriterTest, PolicyWrittenWithoutLocksIsRefused) {
    platform::RequestContext context = WritingNode::system_context(tenant_);
    EXPECT_THROW(node_.worker(0).run(node_.worker(0).writer().write<void>(context, make_role)), platform::ServiceError);
    EXPECT_EQ(revision_of(tenant_), 1);
}

TEST_F(WriterTest, EveryWorkerDecidesByTheNewRevisionBeforeTheAnswer) {
    for (std::size_t worker : {0U, 1U}) node_.worker(worker).run(node_.worker(worker).view().require(tenant_));
    platform::RequestContext context = WritingNode::system_context(tenant_);
    for (std::int64_t revision = 2; revision < 12; ++revision) {
        node_.worker(0).run(node_.worker(0).writer().write_policy<void>(context, {}, make_role));
        EXPECT_EQ(context.notes.policy_revision, static_cast<std::uint64_t>(revision));
        EXPECT_FALSE(context.notes.policy_incarnation.empty());
        for (std::size_t worker : {0U, 1U}) {
            const auto known =
                node_.worker(worker).run([](access::AccessView& view, core::TenantId tenant) -> awaitable<std::int64_t> {
                    co_return view.find(tenant)->revision();
                }(node_.worker(worker).view(), tenant_));
            EXPECT_GE(known, revision);
        }
    }
}

TEST_F(WriterTest, EveryWorkerKnowsARevocationBeforeTheAnswer) {
    const auto session = access::testing::new_id<core::SessionId>();
    platform::RequestContext context = WritingNode::system_context(tenant_);
    node_.worker(0).run(node_.worker(0).writer().write<void>(context, [&](WriteTransaction& write) -> awaitable<void> {
        access::Revocation ended;
        ended.reference = session.text();
        ended.expires_at = {.seconds = write.now().seconds + 600};
        co_await write.revoke(std::move(ended));
    }));
    for (std::size_t worker : {0U, 1U}) {
        const bool ended =
            node_.worker(worker).run([](access::AccessView& view, core::TenantId tenant, core::SessionId one) -> awaitable<bool> {
                co_return view.revocations().ended_session(tenant, one);
            }(node_.worker(worker).view(), tenant_, session));
        EXPECT_TRUE(ended);
    }
}

TEST_F(WriterTest, ATenantThatIsNotThereHasNoLock) {
    try {
        write_policy(0, access::testing::new_id<core::TenantId>());
        ADD_FAILURE() << "written";
    } catch (const platform::ServiceError& error) { EXPECT_EQ(error.code(), platform::ErrorCode::resource_not_found); }
}

TEST_F(WriterTest, TwoWritersAtOnceLeaveNoGap) {
    constexpr int rounds = 50;
    const auto writing = [&](std::size_t worker) {
        for (int round = 0; round < rounds; ++round) write_policy(worker, tenant_);
    };
    std::thread second(writing, 1);
    writing(0);
    second.join();
    EXPECT_EQ(revision_of(tenant_), 1 + 2 * rounds);
    EXPECT_EQ(value("select count(distinct revision)::text || ' ' || min(revision) || ' ' || max(revision) from "
                    "sentinel_private.policy_changes "
                    "where tenant_id = '" +
                    tenant_.text() + "' and kind = 'role'"),
              "100 2 101");
}

TEST_F(WriterTest, ParentAndChildAtOnceNeitherBlockNorSkip) {
    constexpr int rounds = 50;
    const core::TenantId child = access::testing::OtherNode().tenant({tenant_});
    const std::int64_t before = revision_of(child);
    std::thread second([&] {
        for (int round = 0; round < rounds; ++round) write_policy(1, child);
    });
    for (int round = 0; round < rounds; ++round) write_policy(0, tenant_, {.with_descendants = true});
    second.join();
    EXPECT_EQ(revision_of(tenant_), 1 + rounds);
    EXPECT_EQ(revision_of(child), before + 2 * rounds) << "a role of the parent can be held in the child";
}

}  // namespace
}  // namespace sentinel::writes
