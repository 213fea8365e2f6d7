#include "platform/crypto/password_hash.hpp"

#include <gtest/gtest.h>

#include "core/encoding.hpp"
#include "core/vectors_test.hpp"

namespace {

namespace core = sentinel::core;
namespace vectors = core::vectors;
using namespace sentinel::crypto;
using sentinel::platform::Secret;

constexpr PasswordCost cheap{64, 1, 1};

TEST(PasswordHash, VerifiesItsPasswordAlone) {
    const std::string hash = hash_password(Secret("correct horse"), cheap);
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << hash;
    EXPECT_TRUE(verify_password(Secret("correct horse"), hash));
    EXPECT_FALSE(verify_password(Secret("correct Horse"), hash));
    EXPECT_FALSE(verify_password(Secret(std::string("correct horse\0", 14)), hash));
    EXPECT_NE(hash, hash_password(Secret("correct horse"), cheap)) << "each has a salt of its own";
    const auto parsed = parse_password_hash(hash);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->cost, cheap);
    EXPECT_EQ(parsed->salt.size(), 16U);
    EXPECT_EQ(parsed->tag.size(), 32U);
}

TEST(PasswordHash, IsTheSameInEveryUnicodeForm) {
    const std::string hash = hash_password(Secret("P\xC3\xA4sse"), cheap);
    EXPECT_TRUE(verify_password(Secret("Pa\xCC\x88sse"), hash));
    EXPECT_FALSE(verify_password(Secret("Passe"), hash));
}

TEST(PasswordHash, AsksForANewOneWhereCostsWereRaised) {
    const std::string hash = hash_password(Secret("x"), cheap);
    EXPECT_FALSE(needs_rehash(hash, cheap));
    EXPECT_FALSE(needs_rehash(hash, {32, 1, 1})) << "a stronger hash stays";
    EXPECT_TRUE(needs_rehash(hash, {65, 1, 1}));
    EXPECT_TRUE(needs_rehash(hash, {64, 2, 1}));
    EXPECT_TRUE(needs_rehash(hash, {64, 1, 2}));
    EXPECT_TRUE(needs_rehash("", cheap));
}

TEST(PasswordHashVectors, AgreeWithKnownTags) {
    SENTINEL_NEEDS_VECTORS("argon2/argon2.json");
    const auto set = vectors::parse("argon2/argon2.json");
    std::size_t count = 0;
    for (const std::string_view list : {"argon2id", "extra"}) {
        for (const auto& row : vectors::rows(set, list)) {
            const std::string encoded = vectors::text(row, "encoded");
            const Secret password(vectors::text(row, "password"));
            const auto parsed = parse_password_hash(encoded);
            ASSERT_TRUE(parsed.has_value()) << encoded;
            EXPECT_EQ(core::to_hex(parsed->tag), vectors::text(row, "hash_hex"));
            EXPECT_TRUE(verify_password(password, encoded)) << encoded;
            EXPECT_FALSE(verify_password(Secret(password.reveal() + "x"), encoded)) << encoded;
            ++count;
        }
    }
    EXPECT_EQ(count, 16U);
}

TEST(PasswordHashVectors, HostileTextsAreRefusedBeforeAnyWork) {
    SENTINEL_NEEDS_VECTORS("argon2/argon2.json");
    for (const auto& row : vectors::rows(vectors::parse("argon2/argon2.json"), "malformed")) {
        const std::string encoded = vectors::text(row, "encoded");
        ASSERT_FALSE(vectors::boolean(row, "accept"));
        EXPECT_FALSE(verify_password(Secret(vectors::text(row, "password")), encoded)) << vectors::text(row, "why");
        // "hash cut" leaves a shorter, well-formed tag: refused by comparison alone.
        if (vectors::text(row, "why") != "hash cut")
            EXPECT_FALSE(parse_password_hash(encoded).has_value()) << vectors::text(row, "why");
    }
}

}  // namespace
