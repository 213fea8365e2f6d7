#pragma once
/// One audit record (spec 12): what a service says of what it did, and the bytes that the chain is made of.

#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/vocabulary.hpp"
#include "platform/service/actor.hpp"
#include "platform/writes/audit_action.hpp"

namespace sentinel::writes {

enum class AuditResult : std::uint8_t { success, failure, denied };
std::string_view text_of(AuditResult result) noexcept;

/// What a service says. Secrets and personal data have no place in it: `changed()` and `redacted()` stand for them.
struct AuditEvent {
    AuditAction action;
    std::string resource_type;            ///< empty = none
    std::string resource_id;              ///< empty = none
    core::json::Object resource_details;  ///< code and name at the time
    core::json::Object changes;           ///< {field: {from, to}}, changed fields only
    AuditResult result = AuditResult::success;
    std::string error_details;  ///< empty = none
    core::json::Object metadata;
    std::optional<double> risk_score;  ///< else the action's default
};

/// Whose chains hold what `actor` did to `tenant`: the tenant's, and the actor's own where that is another (spec 01 Audit).
std::vector<core::TenantId> chains_of(const platform::Actor& actor, core::TenantId tenant);

/// `{"from": …, "to": …}`.
core::json::Value change_of(core::json::Value from, core::json::Value to);
/// Stands for personal data that was changed.
core::json::Value changed();
/// Stands for a secret.
core::json::Value redacted();

/// The columns of `audit_logs` that the server sends, in table order.
struct AuditRecord {
    core::TenantId tenant;
    core::Uuid id;
    std::optional<core::UserId> actor;
    std::string actor_type;
    core::json::Object actor_details;
    std::string action;
    std::optional<std::string> resource_type;
    std::optional<std::string> resource_id;
    core::json::Object resource_details;
    core::json::Object changes;
    std::string result;
    std::optional<std::string> error_details;
    core::json::Object security_context;
    std::optional<double> risk_score;
    std::optional<std::string> request_id;
    core::json::Object metadata;
};

/// The record of `event`, done by the context's actor, in `tenant`. Long texts are cut, changes over 64 KiB become
/// `{truncated: true, sha256}`.
AuditRecord record_of(const platform::RequestContext& context, const AuditEvent& event, core::TenantId tenant, core::Uuid id);

/// The bytes whose SHA-256 is the record's `digest` (spec 12 rule 5): `sentinel-audit-v1`, then each column as one letter for its
/// type (n null, u uuid, t text, j JSON, d double), four bytes of length, big-endian, and the bytes themselves. JSON is canonical
/// text, doubles are their IEEE 754 bits, big-endian.
std::string digest_input(const AuditRecord& record);

}  // namespace sentinel::writes
