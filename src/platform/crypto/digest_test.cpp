#include "platform/crypto/digest.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/encoding.hpp"
#include "core/vectors_test.hpp"
#include "platform/crypto/derivation.hpp"

namespace {

namespace core = sentinel::core;
namespace vectors = core::vectors;
using namespace sentinel::crypto;
using sentinel::platform::Secret;

TEST(Digest, IsSha256) {
    const Digest digest = sha256("abc");
    EXPECT_EQ(core::to_hex(digest.view()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_TRUE(same(sha256({"a", "", "bc"}), digest.view()));
    Sha256 hash;
    hash.update("ab");
    hash.update("c");
    EXPECT_TRUE(same(hash.finish(), digest.view()));
    hash.update("abc");
    EXPECT_TRUE(same(hash.finish(), digest.view())) << "finish starts anew";
}

TEST(Digest, ComparesWholeTexts) {
    EXPECT_TRUE(same("", ""));
    EXPECT_TRUE(same("abc", "abc"));
    EXPECT_FALSE(same("abc", "abd"));
    EXPECT_FALSE(same("abc", "abcd"));
    EXPECT_FALSE(same(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST(Fields, TellListsApart) {
    EXPECT_NE(Fields().add("ab").add("c").bytes(), Fields().add("a").add("bc").bytes());
    EXPECT_NE(Fields().add("a").bytes(), Fields().add("a").add("").bytes());
    EXPECT_EQ(Fields().add(std::uint64_t{258}).bytes(), std::string("\0\0\0\x08\0\0\0\0\0\0\x01\x02", 12));
}

TEST(Hmac, GivesTheSameFromManyThreads) {
    const HmacKey key{Secret("a key")};
    const std::string expected = key.mac("message").text();
    std::vector<int> wrong(8);
    std::vector<std::thread> threads;
    for (int& count : wrong) {
        threads.emplace_back([&key, &count, &expected] {
            for (int round = 0; round < 2000; ++round) count += same(key.mac({"mess", "age"}), expected) ? 0 : 1;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(8));
}

TEST(Hmac, AgreesWithWycheproof) {
    SENTINEL_NEEDS_VECTORS("wycheproof/hmac_sha256.json");
    std::size_t count = 0;
    for (const auto& group : vectors::rows(vectors::parse("wycheproof/hmac_sha256.json"), "testGroups")) {
        const auto tag_bytes = static_cast<std::size_t>(vectors::number(group, "tagSize")) / 8;
        for (const auto& row : vectors::rows(group, "tests")) {
            const HmacKey key{Secret(core::from_hex(vectors::text(row, "key")).value())};
            const Digest mac = key.mac(core::from_hex(vectors::text(row, "msg")).value());
            const bool genuine = same(mac.view().substr(0, tag_bytes), core::from_hex(vectors::text(row, "tag")).value());
            EXPECT_EQ(genuine, vectors::text(row, "result") == "valid") << vectors::number(row, "tcId");
            ++count;
        }
    }
    EXPECT_EQ(count, 174U);
}

TEST(Derivation, AgreesWithWycheproof) {
    SENTINEL_NEEDS_VECTORS("wycheproof/hkdf_sha256.json");
    std::size_t count = 0;
    for (const auto& group : vectors::rows(vectors::parse("wycheproof/hkdf_sha256.json"), "testGroups")) {
        for (const auto& row : vectors::rows(group, "tests")) {
            const auto size = static_cast<std::size_t>(vectors::number(row, "size"));
            const Secret key(core::from_hex(vectors::text(row, "ikm")).value());
            const std::string salt = core::from_hex(vectors::text(row, "salt")).value();
            const std::string info = core::from_hex(vectors::text(row, "info")).value();
            ++count;
            if (vectors::text(row, "result") == "valid") {
                EXPECT_EQ(derive_key(key, salt, info, size).reveal(), core::from_hex(vectors::text(row, "okm")))
                    << vectors::number(row, "tcId");
            } else {
                EXPECT_THROW(static_cast<void>(derive_key(key, salt, info, size)), std::runtime_error)
                    << vectors::number(row, "tcId");
            }
        }
    }
    EXPECT_EQ(count, 86U);
}

}  // namespace
