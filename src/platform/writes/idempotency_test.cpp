#include "platform/writes/idempotency.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/digest.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::writes {
namespace {

using boost::asio::awaitable;
using testing::TestDatabase;
using testing::WritingNode;

/// As an endpoint that answers 201 with the text that the work made.
class TextRenderer final : public platform::AnswerRenderer {
public:
    platform::StoredAnswer render(const void* result, const std::type_info& type) const override {
        EXPECT_EQ(type, typeid(std::string));
        platform::StoredAnswer answer;
        answer.status = 201;
        answer.body = *static_cast<const std::string*>(result);
        answer.location = "/things/1";
        answer.etag = "\"1\"";
        return answer;
    }
};

class IdempotencyTest : public ::testing::Test {
protected:
    platform::RequestContext context_of(core::UserId principal, const std::string& key, const std::string& body,
                                        const std::string& route) {
        platform::RequestContext context = WritingNode::system_context(tenant_);
        context.actor.user = principal;
        context.idempotency = {.key = key, .route = route, .request_hash = crypto::sha256(body).text(), .renderer = &renderer_};
        return context;
    }
    /// What the caller is told: the text made, or the answer of before with all it consists of.
    std::string ask(const std::string& key, const std::string& body, std::size_t worker = 0) {
        return ask(context_of(principal_, key, body, "POST /things"), worker);
    }
    std::string ask(platform::RequestContext context, std::size_t worker = 0) {
        try {
            return node_.worker(worker).run(
                node_.worker(worker).writer().write<std::string>(context, [&](WriteTransaction&) -> awaitable<std::string> {
                    ++made_;
                    if (meanwhile_) meanwhile_();
                    co_return "made " + std::to_string(made_);
                }));
        } catch (const platform::Replay& replay) {
            const platform::StoredAnswer& answer = replay.answer();
            return std::to_string(answer.status) + " " + answer.body + " " + answer.location + " " + answer.etag;
        }
    }
    platform::ErrorCode refusal_of(const std::string& key, const std::string& body, std::size_t worker = 0) {
        try {
            ADD_FAILURE() << ask(key, body, worker);
        } catch (const platform::ServiceError& error) { return error.code(); }
        return platform::ErrorCode::internal_error;
    }
    static void owner(const std::string& sql) { TestDatabase::instance().owner().run(sql); }

    WritingNode node_;
    core::TenantId tenant_ = testing::tenant_with_keys(node_);
    core::UserId principal_ = access::testing::new_id<core::UserId>();
    TextRenderer renderer_;
    int made_ = 0;
    std::function<void()> meanwhile_;
};

TEST_F(IdempotencyTest, ARepetitionGetsTheStoredAnswerOnEveryWorker) {
    EXPECT_EQ(ask("k", "body"), "made 1");
    EXPECT_EQ(ask("k", "body"), "201 made 1 /things/1 \"1\"");
    EXPECT_EQ(ask("k", "body", 1), "201 made 1 /things/1 \"1\"");
    EXPECT_EQ(made_, 1);
}

TEST_F(IdempotencyTest, AnotherRequestWithTheKeyIsRefused) {
    ask("k", "body");
    EXPECT_EQ(refusal_of("k", "other body"), platform::ErrorCode::idempotency_key_reused);
    EXPECT_EQ(ask("another key", "other body"), "made 2");
}

TEST_F(IdempotencyTest, AKeyIsItsPrincipalsAndItsRoutes) {
    ask("k", "body");
    EXPECT_EQ(ask(context_of(access::testing::new_id<core::UserId>(), "k", "body", "POST /things")), "made 2");
    EXPECT_EQ(ask(context_of(principal_, "k", "body", "POST /others")), "made 3");
}

TEST_F(IdempotencyTest, WhileTheFirstRunsTheSecondIsToldSo) {
    meanwhile_ = [this] {
        meanwhile_ = {};
        EXPECT_EQ(refusal_of("k", "body", 1), platform::ErrorCode::idempotency_in_progress);
    };
    EXPECT_EQ(ask("k", "body"), "made 1");
    EXPECT_EQ(ask("k", "body", 1), "201 made 1 /things/1 \"1\"");
}

TEST_F(IdempotencyTest, AFailedWriteKeepsNothing) {
    meanwhile_ = [] { throw platform::conflict("state", "no"); };
    EXPECT_EQ(refusal_of("k", "body"), platform::ErrorCode::conflict);
    meanwhile_ = {};
    EXPECT_EQ(ask("k", "body"), "made 2");
}

TEST_F(IdempotencyTest, AnExpiredAnswerIsMadeAnew) {
    ask("k", "body");
    owner("update sentinel.idempotency_keys set expires_at = now() - interval '1 second' where tenant_id = '" + tenant_.text() +
          "'");
    EXPECT_EQ(ask("k", "other body"), "made 2");
    EXPECT_EQ(ask("k", "other body"), "201 made 2 /things/1 \"1\"");
}

TEST_F(IdempotencyTest, NeitherKeyNorAnswerIsReadableInTheDatabase) {
    ask("my-secret-key", "body");
    EXPECT_EQ(TestDatabase::instance().owner().value(
                  "select (position('made'::bytea in body_encrypted) + position('my-secret-key'::bytea in key_hash))::text "
                  "from sentinel.idempotency_keys where tenant_id = '" +
                  tenant_.text() + "'"),
              "0");
}

}  // namespace
}  // namespace sentinel::writes
