#include "platform/crypto/cipher.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/random.hpp"

namespace {

using namespace sentinel::crypto;

class Cipher : public testing::Test {
protected:
    CipherKey key_{7, random_secret(32)};
};

TEST_F(Cipher, OpensWhatItSealed) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{64}, std::size_t{100000}}) {
        const std::string text = random_bytes(size);
        const std::string sealed = key_.seal(text, "place");
        EXPECT_EQ(sealed.size(), size + seal_overhead);
        EXPECT_EQ(sealed_version(sealed), 7U);
        EXPECT_EQ(key_.open(sealed, "place"), text);
    }
}

TEST_F(Cipher, NeverSealsTwiceAlike) { EXPECT_NE(key_.seal("text", "place"), key_.seal("text", "place")); }

TEST_F(Cipher, RefusesEveryChangedBit) {
    const std::string sealed = key_.seal("sixteen bytes ab", "place");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        std::string changed = sealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        const auto opened = key_.open(changed, "place");
        ASSERT_FALSE(opened.has_value()) << bit;
        EXPECT_EQ(opened.error(), bit < 32 ? OpenFault::unknown_key : OpenFault::forged) << bit;
    }
    EXPECT_EQ(key_.open(sealed, "place"), "sixteen bytes ab") << "a refusal must not spoil the context for the next";
}

TEST_F(Cipher, RefusesAnotherPlaceKeyOrLength) {
    const std::string sealed = key_.seal("text", "place");
    EXPECT_EQ(key_.open(sealed, "plac").error(), OpenFault::forged);
    EXPECT_EQ(key_.open(sealed, "").error(), OpenFault::forged);
    EXPECT_EQ(CipherKey(7, random_secret(32)).open(sealed, "place").error(), OpenFault::forged);
    EXPECT_EQ(key_.open(sealed + '\0', "place").error(), OpenFault::forged);
    EXPECT_EQ(key_.open(sealed.substr(0, seal_overhead - 1), "place").error(), OpenFault::malformed);
    EXPECT_EQ(key_.open("", "place").error(), OpenFault::malformed);
}

TEST(CipherKey, HasThirtyTwoBytes) { EXPECT_THROW(CipherKey(1, random_secret(16)), std::runtime_error); }

}  // namespace
