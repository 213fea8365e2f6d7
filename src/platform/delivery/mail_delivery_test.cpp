#include "platform/delivery/mail_delivery.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "platform/service/error.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::delivery {
namespace {

using boost::asio::awaitable;
using writes::testing::TestDatabase;
using writes::testing::WritingNode;

/// Keeps what it is given; answers with the outcomes prepared, then with success.
class Recorder final : public mail::MailTransport {
public:
    awaitable<mail::Delivery> deliver(mail::Message message) override {
        messages.push_back(std::move(message));
        if (outcomes.empty()) co_return mail::Delivery();
        const mail::Delivery outcome = outcomes.front();
        outcomes.pop_front();
        co_return outcome;
    }
    std::deque<mail::Delivery> outcomes;
    std::vector<mail::Message> messages;
};

class MailDeliveryTest : public ::testing::Test {
protected:
    void send(const std::string& template_name) {
        platform::RequestContext context = WritingNode::system_context(tenant_);
        run(node_.worker(0).writer().write<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
            co_await write.send_mail({.to = "old@a.example", .template_name = template_name, .data = {}});
        }));
        job_.tenant = tenant_;
        job_.payload = {{"mail_id", value("select id from sentinel.mail_outbox where " + of_tenant_)}};
    }
    std::string deliver() {
        const core::json::Object result = run(delivery_.run(job_));
        return *result.find("status")->text();
    }
    std::string state() { return value("select status || ' ' || attempts from sentinel.mail_outbox where " + of_tenant_); }
    static std::string value(const std::string& sql) { return TestDatabase::instance().owner().value(sql); }
    template <class T>
    T run(awaitable<T> work) {
        return node_.worker(0).run(std::move(work));
    }

    WritingNode node_;
    core::TenantId tenant_ = writes::testing::tenant_with_keys(node_);
    std::string of_tenant_ = "tenant_id = '" + tenant_.text() + "'";
    Recorder transport_;
    MailDelivery delivery_{node_.worker(0).database(), node_.keys(), transport_, {.from = "us@a.example", .product = "Guard"}};
    writes::Job job_;
};

TEST_F(MailDeliveryTest, SendsOnce) {
    send("email_changed");
    EXPECT_EQ(deliver(), "sent");
    ASSERT_EQ(transport_.messages.size(), 1U);
    const mail::Message& message = transport_.messages.front();
    EXPECT_EQ(message.to, "old@a.example");
    EXPECT_EQ(message.from, "us@a.example");
    EXPECT_EQ(message.subject, "Guard: your e-mail address was changed");
    EXPECT_TRUE(mail::render(message));
    EXPECT_EQ(state(), "sent 1");
    EXPECT_EQ(deliver(), "gone") << "a job that runs again after a crash";
    EXPECT_EQ(transport_.messages.size(), 1U);
}

TEST_F(MailDeliveryTest, WaitsWhileTheTransportFails) {
    send("email_changed");
    transport_.outcomes = {std::unexpected(mail::DeliveryFault{false, "busy"})};
    EXPECT_THROW(deliver(), platform::ServiceError);
    EXPECT_EQ(state(), "pending 1");
    EXPECT_EQ(deliver(), "sent");
    EXPECT_EQ(state(), "sent 2");
}

TEST_F(MailDeliveryTest, GivesUpAfterTheLastTry) {
    send("email_changed");
    transport_.outcomes = {std::unexpected(mail::DeliveryFault{false, "busy"})};
    job_.attempts = job_.max_attempts;
    EXPECT_THROW(deliver(), platform::ServiceError);
    EXPECT_EQ(state(), "failed 1");
}

TEST_F(MailDeliveryTest, DoesNotRepeatWhatIsRefusedForGood) {
    send("email_changed");
    transport_.outcomes = {std::unexpected(mail::DeliveryFault{true, "no such mailbox"})};
    EXPECT_EQ(deliver(), "failed");
    EXPECT_EQ(state(), "failed 1");
    EXPECT_EQ(deliver(), "gone");
}

TEST_F(MailDeliveryTest, ANewerNodesTemplateWaitsForIt) {
    send("of_tomorrow");
    EXPECT_THROW(deliver(), platform::ServiceError);
    EXPECT_EQ(state(), "pending 0");
    EXPECT_TRUE(transport_.messages.empty());
}

TEST_F(MailDeliveryTest, AJobWithoutMailFails) {
    job_.tenant = tenant_;
    EXPECT_THROW(deliver(), platform::ServiceError);
}

}  // namespace
}  // namespace sentinel::delivery
