#include "platform/crypto/jwt.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "platform/crypto/jwt_testing.hpp"

namespace {

using namespace sentinel;
using namespace sentinel::crypto;
using crypto::testing::named_key;
using crypto::testing::signed_token;
namespace json = core::json;

constexpr std::int64_t now = 1767225600;

AccessClaims person() {
    AccessClaims claims;
    claims.subject = *core::UserId::parse("0198b0a0-0000-7000-8000-000000000001");
    claims.token_id = *core::TokenId::parse("0198b0a0-0000-7000-8000-00000000f001");
    claims.tenant = *core::TenantId::parse("11111111-1111-1111-1111-111111111111");
    claims.tenant_code = "TEST-001";
    claims.issued_at = now - 60;
    claims.not_before = now - 60;
    claims.expires_at = now + 840;
    claims.session = *core::SessionId::parse("0198b0a0-0000-7000-8000-000000000077");
    claims.epoch = 3;
    claims.amr = {"pwd", "otp"};
    claims.auth_time = now - 60;
    claims.roles = std::vector<std::string>{"viewer"};
    return claims;
}

AccessClaims service_account() {
    AccessClaims claims = person();
    claims.is_service_account = true;
    claims.session.reset();
    claims.key_id = "0123456789";
    claims.amr.clear();
    claims.roles.reset();
    claims.scope = "permission:check user:read";
    return claims;
}

class AccessToken : public ::testing::Test {
protected:
    std::expected<AccessClaims, TokenFault> verify(std::string_view token, std::int64_t at = now) const {
        return verify_access_token(keys_, rules_, token, core::Instant{at, 0});
    }
    std::string sign(const AccessClaims& claims) const { return sign_access_token(keys_, rules_, claims); }
    /// The claims of a person, one of them set or (by null pointer) taken away, genuinely signed.
    std::expected<AccessClaims, TokenFault> with(std::string_view name, const json::Value* value) const {
        const std::string token = sign(person());
        const std::size_t first = token.find('.');
        json::Object payload =
            *json::parse(core::from_base64url(token.substr(first + 1, token.rfind('.') - first - 1)).value())->object();
        if (value == nullptr) {
            payload.erase(name);
        } else {
            payload.set(name, *value);
        }
        return verify(signed_token(*key_, R"({"alg":"ES256","kid":"k1","typ":"at+jwt"})", json::to_text(payload)));
    }
    std::expected<AccessClaims, TokenFault> with(std::string_view name, const json::Value& value) const {
        return with(name, &value);
    }

    KeySet::Key key_ = named_key(SignatureAlgorithm::es256, "k1");
    KeySet keys_{key_, {}};
    TokenRules rules_{"https://auth.sentinel.test", "sentinel"};
};

TEST_F(AccessToken, SaysWhatWasSigned) {
    EXPECT_EQ(verify(sign(person())), person());
    EXPECT_EQ(verify(sign(service_account())), service_account());
    AccessClaims impersonated = person();
    impersonated.actor = *core::UserId::parse("0198b0a0-0000-7000-8000-000000000009");
    impersonated.roles.reset();
    EXPECT_EQ(verify(sign(impersonated)), impersonated);
}

TEST_F(AccessToken, WorksWithEveryAlgorithm) {
    for (const auto algorithm :
         {SignatureAlgorithm::es256, SignatureAlgorithm::eddsa, SignatureAlgorithm::rs256, SignatureAlgorithm::hs256}) {
        const KeySet keys(std::make_shared<const SigningKey>(SigningKey::generate(algorithm)), {});
        const std::string token = sign_access_token(keys, rules_, person());
        EXPECT_EQ(verify_access_token(keys, rules_, token, core::Instant{now, 0}), person()) << text_of(algorithm);
        EXPECT_EQ(verify(token).error(), TokenFault::unknown_key);
    }
}

TEST_F(AccessToken, RefusesEveryChangedLetter) {
    const std::string token = sign(person());
    for (std::size_t index = 0; index < token.size(); ++index) {
        std::string changed = token;
        changed[index] = token[index] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(verify(changed).has_value()) << index;
    }
}

TEST_F(AccessToken, HoldsWithinTheSkewAlone) {
    const std::string token = sign(person());
    EXPECT_TRUE(verify(token, now + 840 + 29).has_value());
    EXPECT_EQ(verify(token, now + 840 + 30).error(), TokenFault::expired);
    EXPECT_TRUE(verify(token, now - 60 - 30).has_value());
    EXPECT_EQ(verify(token, now - 60 - 31).error(), TokenFault::not_yet_valid);
    EXPECT_EQ(verify(token, std::numeric_limits<std::int32_t>::max()).error(), TokenFault::expired);
}

TEST_F(AccessToken, IsExpiredOnlyWhenAllElseHolds) {
    AccessClaims old = person();
    old.expires_at = now - 40;
    EXPECT_EQ(verify(sign(old)).error(), TokenFault::expired);
    const TokenRules elsewhere{"https://other.test", "sentinel"};
    EXPECT_EQ(verify(sign_access_token(keys_, elsewhere, old)).error(), TokenFault::issuer);
    const KeySet strangers(named_key(SignatureAlgorithm::es256, "k1"), {});
    EXPECT_EQ(verify(sign_access_token(strangers, rules_, old)).error(), TokenFault::signature);
}

TEST_F(AccessToken, NeedsEveryClaim) {
    for (const std::string_view name : {"sub", "exp", "iat", "nbf", "jti", "tenant_id", "tenant_code", "session_id",
                                        "is_service_account", "epoch", "amr", "auth_time"}) {
        EXPECT_EQ(with(name, nullptr).error(), TokenFault::claims) << name;
        EXPECT_EQ(with(name, json::Value()).error(), TokenFault::claims) << name;
    }
    EXPECT_EQ(with("type", nullptr).error(), TokenFault::type);
    EXPECT_EQ(with("iss", nullptr).error(), TokenFault::issuer);
    EXPECT_EQ(with("aud", nullptr).error(), TokenFault::audience);
    EXPECT_TRUE(with("roles", nullptr).has_value());
    EXPECT_TRUE(with("x_unknown", json::Array{1, 2}).has_value());
}

TEST_F(AccessToken, RefusesClaimsOfWrongKind) {
    for (const std::string_view name : {"exp", "iat", "nbf", "epoch", "auth_time"}) {
        for (const json::Value& value : {json::Value("1767226440"), json::Value(1767226440.5), json::Value(1e300),
                                         json::Value(true), json::Value(json::Array{1767226440})}) {
            EXPECT_EQ(with(name, value).error(), TokenFault::claims) << name << json::to_text(value);
        }
    }
    EXPECT_EQ(with("exp", 1e15).error(), TokenFault::lifetime);
    EXPECT_EQ(with("exp", -1).error(), TokenFault::expired);
    EXPECT_EQ(with("iat", now + 31).error(), TokenFault::not_yet_valid);
    EXPECT_EQ(with("iat", -1e15).error(), TokenFault::lifetime);
    EXPECT_EQ(with("type", "refresh").error(), TokenFault::type);
    EXPECT_EQ(with("aud", json::Array{"sentinel"}).error(), TokenFault::audience);
    EXPECT_EQ(with("iss", "https://auth.sentinel.test/").error(), TokenFault::issuer);
    EXPECT_EQ(with("sub", "*").error(), TokenFault::claims);
    EXPECT_EQ(with("is_service_account", "false").error(), TokenFault::claims);
    EXPECT_EQ(with("is_service_account", true).error(), TokenFault::claims) << "a session and no key";
    EXPECT_EQ(with("key_id", "0123456789").error(), TokenFault::claims) << "a person has none";
    EXPECT_EQ(with("scope", json::Object{}).error(), TokenFault::claims);
    EXPECT_EQ(with("amr", json::Array{1}).error(), TokenFault::claims);
    EXPECT_EQ(with("roles", json::Array{"a", "b", "c", "d", "e", "f", "g", "h", "i"}).error(), TokenFault::claims);
    EXPECT_EQ(with("act", "0198b0a0-0000-7000-8000-000000000009").error(), TokenFault::claims);
    EXPECT_EQ(with("act", json::Object{{"sub", "x"}}).error(), TokenFault::claims);
}

TEST_F(AccessToken, RefusesOtherHeaders) {
    const std::string token = sign(person());
    const std::size_t first = token.find('.');
    const std::string payload = core::from_base64url(token.substr(first + 1, token.rfind('.') - first - 1)).value();
    const auto fault = [&](std::string_view header) { return verify(signed_token(*key_, header, payload)).error(); };
    ASSERT_TRUE(verify(signed_token(*key_, R"({"typ":"at+jwt","kid":"k1","alg":"ES256"})", payload)).has_value());
    EXPECT_EQ(fault(R"({"alg":"ES256","kid":"k1"})"), TokenFault::header);
    EXPECT_EQ(fault(R"({"alg":"ES256","typ":"at+jwt"})"), TokenFault::header);
    EXPECT_EQ(fault(R"({"kid":"k1","typ":"at+jwt"})"), TokenFault::header);
    EXPECT_EQ(fault(R"({"alg":"ES256","kid":"k1","typ":"JWT"})"), TokenFault::type);
    EXPECT_EQ(fault(R"({"alg":"ES256","kid":"k1","typ":"AT+JWT"})"), TokenFault::type);
    EXPECT_EQ(fault(R"({"alg":"EdDSA","kid":"k1","typ":"at+jwt"})"), TokenFault::algorithm);
    EXPECT_EQ(fault(R"({"alg":"none","kid":"k1","typ":"at+jwt"})"), TokenFault::algorithm);
    for (const std::string_view name : {"crit", "jku", "jwk", "x5u", "x5c", "zip", "enc", "b64", "cty", "epk"}) {
        EXPECT_EQ(fault(R"({"alg":"ES256","kid":"k1","typ":"at+jwt",")" + std::string(name) + R"(":[]})"), TokenFault::header)
            << name;
    }
}

TEST_F(AccessToken, IsNeverLong) {
    AccessClaims claims = person();
    claims.scope = std::string(max_token_bytes, 'x');
    EXPECT_EQ(verify(sign(claims)).error(), TokenFault::malformed);
    EXPECT_EQ(verify(std::string(10000000, '.')).error(), TokenFault::malformed);
    EXPECT_EQ(verify("").error(), TokenFault::malformed);
}

TEST(KeySet, VerifiesWithAllAndSignsWithOne) {
    const auto first = named_key(SignatureAlgorithm::es256, "first");
    const auto second = named_key(SignatureAlgorithm::eddsa, "second");
    const auto secret = named_key(SignatureAlgorithm::hs256, "secret");
    const TokenRules rules{"issuer", "audience"};
    const std::string token = sign_access_token(KeySet(first, {}), rules, person());
    const KeySet rotated(second, {first, secret});
    EXPECT_TRUE(verify_access_token(rotated, rules, token, core::Instant{now, 0}).has_value());
    EXPECT_TRUE(
        verify_access_token(rotated, rules, sign_access_token(rotated, rules, person()), core::Instant{now, 0}).has_value());
    EXPECT_EQ(verify_access_token(KeySet(second, {}), rules, token, core::Instant{now, 0}).error(), TokenFault::unknown_key);
    EXPECT_THROW(static_cast<void>(sign_access_token(KeySet(nullptr, {first}), rules, person())), std::runtime_error);

    const json::Object jwks = rotated.jwks();
    const json::Array& shown = *jwks.find("keys")->array();
    ASSERT_EQ(shown.size(), 2U) << "HS256 is never shown";
    EXPECT_EQ(*shown[0].object()->find("kid")->text(), "first");
    EXPECT_EQ(*shown[1].object()->find("kid")->text(), "second");
}

}  // namespace
