#include "platform/access/revocations.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace sentinel::access {
namespace {

const core::TenantId tenant = *core::TenantId::parse("11111111-1111-1111-1111-111111111111");
const core::TenantId other = *core::TenantId::parse("22222222-2222-2222-2222-222222222222");
const core::Uuid thing = *core::Uuid::parse("0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee");

Revocation row(RevocationKind kind, std::string reference, std::int64_t expires, std::int64_t sequence = 1,
               std::optional<core::json::Value> value = {}) {
    return Revocation::read(tenant, kind, std::move(reference), sequence, value, {.seconds = expires});
}
core::json::Value json(std::string_view text) { return *core::json::parse(text); }

TEST(RevocationSet, EndsWhatIsNamedAndNothingElse) {
    RevocationSet set;
    EXPECT_FALSE(set.ended_session(tenant, {thing}));
    set.add(row(RevocationKind::session, thing.text(), 10));
    EXPECT_TRUE(set.ended_session(tenant, {thing}));
    EXPECT_FALSE(set.ended_session(other, {thing}));
    EXPECT_FALSE(set.ended_token(tenant, {thing}));
    EXPECT_FALSE(set.epoch_of(tenant, {thing}).has_value());
    set.add(row(RevocationKind::jti, "0190AAAA-BBBB-7CCC-8DDD-EEEEEEEEEEEE", 10));
    EXPECT_TRUE(set.ended_token(tenant, {thing}));
    set.add(row(RevocationKind::key, "Ab3dEf6h1J", 10));
    EXPECT_TRUE(set.ended_key(tenant, "Ab3dEf6h1J"));
    EXPECT_FALSE(set.ended_key(tenant, "ab3dEf6h1J"));
}

TEST(RevocationSet, NeverForgetsBeforeTheLatestEndAndKeepsTheHighestEpoch) {
    RevocationSet set;
    set.add(row(RevocationKind::user_epoch, thing.text(), 100, 5, json("7")));
    set.add(row(RevocationKind::user_epoch, thing.text(), 50, 4, json("6")));
    EXPECT_EQ(set.epoch_of(tenant, {thing}), 7);
    EXPECT_EQ(set.size(), 1U);
    EXPECT_EQ(set.without_expired({.seconds = 99}).size(), 1U);
    EXPECT_EQ(set.without_expired({.seconds = 100}).size(), 0U);
    EXPECT_EQ(set.size(), 1U);
    EXPECT_TRUE(set.knows(row(RevocationKind::user_epoch, thing.text(), 100, 5, json("7"))));
    EXPECT_FALSE(set.knows(row(RevocationKind::user_epoch, thing.text(), 100, 6, json("8"))));
}

TEST(RevocationSet, OfTwoChangesOfNetworksTheLaterSequenceCounts) {
    RevocationSet set;
    set.add(row(RevocationKind::account, thing.text(), 10, 9, json(R"(["10.0.0.0/8"])")));
    set.add(row(RevocationKind::account, thing.text(), 10, 8, json(R"(["192.0.2.0/24"])")));
    ASSERT_NE(set.networks_of(tenant, {thing}), nullptr);
    EXPECT_EQ(*set.networks_of(tenant, {thing}), std::vector{*core::IpNetwork::parse("10.0.0.0/8")});
    set.add(row(RevocationKind::account, thing.text(), 10, 10, json(R"({"allowed_cidrs": []})")));
    EXPECT_TRUE(set.networks_of(tenant, {thing})->empty());
}

TEST(RevocationSet, WhatCannotBeReadLetsNobodyIn) {
    EXPECT_EQ(row(RevocationKind::user_epoch, thing.text(), 1).epoch, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(row(RevocationKind::user_epoch, thing.text(), 1, 1, json("\"x\"")).epoch, std::numeric_limits<std::int64_t>::max());
    for (const char* value : {"null", "\"10.0.0.0/8\"", R"(["10.0.0.1/8"])", R"([1])"}) {
        const Revocation read = row(RevocationKind::account, thing.text(), 1, 1, json(value));
        ASSERT_EQ(read.networks.size(), 1U) << value;
        EXPECT_FALSE(read.networks[0].contains(*core::IpAddress::parse("10.0.0.1"))) << value;
    }
}

TEST(RevocationSet, CopiesAreSnapshots) {
    RevocationSet set;
    const RevocationSet before = set;
    for (int number = 0; number < 1'000; ++number) set.add(row(RevocationKind::key, "key-" + std::to_string(number), 10));
    EXPECT_EQ(before.size(), 0U);
    EXPECT_EQ(set.size(), 1'000U);
    EXPECT_TRUE(set.ended_key(tenant, "key-999"));
    for (const RevocationKind kind : {RevocationKind::session, RevocationKind::account}) {
        EXPECT_EQ(parse_revocation_kind(text_of(kind)), kind);
    }
    EXPECT_EQ(parse_revocation_kind("Session"), std::nullopt);
}

}  // namespace
}  // namespace sentinel::access
