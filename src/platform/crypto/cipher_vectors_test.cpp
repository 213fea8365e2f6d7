#include <gtest/gtest.h>

#include "core/encoding.hpp"
#include "core/vectors_test.hpp"
#include "platform/crypto/cipher.hpp"

namespace {

namespace core = sentinel::core;
namespace vectors = core::vectors;
using namespace sentinel::crypto;

TEST(CipherVectors, AgreeWithWycheproof) {
    SENTINEL_NEEDS_VECTORS("wycheproof/aes_gcm_256.json");
    std::size_t count = 0;
    for (const auto& group : vectors::rows(vectors::parse("wycheproof/aes_gcm_256.json"), "testGroups")) {
        // Our format has one nonce size alone; the other rows cannot be written in it.
        if (vectors::number(group, "ivSize") != 96 || vectors::number(group, "tagSize") != 128) continue;
        for (const auto& row : vectors::rows(group, "tests")) {
            const auto bytes = [&row](std::string_view name) { return core::from_hex(vectors::text(row, name)).value(); };
            const CipherKey key(9, sentinel::platform::Secret(bytes("key")));
            const std::string sealed = std::string("\0\0\0\x09", 4) + bytes("iv") + bytes("ct") + bytes("tag");
            const auto opened = key.open(sealed, bytes("aad"));
            EXPECT_EQ(opened.has_value(), vectors::text(row, "result") == "valid") << vectors::number(row, "tcId");
            if (opened) EXPECT_EQ(*opened, bytes("msg")) << vectors::number(row, "tcId");
            ++count;
        }
    }
    EXPECT_GT(count, 50U);
}

}  // namespace
