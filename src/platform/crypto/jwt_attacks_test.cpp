// Each attack of jose/jwt_attacks.json as one mutation of a token of our own: the same edit of header, payload or signature, and
// signed with the right key wherever the attack does not lie in the signature, so that nothing but the mutation can be refused.

#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "core/vectors_test.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/jwt_testing.hpp"

namespace {

using namespace sentinel;
using namespace sentinel::crypto;
using crypto::testing::named_key;
using platform::Secret;
namespace json = core::json;
namespace vectors = core::vectors;
using enum TokenFault;

struct Parts {
    std::string header;
    std::string payload;
    std::string signature;
};

/// What our tokens have and those of the set lack.
constexpr std::string_view own_claims =
    R"("type":"access","tenant_code":"TEST-001","session_id":"0198b0a0-0000-7000-8000-000000000077","is_service_account":false,)"
    R"("epoch":3,"amr":["pwd"],"auth_time":1767225540,)";

std::string own_payload(std::string text) { return text.starts_with("{\"") ? text.insert(1, own_claims) : text; }

std::string own_header(std::string text) {
    constexpr std::string_view theirs = R"("typ":"JWT")";
    constexpr std::string_view ours = R"("typ":"at+jwt")";
    if (const std::size_t found = text.find(theirs); found != std::string::npos) return text.replace(found, theirs.size(), ours);
    const bool has_type = text.find("\"typ\"") != std::string::npos;
    return text.starts_with("{\"alg\":\"") && !has_type ? text.insert(1, std::string(ours) + ',') : text;
}

Parts split(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos) return {};
    return {std::string(token.substr(0, first)), std::string(token.substr(first + 1, second - first - 1)),
            std::string(token.substr(second + 1))};
}

std::string hmac_with(std::string_view secret, std::string_view text) {
    return core::to_base64url(HmacKey(Secret(std::string(secret))).mac(text).text());
}

std::string der(char tag, std::string_view content) {
    std::string size(1, static_cast<char>(content.size()));
    if (content.size() > 127)
        size = std::string("\x82", 1) + static_cast<char>(content.size() >> 8) + static_cast<char>(content.size() & 0xFF);
    return tag + size + std::string(content);
}

std::string der_integer(std::string_view bytes) {
    while (bytes.size() > 1 && bytes.front() == '\0') bytes.remove_prefix(1);
    return der('\x02',
               (static_cast<unsigned char>(bytes.front()) > 127 ? std::string(1, '\0') : std::string()) + std::string(bytes));
}

class Attacks : public ::testing::Test {
protected:
    void SetUp() override {
        SENTINEL_NEEDS_VECTORS("jose/jwt_attacks.json");
        set_ = vectors::parse("jose/jwt_attacks.json");
        rules_ = {vectors::text(set_, "issuer"), vectors::text(set_, "audience"), 30, 86400};
        now_ = core::Instant{static_cast<std::int64_t>(vectors::number(set_, "now")), 0};
    }

    std::string member_of(std::string_view kid, std::string_view name) const {
        return core::from_base64url(*keys_.find(kid)->public_jwk().find(name)->text()).value();
    }

    /// The public key of the RSA pair in the encodings that attackers try as a secret.
    std::string rsa_secret(std::string_view form) const {
        const std::string pkcs1 = der('\x30', der_integer(member_of("rs-1", "n")) + der_integer(member_of("rs-1", "e")));
        const std::string identifier = core::from_hex("300d06092a864886f70d0101010500").value();
        const std::string spki = der('\x30', identifier + der('\x03', std::string(1, '\0') + pkcs1));
        std::string pem = "-----BEGIN PUBLIC KEY-----\n";
        for (std::string text = core::to_base64(spki); !text.empty(); text.erase(0, 64)) pem += text.substr(0, 64) + '\n';
        pem += "-----END PUBLIC KEY-----\n";
        if (form == "pem") return pem;
        if (form == "pem-trimmed") return pem.substr(0, pem.size() - 1);
        if (form == "der") return spki;
        if (form == "pkcs1") return pkcs1;
        return form == "n" ? member_of("rs-1", "n") : json::to_text(keys_.find("rs-1")->public_jwk());
    }

    /// The signature's text of an attack that lies in it; nullopt = signed as it should be.
    std::optional<std::string> forged(const std::string& id, const Parts& theirs, const std::string& text) const {
        const std::string good = core::to_base64url(keys_.find(id.starts_with("es-") ? "es-1" : "hs-1")->sign(text));
        const std::string raw = core::from_base64url(good).value();
        if (id.starts_with("none-")) return id == "none-with-sig" ? good : std::string();
        if (id == "confusion-ec") return hmac_with('\x04' + member_of("es-1", "x") + member_of("es-1", "y"), text);
        if (id == "confusion-ed") return hmac_with(member_of("ed-1", "x"), text);
        if (id == "confusion-kid" || id == "confusion-hs512") return good;
        if (id == "confusion-ps") return core::to_base64url(keys_.find("rs-1")->sign(text));
        if (id.starts_with("confusion-")) return hmac_with(rsa_secret(id.substr(10)), text);
        if (id == "key-empty") return hmac_with(std::string_view("\0", 1), text);
        if (id == "key-none") return hmac_with("", text);
        if (id == "key-retired") return core::to_base64url(retired_->sign(text));
        if (id.starts_with("key-")) return hmac_with(id.substr(4), text);
        if (id == "es-der") return core::to_base64url(der('\x30', der_integer(raw.substr(0, 32)) + der_integer(raw.substr(32))));
        if (id == "es-65") return core::to_base64url(raw + '\0');
        if (id == "es-63") return core::to_base64url(raw.substr(0, 63));
        if (id.starts_with("es-")) return theirs.signature;
        if (id == "sig-empty") return std::string();
        if (id == "sig-cut") return good.substr(0, good.size() - 4);
        if (id == "sig-zero") return core::to_base64url(std::string(32, '\0'));
        if (id == "sig-flip") return core::to_base64url(static_cast<char>(raw[0] ^ '\x80') + raw.substr(1));
        return std::nullopt;
    }

    /// The mutated token, or nullopt where the attack is one on the whole token.
    std::string mutated(const std::string& id, const std::string& theirs_text) const {
        const Parts theirs = split(theirs_text);
        const auto header = core::from_base64url(theirs.header);
        const auto payload = core::from_base64url(theirs.payload);
        const std::string own = core::to_base64url(own_header(header.value_or("")));
        const std::string text = own + '.' + core::to_base64url(own_payload(payload.value_or("")));
        const json::Value parsed = json::parse(header.value_or("null")).value_or(json::Value());
        const std::string kid = parsed.object() == nullptr ? std::string() : vectors::text(parsed, "kid");
        const SigningKey* key = keys_.find(kid);
        const auto signature = forged(id, theirs, text);
        return text + '.' + signature.value_or(core::to_base64url((key == nullptr ? keys_.find("hs-1") : key)->sign(text)));
    }

    std::string good_token() const { return mutated("ok", vectors::text(vectors::rows(set_, "cases").front(), "token")); }

    /// Attacks on the whole text of a token.
    std::optional<std::string> reshaped(const std::string& id, const std::string& theirs) const {
        const std::string good = good_token();
        const std::size_t last = good.rfind('.');
        const std::string signature = good.substr(last + 1);
        const std::size_t middle = good.size() / 2;
        static const std::set<std::string> whole{"form-empty",  "form-dots", "form-one",  "form-three",
                                                 "form-spaces", "form-json", "form-long", "form-unicode"};
        if (whole.contains(id)) return theirs;
        if (id == "form-nul") return good + '\0';
        if (id == "form-bearer") return "Bearer " + good;
        if (id == "form-comma") return good + ',' + good;
        if (id == "sig-missing-part") return good.substr(0, last);
        if (id == "sig-four-parts") return good + '.' + signature;
        if (id == "sig-five-parts") return good + ".a.b";
        if (id == "sig-padded") return good + '=';
        if (id == "sig-space") return good + ' ';
        if (id == "sig-newline") return good + '\n';
        if (id == "sig-inner-newline") return good.substr(0, middle) + '\n' + good.substr(middle);
        if (id == "sig-std-alphabet") return good.substr(0, last + 1) + with_standard_alphabet();
        if (id == "sig-trailing-bits") return good.substr(0, good.size() - 1) + next_letter(good.back());
        if (id == "payload-flip") {
            const Parts parts = split(theirs);
            return split(good).header + '.' + core::to_base64url(own_payload(core::from_base64url(parts.payload).value())) + '.' +
                   signature;
        }
        return std::nullopt;
    }

    /// Of 32 bytes the last letter carries four bits and two zeros: the next letter decodes to the same bytes where laxly read.
    static char next_letter(char letter) {
        constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return letters[letters.find(letter) + 1];
    }

    std::string with_standard_alphabet() const { return core::to_base64_unpadded(std::string(32, '\xFB')); }

    json::Value set_;
    TokenRules rules_;
    core::Instant now_;
    KeySet keys_{nullptr,
                 {named_key(SignatureAlgorithm::hs256, "hs-1"), named_key(SignatureAlgorithm::rs256, "rs-1"),
                  named_key(SignatureAlgorithm::es256, "es-1"), named_key(SignatureAlgorithm::eddsa, "ed-1")}};
    KeySet::Key retired_ = named_key(SignatureAlgorithm::hs256, "old-1");
};

/// Why each family of attacks must be refused: another reason would mean that the mutation was not what stopped it.
const std::map<std::string_view, std::set<TokenFault>> reasons{
    {"time", {claims, expired, not_yet_valid, lifetime, malformed}},
    {"claim", {claims, issuer, audience}},
    {"none", {header, algorithm}},
    {"sig", {malformed, signature}},
    {"es", {signature}},
    {"confusion", {algorithm}},
    {"alg", {header, algorithm}},
    {"key", {signature, unknown_key}},
    {"kid", {header, unknown_key, malformed}},
    {"embed", {header}},
    {"crit", {header}},
    {"b64", {header}},
    {"zip", {header}},
    {"enc", {header}},
    {"cty", {header}},
    {"typ", {type}},
    {"dup", {malformed}},
    {"payload", {malformed, signature}},
    {"header", {malformed}},
    {"form", {malformed}},
    {"ok", {claims, audience}},
};

TEST_F(Attacks, AreRefusedForTheirMutationAlone) {
    // Accepted by the set, refused by page 02: integers, all claims, one audience as text.
    const std::set<std::string> stricter_here{"ok-exp-fraction", "ok-no-nbf", "ok-aud-list"};
    std::size_t refused = 0;
    std::size_t accepted = 0;
    for (const auto& row : vectors::rows(set_, "cases")) {
        const std::string id = vectors::text(row, "id");
        const std::string theirs = vectors::text(row, "token");
        const auto whole = reshaped(id, theirs);
        const auto verdict = verify_access_token(keys_, rules_, whole ? *whole : mutated(id, theirs), now_);
        if (vectors::boolean(row, "accept") && !stricter_here.contains(id)) {
            EXPECT_TRUE(verdict.has_value()) << id << ' ' << (verdict ? "" : text_of(verdict.error()));
            ++accepted;
            continue;
        }
        ++refused;
        ASSERT_FALSE(verdict.has_value()) << id;
        const auto reason = reasons.find(std::string_view(id).substr(0, id.find('-')));
        ASSERT_NE(reason, reasons.end()) << id;
        EXPECT_TRUE(reason->second.contains(verdict.error())) << id << " was refused as " << text_of(verdict.error());
    }
    EXPECT_EQ(accepted, 7U);
    EXPECT_EQ(refused, 169U);
}

}  // namespace
