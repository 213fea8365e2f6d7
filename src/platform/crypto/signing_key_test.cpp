#include "platform/crypto/signing_key.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sentinel::crypto;
namespace json = sentinel::core::json;
using enum SignatureAlgorithm;

TEST(SignatureAlgorithm, TextIsExact) {
    for (const auto algorithm : {es256, eddsa, rs256, hs256}) EXPECT_EQ(parse_signature_algorithm(text_of(algorithm)), algorithm);
    for (const std::string_view text : {"", "none", "es256", "ES256 ", "HS512", "EDDSA"})
        EXPECT_EQ(parse_signature_algorithm(text), std::nullopt);
}

class SigningKeys : public testing::TestWithParam<SignatureAlgorithm> {
protected:
    SigningKey key_ = SigningKey::generate(GetParam());
};

TEST_P(SigningKeys, VerifyTheirOwnSignaturesAlone) {
    const std::string signature = key_.sign("message");
    EXPECT_TRUE(key_.verify("message", signature));
    EXPECT_FALSE(key_.verify("messagf", signature));
    EXPECT_FALSE(key_.verify("message", ""));
    EXPECT_FALSE(key_.verify("message", std::string(signature.size(), '\0')));
    EXPECT_FALSE(key_.verify("message", signature + '\0'));
    EXPECT_FALSE(key_.verify("message", signature.substr(1)));
    EXPECT_FALSE(SigningKey::generate(GetParam()).verify("message", signature));
    EXPECT_TRUE(key_.verify("message", signature)) << "a refusal must not spoil the key";
}

TEST_P(SigningKeys, ComeBackFromTheirRow) {
    const MasterKey master = MasterKey::generate();
    const std::string wrapped = key_.wrap_private(master);
    const auto again = SigningKey::unwrap(master, GetParam(), key_.kid(), wrapped);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(key_.verify("message", again->sign("message")));
    EXPECT_EQ(again->public_jwk(), key_.public_jwk());
    EXPECT_FALSE(SigningKey::unwrap(master, GetParam(), "other", wrapped).has_value());
    EXPECT_FALSE(SigningKey::unwrap(master, GetParam() == es256 ? hs256 : es256, key_.kid(), wrapped).has_value());
    EXPECT_FALSE(SigningKey::unwrap(MasterKey::generate(), GetParam(), key_.kid(), wrapped).has_value());
    const MasterKey successor = MasterKey::generate();
    const auto rewrapped = rewrap_signing_key(wrapped, GetParam(), key_.kid(), master, successor);
    EXPECT_TRUE(SigningKey::unwrap(successor, GetParam(), key_.kid(), *rewrapped).has_value());
}

TEST_P(SigningKeys, ShowTheirPublicPartAlone) {
    const json::Object jwk = key_.public_jwk();
    for (const std::string_view name : {"d", "p", "q", "dp", "dq", "qi", "k"}) EXPECT_FALSE(jwk.contains(name)) << name;
    EXPECT_EQ(*jwk.find("alg")->text(), text_of(GetParam()));
    EXPECT_EQ(*jwk.find("kid")->text(), key_.kid());
    EXPECT_EQ(*jwk.find("use")->text(), "sig");
    const auto read = SigningKey::from_jwk(jwk);
    if (GetParam() == hs256) {
        EXPECT_FALSE(read.has_value());
        return;
    }
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(thumbprint(jwk), key_.kid());
    EXPECT_TRUE(read->verify("message", key_.sign("message")));
    EXPECT_FALSE(read->can_sign());
    EXPECT_THROW(static_cast<void>(read->sign("message")), std::runtime_error);
}

INSTANTIATE_TEST_SUITE_P(All, SigningKeys, testing::Values(es256, eddsa, rs256, hs256),
                         [](const auto& each) { return std::string(text_of(each.param)); });

TEST(SigningKey, RefusesJwksThatDoNotFit) {
    const json::Object good = SigningKey::generate(es256).public_jwk();
    ASSERT_TRUE(SigningKey::from_jwk(good).has_value());
    const auto with = [&good](std::string_view name, const json::Value& value) {
        json::Object jwk = good;
        jwk.set(name, value);
        return SigningKey::from_jwk(jwk).has_value();
    };
    EXPECT_FALSE(with("alg", "HS256"));
    EXPECT_FALSE(with("alg", "ES384"));
    EXPECT_FALSE(with("alg", 1));
    EXPECT_FALSE(with("use", "enc"));
    EXPECT_FALSE(with("crv", "P-384"));
    EXPECT_FALSE(with("kty", "oct"));
    EXPECT_FALSE(with("kid", 1));
    EXPECT_FALSE(with("key_ops", json::Array{"encrypt"}));
    EXPECT_TRUE(with("key_ops", json::Array{"verify"}));
    EXPECT_FALSE(with("x", *good.find("y")->text())) << "no point of the curve";
    EXPECT_FALSE(with("x", *good.find("x")->text() + "AA"));
    EXPECT_FALSE(with("x", "AA"));
}

}  // namespace
