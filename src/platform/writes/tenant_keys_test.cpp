#include "platform/writes/tenant_keys.hpp"

#include <gtest/gtest.h>

#include "platform/service/error.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::writes {
namespace {

using boost::asio::awaitable;

class TenantKeysTest : public ::testing::Test {
protected:
    KeyRingPointer ring(TenantKeys& keys, core::TenantId tenant) {
        return node_.worker(0).run(node_.worker(0).database().read(
            tenant,
            [&](postgres::Transaction& transaction) -> awaitable<KeyRingPointer> { co_return co_await keys.of(transaction); }));
    }
    KeyRingPointer ring(core::TenantId tenant) { return ring(node_.keys(), tenant); }

    testing::WritingNode node_;
    core::TenantId tenant_ = testing::tenant_with_keys(node_);
    crypto::FieldPlace place_{"users", "email_encrypted", access::testing::new_uuid()};
};

TEST_F(TenantKeysTest, LoadsARingOnceUntilItIsForgotten) {
    const KeyRingPointer first = ring(tenant_);
    EXPECT_EQ(first->tenant(), tenant_);
    EXPECT_EQ(ring(tenant_), first);
    node_.keys().forget(tenant_);
    EXPECT_NE(ring(tenant_), first);
}

TEST_F(TenantKeysTest, AnotherTenantsRingOpensNothing) {
    const core::TenantId other = testing::tenant_with_keys(node_);
    const std::string sealed = ring(tenant_)->seal(place_, "a@a.example");
    EXPECT_EQ(ring(tenant_)->open(place_, sealed), "a@a.example");
    EXPECT_FALSE(ring(other)->open(place_, sealed));
    EXPECT_NE(ring(tenant_)->index("users.email", "a").text(), ring(other)->index("users.email", "a").text());
}

TEST_F(TenantKeysTest, ANewVersionSealsAndTheOldOneOpens) {
    const std::string sealed = ring(tenant_)->seal(place_, "before");
    testing::insert_keys(node_, tenant_,
                         {crypto::make_tenant_key(node_.keys().master(), tenant_, crypto::TenantKeyPurpose::data, 2)});
    EXPECT_EQ(ring(tenant_)->data_version(), 1U) << "until it is told";
    node_.keys().forget(tenant_);
    EXPECT_EQ(ring(tenant_)->data_version(), 2U);
    EXPECT_EQ(ring(tenant_)->open(place_, sealed), "before");
    EXPECT_EQ(ring(tenant_)->open(place_, ring(tenant_)->seal(place_, "after")), "after");
}

TEST_F(TenantKeysTest, ATenantWithoutKeysIsNotThere) {
    try {
        ring(access::testing::OtherNode().tenant());
        ADD_FAILURE() << "a ring of nothing";
    } catch (const platform::ServiceError& error) { EXPECT_EQ(error.code(), platform::ErrorCode::resource_not_found); }
}

TEST_F(TenantKeysTest, ADestroyedKeyOpensNothingAndNobodyInventsAnother) {
    testing::TestDatabase::instance().owner().run(
        "update sentinel_private.tenant_keys set wrapped_key = null, destroyed_at = now() where tenant_id = '" + tenant_.text() +
        "'");
    EXPECT_THROW(ring(tenant_), platform::ServiceError);
}

TEST_F(TenantKeysTest, KeepsNoMoreThanItsCapacity) {
    const core::TenantId other = testing::tenant_with_keys(node_);
    TenantKeys small(testing::WritingNode::master(), testing::WritingNode::server_keys(), 1);
    const KeyRingPointer first = ring(small, tenant_);
    EXPECT_EQ(ring(small, tenant_), first);
    ring(small, other);
    EXPECT_NE(ring(small, tenant_), first);
}

}  // namespace
}  // namespace sentinel::writes
