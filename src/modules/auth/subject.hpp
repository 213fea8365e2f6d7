#pragma once
/// What the parts of the service tell each other: the tenant, the try, the session, the subject of a token.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "modules/auth/auth.hpp"
#include "modules/auth/login_throttle.hpp"
#include "modules/auth/repository.hpp"
#include "platform/access/access_state.hpp"
#include "platform/service/actor.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/tenant_keys.hpp"

namespace sentinel::auth {

/// The limits per address and minute that page 02 gives each endpoint.
enum class Endpoint : std::uint8_t { login, service_token, refresh, revoke };

/// The tenant that a caller named, or the platform tenant in its stead, so that the work is the same.
struct TenantPlace {
    core::TenantId tenant;
    bool exists = false;
    std::string named;  ///< for the throttle
    access::AccessStatePointer state;
};

/// What the tenant and those above it decide for logins.
struct TenantRules {
    std::string name;
    std::string code;
    std::int64_t max_login_attempts = 5;
    std::chrono::minutes lockout{30};
    std::chrono::hours session_life{168};
    bool has_own_session_life = false;
    bool mfa_required = false;
};
/// REQUIRES: `state` is of the transaction's tenant.
boost::asio::awaitable<TenantRules> read_rules(postgres::Transaction& transaction, const access::AccessState& state,
                                               const AuthOptions& options);

/// One login on its way.
struct LoginTry {
    TenantPlace place;
    writes::KeyRingPointer keys;
    TenantRules rules;
    std::optional<LoginUser> user;  ///< of the address, whatever the state of either
    LoginCounter by_address;
    LoginCounter by_identity;
    std::string ip_hash;
};

/// Why a login is refused. Thrown inside the module alone.
struct LoginRefusal {
    std::string reason;                                ///< for the audit record
    bool counts = true;                                ///< as a failure
    std::optional<std::chrono::seconds> locked_for{};  ///< by an administrator, told after the right password alone
};
platform::ServiceError error_of(const LoginRefusal& refusal);

struct SessionFacts {
    core::SessionId id;
    SessionTimes times;
    std::vector<std::string> amr;
    std::optional<SessionRestriction> restricted;
    std::int64_t epoch = 0;
    std::optional<core::UserId> actor;
    std::optional<platform::Secret> refresh_token;
};

struct TokenSubject {
    const LoginUser& user;
    const TenantRules& rules;
    const access::AccessState& state;
    const crypto::KeyRing& keys;
};

struct RefreshedSession {
    LoginUser user;
    TenantRules rules;
    writes::KeyRingPointer keys;
    SessionFacts session;
};

/// An API key as it was presented.
struct ServiceCredentials {
    platform::Secret api_key;
    std::optional<std::string> username;  ///< that the account must have
    std::optional<std::string> scope;
};

platform::ServiceError auth_failed();
platform::ServiceError invalid_token();
platform::ServiceError account_locked(std::chrono::seconds retry_after);

std::optional<SessionRestriction> restriction_of(const LoginUser& user, const TenantRules& rules);
std::string_view text_of(SessionRestriction restriction) noexcept;
std::chrono::seconds idle_life(const AuthOptions& options, bool remember_me) noexcept;
std::string address_hash(const crypto::KeyRing& keys, const platform::RequestContext& context);
core::IpAddress address_of(const platform::RequestContext& context);
/// {ip_address, user_agent, device_name, platform} as JSON text.
std::string device_info(const platform::RequestContext& context, const std::optional<std::string>& device_name);
/// A stored address. Throws std::runtime_error where it does not open.
std::string open_email(const crypto::KeyRing& keys, core::UserId user, std::string_view sealed);

/// The request with another actor: a person or account of `tenant`, or nobody who is proved.
platform::RequestContext acting_as(const platform::RequestContext& context, platform::Actor actor);
platform::Actor nobody_in(core::TenantId tenant);
platform::Actor user_in(core::TenantId tenant, core::UserId user, std::optional<core::SessionId> session = std::nullopt);

}  // namespace sentinel::auth
