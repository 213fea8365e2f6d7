#pragma once
/// How the guard tells of what it refused and of who entered another tenant; the write layer makes audit records of it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ip.hpp"
#include "core/vocabulary.hpp"
#include "platform/service/actor.hpp"

namespace sentinel::access {

enum class RefusalKind : std::uint8_t {
    scope,          ///< `denied.scope`
    cross_tenant,   ///< `denied.cross_tenant`: the request named a tenant that the caller may not act in
    rate_limit,     ///< `rate_limit.block`: at most once a minute and bucket
    token_invalid,  ///< `token.invalid`: signature, alg, kid, type; the caller is unknown, its tenant not proved
};
/// The audit action.
std::string_view action_of(RefusalKind kind) noexcept;

/// All views live for the call alone.
struct Refusal {
    RefusalKind kind = RefusalKind::scope;
    /// Whose audit trail it belongs in: the caller's home tenant; the platform tenant where the caller is not proved.
    core::TenantId tenant;
    const platform::Actor* actor = nullptr;  ///< null where the caller is not proved
    std::string_view detail;  ///< the scope, the tenant named (as it came, at most 64 bytes), the bucket, the token's fault
    std::string_view route;   ///< method and template
    std::string_view request_id;
    std::optional<core::IpAddress> client_address;
    std::string_view user_agent;
};

/// One for each worker, called on its thread. Must not wait and must not throw: it queues what it is told, bounded.
class GuardAudit {
public:
    GuardAudit() = default;
    GuardAudit(const GuardAudit&) = delete;
    GuardAudit& operator=(const GuardAudit&) = delete;
    virtual ~GuardAudit() = default;
    virtual void refused(const Refusal& refusal) noexcept = 0;
    /// `tenant.enter`: the context's actor acts in a tenant that is not the own, for the first time within an hour.
    virtual void entered(const platform::RequestContext& context) noexcept = 0;
};

}  // namespace sentinel::access
