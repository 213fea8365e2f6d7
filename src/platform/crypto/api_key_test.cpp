#include "platform/crypto/api_key.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "platform/crypto/random.hpp"

namespace {

using namespace sentinel::crypto;

TEST(ApiKey, HasItsFormAndChecksum) {
    const ApiKey key = make_api_key();
    EXPECT_EQ(key.text.reveal().size(), 64U);
    EXPECT_EQ(key.text.reveal().substr(0, 14), "svc_" + key.key_id);
    const auto parsed = parse_api_key(key.text.reveal());
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->key_id, key.key_id);
    EXPECT_EQ(parsed->text.reveal(), key.text.reveal());
}

TEST(ApiKey, HasTheChecksumOfPage02) {
    // Computed with Python: zlib.crc32 of the 58 characters in base62.
    const std::string body = "svc_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr";
    EXPECT_TRUE(parse_api_key(body + "3thJ8T").has_value());
}

TEST(ApiKey, IsOfAnyLengthThatCanBeSet) {
    for (std::size_t length = min_api_key_length; length <= max_api_key_length; ++length) {
        const std::string text = make_api_key(length).text.reveal();
        EXPECT_EQ(text.size(), length);
        EXPECT_TRUE(parse_api_key(text).has_value());
    }
    EXPECT_THROW(static_cast<void>(make_api_key(39)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(make_api_key(129)), std::runtime_error);
}

TEST(ApiKey, RefusesEveryChangedLetter) {
    const std::string text = make_api_key().text.reveal();
    for (std::size_t index = 0; index < text.size(); ++index) {
        std::string changed = text;
        changed[index] = text[index] == 'x' ? 'y' : 'x';
        EXPECT_FALSE(parse_api_key(changed).has_value()) << index;
    }
    for (const std::string& other : {std::string(), text + "0", text.substr(1), text.substr(0, 63), " " + text,
                                     text.substr(0, 30) + '-' + text.substr(31)}) {
        EXPECT_FALSE(parse_api_key(other).has_value()) << other.size();
    }
}

TEST(RandomText, UsesEveryLetterAlike) {
    std::array<int, 62> counts{};
    const std::string alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (const char letter : random_text(62000, alphabet)) ++counts[alphabet.find(letter)];
    // Each is expected 1 000 times, give or take 32: past 200 the generator leans (by a remainder the first eight would have 1 210).
    for (std::size_t index = 0; index < counts.size(); ++index) EXPECT_NEAR(counts[index], 1000, 190) << alphabet[index];
}

}  // namespace
