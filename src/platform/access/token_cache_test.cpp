#include "platform/access/token_cache.hpp"

#include <string>

#include <gtest/gtest.h>

namespace sentinel::access {
namespace {

VerifiedTokenPointer token(std::int64_t expires_at = 1'000, std::optional<std::string> scope = {}) {
    crypto::AccessClaims claims;
    claims.not_before = 100;
    claims.expires_at = expires_at;
    claims.scope = std::move(scope);
    return make_verified(std::move(claims));
}

TEST(TokenCache, FindsTheWholeTokenAlone) {
    TokenCache cache(1 << 20);
    const VerifiedTokenPointer kept = token();
    cache.put("header.payload.signature", kept);
    EXPECT_EQ(cache.find("header.payload.signature", 500, 30), kept);
    EXPECT_EQ(cache.find("header.payload.signaturE", 500, 30), nullptr);
    EXPECT_EQ(cache.find("header.payload.signature.", 500, 30), nullptr);
    EXPECT_EQ(cache.find("header.payload.", 500, 30), nullptr);
}

TEST(TokenCache, AnEntryDiesWithItsToken) {
    TokenCache cache(1 << 20);
    cache.put("a", token(1'000));
    EXPECT_NE(cache.find("a", 1'029, 30), nullptr);
    EXPECT_EQ(cache.find("a", 1'030, 30), nullptr);
    EXPECT_EQ(cache.find("a", 500, 30), nullptr) << "not when the clock is set back either";
    EXPECT_EQ(cache.bytes(), 0U);
    cache.put("a", token(1'000));
    EXPECT_EQ(cache.find("a", 69, 30), nullptr);
}

TEST(TokenCache, IsBoundedAndForgetsTheLeastRecentlyUsed) {
    TokenCache cache(10'000);
    for (int number = 0; number < 1'000; ++number) {
        cache.put("token-" + std::to_string(number), token());
        cache.find("token-0", 500, 30);
        ASSERT_LE(cache.bytes(), 10'000U);
    }
    EXPECT_LT(cache.size(), 30U);
    EXPECT_NE(cache.find("token-0", 500, 30), nullptr);
    EXPECT_EQ(cache.find("token-1", 500, 30), nullptr);
    cache.put(std::string(20'000, 'x'), token());
    EXPECT_NE(cache.find("token-0", 500, 30), nullptr) << "one too large for the cache drives nobody out";
    cache.forget("token-0");
    EXPECT_EQ(cache.find("token-0", 500, 30), nullptr);
    cache.clear();
    EXPECT_EQ(cache.size(), 0U);
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST(VerifiedToken, TheClaimScopeCutsToWhatItNames) {
    using platform::Scope;
    EXPECT_FALSE(token()->cut.has_value());
    const VerifiedTokenPointer cut = token(1'000, "user:write  nonsense role:read");
    ASSERT_TRUE(cut->cut.has_value());
    EXPECT_TRUE(cut->cut->has(Scope::user_read));
    EXPECT_TRUE(cut->cut->has(Scope::role_read));
    EXPECT_FALSE(cut->cut->has(Scope::user_admin));
    ASSERT_TRUE(token(1'000, "")->cut.has_value());
    EXPECT_TRUE(token(1'000, "")->cut->empty());
    const VerifiedTokenPointer restricted = token(1'000, std::string(scope_claim_of(Restriction::mfa_enrollment)));
    EXPECT_EQ(restricted->restriction, Restriction::mfa_enrollment);
    EXPECT_TRUE(restricted->cut->empty());
}

}  // namespace
}  // namespace sentinel::access
