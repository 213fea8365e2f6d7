#pragma once
/// The closed list of errors that Sentinel's interface knows (spec 00 section 3), as exceptions of the service level. Services
/// throw what the functions below make; one place (platform/http/error_body) turns it into an answer.

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace sentinel::platform {

enum class ErrorCode : std::uint8_t {
    validation_error,
    malformed_request,
    authentication_required,
    invalid_token,
    token_expired,
    auth_failed,
    mfa_required,
    service_account_invalid,
    biometric_auth_failed,
    permission_denied,
    approval_required,
    escalation,
    self_approval,
    system_object,
    tenant_inactive,
    feature_disabled,
    password_change_required,
    mfa_enrollment_required,
    resource_not_found,
    method_not_allowed,
    request_timeout,
    payload_too_large,
    uri_too_long,
    unsupported_media_type,
    headers_too_large,
    conflict,
    cycle,
    quota_exceeded,
    idempotency_in_progress,
    precondition_failed,
    precondition_required,
    idempotency_key_reused,
    rate_limit_exceeded,
    account_locked,
    internal_error,
    not_implemented,  ///< an HTTP method or version that nobody here speaks (501)
    unavailable,
    stale_revision,
};
/// The HTTP status of a code.
int status_of(ErrorCode code) noexcept;
/// `VALIDATION_ERROR` …
std::string_view text_of(ErrorCode code) noexcept;

/// Where an input stood.
enum class InputPlace : std::uint8_t { body, query, path, header };
std::string_view text_of(InputPlace place) noexcept;

/// The closed list of rules that an input can break.
enum class Rule : std::uint8_t {
    required,
    unknown,
    type,
    format,
    enumeration,  ///< `enum`
    pattern,
    min_length,
    max_length,
    minimum,
    maximum,
    min_items,
    max_items,
    unique,
    immutable,
    forbidden,
    exclusive,
    depth,
    size,
    reference,
    condition,
};
std::string_view text_of(Rule rule) noexcept;

/// One broken rule. `pointer` is a JSON Pointer into the body; for other places `/` and the parameter's name.
struct InputFault {
    InputPlace in = InputPlace::body;
    std::string pointer;
    Rule rule = Rule::type;
    std::string message;
    friend bool operator==(const InputFault&, const InputFault&) = default;
};

/// What a service answers instead of a result.
class ServiceError : public std::exception {
public:
    ServiceError(ErrorCode code, std::string message, core::json::Object details = {});

    ErrorCode code() const noexcept { return code_; }
    int status() const noexcept { return status_of(code_); }
    const std::string& message() const noexcept { return message_; }
    const core::json::Object& details() const noexcept { return details_; }
    /// Seconds for `Retry-After`; absent = no such header.
    std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }
    ServiceError&& with_retry_after(std::chrono::seconds seconds) &&;
    ServiceError&& with_detail(std::string_view name, core::json::Value value) &&;
    const char* what() const noexcept override { return message_.c_str(); }

private:
    ErrorCode code_;
    std::string message_;
    core::json::Object details_;
    std::optional<std::chrono::seconds> retry_after_;
};

/// All faults of an input at once. REQUIRES: not empty.
[[nodiscard]] ServiceError validation_failed(std::vector<InputFault> faults);
/// One fault of the body.
[[nodiscard]] ServiceError validation_failed(std::string pointer, Rule rule, std::string message);
/// `resource_type` is the kind of thing (`user`); the pointer names the id's place where it stood in a body.
[[nodiscard]] ServiceError not_found(std::string_view resource_type, std::string_view pointer = {});
/// `reason` is one of the closed list of page 00 (`duplicate`, `state`, `in_use`, `last_admin` …).
[[nodiscard]] ServiceError conflict(std::string_view reason, std::string message, std::string_view pointer = {});
[[nodiscard]] ServiceError quota_exceeded(std::string_view quota, std::int64_t limit, std::int64_t used);
/// A hierarchy that would contain itself or be too deep; `path` are the ids in order.
[[nodiscard]] ServiceError cycle(std::vector<std::string> path, std::string message);
/// The caller lacks `required_scope`.
[[nodiscard]] ServiceError permission_denied(std::string_view required_scope);
[[nodiscard]] ServiceError escalation(std::string message);
[[nodiscard]] ServiceError rate_limited(std::string_view bucket, std::chrono::seconds retry_after);
/// Overload, draining, database away. Never says which host or why.
[[nodiscard]] ServiceError unavailable(std::chrono::seconds retry_after = std::chrono::seconds(1));
[[nodiscard]] ServiceError precondition_failed(std::string_view current_etag);

}  // namespace sentinel::platform
