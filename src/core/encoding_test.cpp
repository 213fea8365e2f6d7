#include "core/encoding.hpp"

#include <gtest/gtest.h>

#include "core/vectors_test.hpp"

namespace {

namespace vectors = sentinel::core::vectors;
using namespace sentinel::core;

TEST(Encoding, KeepsAnyBytes) {
    std::string bytes;
    for (int value = 0; value < 256; ++value) {
        bytes.push_back(static_cast<char>(255 - value));
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
        EXPECT_EQ(from_base64_unpadded(to_base64_unpadded(bytes)), bytes);
        EXPECT_EQ(from_base32(to_base32(bytes)), bytes);
        EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    }
}

TEST(Encoding, RefusesWhatIsNotCanonical) {
    for (const std::string_view text : {"Zg=", "Zg", "Zh==", "====", "Zg==Zg==", "Zm9vYg=\n", "Zm9v====", "Z==="}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
    for (const std::string_view text : {"MY", "MZ======", "my======", "M=======", "MZX=====", "========"}) {
        EXPECT_EQ(from_base32(text), std::nullopt) << text;
    }
    for (const std::string_view text : {"0", "0g", "aB", "0x", " 00"}) EXPECT_EQ(from_hex(text), std::nullopt) << text;
    EXPECT_EQ(from_hex("00FF"), from_hex("00ff"));
}

TEST(Encoding, AgreesWithRfc4648) {
    SENTINEL_NEEDS_VECTORS("otp/rfc4648_base.json");
    const auto set = vectors::parse("otp/rfc4648_base.json");
    for (const auto& row : vectors::rows(set, "cases")) {
        const std::string text = vectors::text(row, "text");
        EXPECT_EQ(to_base64(text), vectors::text(row, "base64"));
        EXPECT_EQ(from_base64(vectors::text(row, "base64")), text);
        EXPECT_EQ(to_base64url(text), vectors::text(row, "base64url_nopad"));
        EXPECT_EQ(from_base64url(vectors::text(row, "base64url_nopad")), text);
        EXPECT_EQ(to_base32(text), vectors::text(row, "base32"));
        EXPECT_EQ(from_base32(vectors::text(row, "base32")), text);
        EXPECT_EQ(from_hex(vectors::text(row, "base16")), text);
    }
    for (const auto& row : vectors::rows(set, "strict")) {
        ASSERT_EQ(vectors::text(row, "encoding"), "base64url");
        EXPECT_EQ(from_base64url(vectors::text(row, "text")).has_value(), vectors::boolean(row, "accept"))
            << vectors::text(row, "why");
    }
}

}  // namespace
