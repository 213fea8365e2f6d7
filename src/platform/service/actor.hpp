#pragma once
/// Who calls, in which tenant, and with which request: what every service function is told.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ip.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "platform/service/answer.hpp"
#include "platform/service/scope.hpp"

namespace sentinel::platform {

enum class ActorKind : std::uint8_t { user, service_account, system };
/// As audit records name it.
std::string_view text_of(ActorKind kind) noexcept;

/// The access token that a request came with.
struct PresentedToken {
    core::TokenId id;
    core::Instant expires_at;
};

/// The proved identity behind a request. `system` (bootstrap, jobs, command line) has no user and every scope.
struct Actor {
    ActorKind kind = ActorKind::system;
    core::UserId user;
    core::TenantId home_tenant;  ///< where the actor's row is
    core::TenantId tenant;       ///< the tenant acted in (X-Tenant-ID, else home)
    ScopeSet scopes;
    std::optional<core::SessionId> session;
    std::optional<core::UserId> impersonator;  ///< the real person while impersonating
    core::Instant authenticated_at;            ///< the token's auth_time; "fresh" = at most five minutes ago
    bool restricted = false;                   ///< a session that may only finish its login (02 rule 9)
    std::string key_id;                        ///< service account: the API key used
    std::optional<PresentedToken> token;       ///< none where no request is behind it, or an open one without a token

    bool acts_elsewhere() const noexcept { return home_tenant != tenant; }
};

/// One request as services see it.
struct RequestContext {
    Actor actor;
    std::string request_id;
    std::optional<core::IpAddress> client_address;
    std::string user_agent;  ///< at most 512 code points
    /// The versions that If-Match names; `*` is the empty list; absent = no such header.
    std::optional<std::vector<std::int64_t>> if_match;
    std::optional<IdempotentRequest> idempotency;
    WriteNotes notes;  ///< filled by the write transaction, read by the dispatcher
};

}  // namespace sentinel::platform
