#include "platform/writes/audit_queue.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "platform/postgres/commit_swallower_testing.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::writes {
namespace {

using postgres::testing::CommitSwallower;

/// A queue on an event loop that the test drives: what is due is written by each call of write().
class AuditQueueTest : public ::testing::Test {
protected:
    void start(const std::string& url = test_url(), AuditQueueOptions options = {}) {
        options.given_up = [this](const AuditRecord& record) { given_up_.push_back(*record.resource_id); };
        postgres::DatabaseOptions database;
        database.connection_info = platform::Secret(url);
        database.size = 1;
        database.overflow = 0;
        database_.emplace(context_.get_executor(), database);
        queue_.emplace(context_.get_executor(), *database_, node_.worker(0).tools(), options);
        queue_->stop();  // so that run() returns
    }
    void TearDown() override {
        if (database_) database_->close();
        context_.restart();
        context_.poll();
    }
    void add(const std::string& name) { add(name, tenant_); }
    void add(const std::string& name, core::TenantId tenant) {
        AuditEvent event{.action = "auth.lockout"};
        event.resource_id = name;
        queue_->add(testing::WritingNode::system_context(tenant), tenant, event);
    }
    void write() {
        context_.restart();
        auto done = boost::asio::co_spawn(context_, queue_->run(), boost::asio::use_future);
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) context_.run_one();
        done.get();
    }
    /// Names in the order of the chain.
    std::string written() const { return written(tenant_); }
    static std::string written(core::TenantId tenant) {
        return owner(
            "select coalesce(string_agg(resource_id, ' ' order by seq), '') from sentinel.audit_logs where tenant_id = '" +
            tenant.text() + "'");
    }
    static std::string owner(const std::string& sql) { return testing::TestDatabase::instance().owner().value(sql); }
    static std::string test_url() { return testing::TestDatabase::instance().app_url().reveal(); }
    static std::filesystem::path socket_folder() { return testing::TestDatabase::instance().socket_folder(); }
    static std::string url_through(const CommitSwallower& proxy) {
        return "postgresql:///sentinel_db?host=" + proxy.host() + "&user=sentinel_app";
    }

    testing::WritingNode node_;
    core::TenantId tenant_ = access::testing::OtherNode().tenant();
    boost::asio::io_context context_;
    std::optional<postgres::Database> database_;
    std::optional<AuditQueue> queue_;
    std::vector<std::string> given_up_;
};

TEST_F(AuditQueueTest, WritesEachTenantsRecordsInTheirOrder) {
    start();
    const core::TenantId other = access::testing::OtherNode().tenant();
    add("a");
    add("x", other);
    add("b");
    EXPECT_EQ(queue_->waiting(), 3U);
    write();
    EXPECT_EQ(written(), "a b");
    EXPECT_EQ(written(other), "x");
    EXPECT_EQ(queue_->waiting(), 0U);
}

TEST_F(AuditQueueTest, WritesOnceWhatWasCommittedWithoutAnAnswer) {
    CommitSwallower proxy(context_, socket_folder(), {.count = 1});
    start(url_through(proxy));
    add("a");
    add("b");
    write();
    EXPECT_EQ(written(), "a b") << "the server did commit";
    EXPECT_EQ(queue_->waiting(), 2U) << "and the queue cannot know";
    add("c");
    write();
    EXPECT_EQ(written(), "a b c");
    EXPECT_EQ(queue_->waiting(), 0U);
    EXPECT_TRUE(queue_->is_writable());
}

TEST_F(AuditQueueTest, WritesAgainWhatWasLostWithItsCommit) {
    CommitSwallower proxy(context_, socket_folder(), {.commit = CommitSwallower::Commit::is_lost, .count = 1});
    start(url_through(proxy));
    add("a");
    write();
    EXPECT_EQ(written(), "");
    add("b");
    write();
    EXPECT_EQ(written(), "a b");
    EXPECT_EQ(queue_->waiting(), 0U);
}

TEST_F(AuditQueueTest, GivesUpWhatTheDatabaseRefusesAndNothingElse) {
    start();
    const std::string refused("x\0y", 3);
    for (const std::string& name : {std::string("a"), std::string("b"), refused, std::string("c"), std::string("d")}) add(name);
    write();
    EXPECT_EQ(written(), "a b");
    EXPECT_TRUE(given_up_.empty());
    write();
    write();
    EXPECT_EQ(written(), "a b c d");
    EXPECT_EQ(given_up_, std::vector<std::string>{refused});
    EXPECT_EQ(queue_->dropped(), 1U);
    EXPECT_EQ(queue_->waiting(), 0U);
    EXPECT_TRUE(queue_->is_writable());
}

TEST_F(AuditQueueTest, GivesNothingUpWhileNothingIsWritten) {
    start(test_url(), {.patience = std::chrono::seconds(0)});
    testing::TestDatabase::instance().owner().run("alter table sentinel.event_outbox rename to event_outbox_away");
    for (const char* name : {"a", "b", "c"}) add(name);
    for (int round = 0; round < 10; ++round) write();
    EXPECT_EQ(queue_->waiting(), 3U);
    EXPECT_FALSE(queue_->is_writable());
    testing::TestDatabase::instance().owner().run("alter table sentinel.event_outbox_away rename to event_outbox");
    for (int round = 0; round < 5; ++round) write();
    EXPECT_EQ(written().size(), 5U) << written();
    EXPECT_EQ(queue_->waiting(), 0U);
    EXPECT_EQ(queue_->dropped(), 0U);
    EXPECT_TRUE(queue_->is_writable());
}

TEST_F(AuditQueueTest, DropsWhatIsBeyondItsCapacityAndCountsIt) {
    start(test_url(), {.capacity = 2});
    for (const char* name : {"a", "b", "c"}) add(name);
    EXPECT_EQ(queue_->dropped(), 1U);
    write();
    EXPECT_EQ(written(), "a b");
}

}  // namespace
}  // namespace sentinel::writes
