#include "platform/crypto/jwt_claims.hpp"

#include <cmath>
#include <utility>

namespace sentinel::crypto {

namespace json = core::json;

namespace {

constexpr std::size_t most_roles = 8;
constexpr double largest_integer = 9007199254740991;  // beyond 2^53 - 1 a double no longer tells neighbours apart

json::Array texts_of(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

/// Reads members and remembers whether one was wrong, so that the list of claims reads as a list.
class ClaimReader {
public:
    explicit ClaimReader(const json::Object& payload) : payload_(payload) {}
    bool failed() const noexcept { return failed_; }
    void fail_unless(bool condition) noexcept { failed_ = failed_ || !condition; }
    bool has(std::string_view name) const noexcept { return payload_.contains(name); }

    std::string text(std::string_view name) {
        const json::Value* value = payload_.find(name);
        const std::string* found = value == nullptr ? nullptr : value->text();
        fail_unless(found != nullptr && !found->empty());
        return found == nullptr ? std::string() : *found;
    }

    template <class Id>
    Id id(std::string_view name) {
        const std::optional<Id> found = Id::parse(text(name));
        fail_unless(found.has_value());
        return found.value_or(Id{});
    }

    std::int64_t integer(std::string_view name) {
        const json::Value* value = payload_.find(name);
        const double* found = value == nullptr ? nullptr : value->number();
        const bool fits = found != nullptr && std::trunc(*found) == *found && std::abs(*found) <= largest_integer;
        fail_unless(fits);
        return fits ? static_cast<std::int64_t>(*found) : 0;
    }

    bool boolean(std::string_view name) {
        const json::Value* value = payload_.find(name);
        const bool* found = value == nullptr ? nullptr : value->boolean();
        fail_unless(found != nullptr);
        return found != nullptr && *found;
    }

    std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> result;
        const json::Value* value = payload_.find(name);
        const json::Array* found = value == nullptr ? nullptr : value->array();
        fail_unless(found != nullptr);
        if (found == nullptr) return result;
        for (const json::Value& element : *found) {
            fail_unless(element.text() != nullptr);
            if (element.text() != nullptr) result.push_back(*element.text());
        }
        return result;
    }

    const json::Object* object(std::string_view name) {
        const json::Value* value = payload_.find(name);
        const json::Object* found = value == nullptr ? nullptr : value->object();
        fail_unless(found != nullptr);
        return found;
    }

private:
    const json::Object& payload_;
    bool failed_ = false;
};

void read_optional(ClaimReader& reader, AccessClaims& claims) {
    if (reader.has("roles")) {
        claims.roles = reader.texts("roles");
        reader.fail_unless(claims.roles->size() <= most_roles);
    }
    if (reader.has("scope")) claims.scope = reader.text("scope");
    if (!reader.has("act")) return;
    const json::Object* act = reader.object("act");
    if (act == nullptr) return;
    ClaimReader inner(*act);
    claims.actor = inner.id<core::UserId>("sub");
    reader.fail_unless(!inner.failed() && act->size() == 1);
}

/// What the one kind of subject must have, the other must not.
void read_by_kind(ClaimReader& reader, AccessClaims& claims) {
    claims.is_service_account = reader.boolean("is_service_account");
    reader.fail_unless(reader.has("session_id") != claims.is_service_account &&
                       reader.has("key_id") == claims.is_service_account);
    if (reader.failed()) return;
    if (claims.is_service_account) {
        claims.key_id = reader.text("key_id");
    } else {
        claims.session = reader.id<core::SessionId>("session_id");
    }
}

bool is_text(const json::Object& payload, std::string_view name, std::string_view expected) {
    const json::Value* value = payload.find(name);
    return value != nullptr && value->text() != nullptr && *value->text() == expected;
}

}  // namespace

json::Object write_claims(const AccessClaims& claims, const TokenRules& rules) {
    json::Object payload{{"aud", rules.audience},
                         {"auth_time", claims.auth_time},
                         {"amr", texts_of(claims.amr)},
                         {"epoch", claims.epoch},
                         {"exp", claims.expires_at},
                         {"iat", claims.issued_at},
                         {"is_service_account", claims.is_service_account},
                         {"iss", rules.issuer},
                         {"jti", claims.token_id.text()},
                         {"nbf", claims.not_before},
                         {"sub", claims.subject.text()},
                         {"tenant_code", claims.tenant_code},
                         {"tenant_id", claims.tenant.text()},
                         {"type", "access"}};
    if (claims.session) payload.set("session_id", claims.session->text());
    if (!claims.key_id.empty()) payload.set("key_id", claims.key_id);
    if (claims.roles) payload.set("roles", texts_of(*claims.roles));
    if (claims.scope) payload.set("scope", *claims.scope);
    if (claims.actor) payload.set("act", json::Object{{"sub", claims.actor->text()}});
    return payload;
}

std::expected<AccessClaims, TokenFault> read_claims(const json::Object& payload, const TokenRules& rules) {
    if (!is_text(payload, "type", "access")) return std::unexpected(TokenFault::type);
    if (!is_text(payload, "iss", rules.issuer)) return std::unexpected(TokenFault::issuer);
    if (!is_text(payload, "aud", rules.audience)) return std::unexpected(TokenFault::audience);
    ClaimReader reader(payload);
    AccessClaims claims;
    claims.subject = reader.id<core::UserId>("sub");
    claims.token_id = reader.id<core::TokenId>("jti");
    claims.tenant = reader.id<core::TenantId>("tenant_id");
    claims.tenant_code = reader.text("tenant_code");
    claims.issued_at = reader.integer("iat");
    claims.not_before = reader.integer("nbf");
    claims.expires_at = reader.integer("exp");
    claims.epoch = reader.integer("epoch");
    claims.auth_time = reader.integer("auth_time");
    claims.amr = reader.texts("amr");
    read_by_kind(reader, claims);
    read_optional(reader, claims);
    if (reader.failed()) return std::unexpected(TokenFault::claims);
    return claims;
}

}  // namespace sentinel::crypto
