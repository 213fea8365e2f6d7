#include "platform/service/error.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace sentinel::platform {

namespace json = core::json;

namespace {

struct CodeRow {
    ErrorCode code;
    int status;
    std::string_view text;
};

constexpr auto codes = std::to_array<CodeRow>({
    {ErrorCode::validation_error, 400, "VALIDATION_ERROR"},
    {ErrorCode::malformed_request, 400, "MALFORMED_REQUEST"},
    {ErrorCode::authentication_required, 401, "AUTHENTICATION_REQUIRED"},
    {ErrorCode::invalid_token, 401, "INVALID_TOKEN"},
    {ErrorCode::token_expired, 401, "TOKEN_EXPIRED"},
    {ErrorCode::auth_failed, 401, "AUTH_FAILED"},
    {ErrorCode::mfa_required, 401, "MFA_REQUIRED"},
    {ErrorCode::service_account_invalid, 401, "SERVICE_ACCOUNT_INVALID"},
    {ErrorCode::biometric_auth_failed, 401, "BIOMETRIC_AUTH_FAILED"},
    {ErrorCode::permission_denied, 403, "PERMISSION_DENIED"},
    {ErrorCode::approval_required, 403, "APPROVAL_REQUIRED"},
    {ErrorCode::escalation, 403, "ESCALATION"},
    {ErrorCode::self_approval, 403, "SELF_APPROVAL"},
    {ErrorCode::system_object, 403, "SYSTEM_OBJECT"},
    {ErrorCode::tenant_inactive, 403, "TENANT_INACTIVE"},
    {ErrorCode::feature_disabled, 403, "FEATURE_DISABLED"},
    {ErrorCode::password_change_required, 403, "PASSWORD_CHANGE_REQUIRED"},
    {ErrorCode::mfa_enrollment_required, 403, "MFA_ENROLLMENT_REQUIRED"},
    {ErrorCode::resource_not_found, 404, "RESOURCE_NOT_FOUND"},
    {ErrorCode::method_not_allowed, 405, "METHOD_NOT_ALLOWED"},
    {ErrorCode::request_timeout, 408, "REQUEST_TIMEOUT"},
    {ErrorCode::payload_too_large, 413, "PAYLOAD_TOO_LARGE"},
    {ErrorCode::uri_too_long, 414, "URI_TOO_LONG"},
    {ErrorCode::unsupported_media_type, 415, "UNSUPPORTED_MEDIA_TYPE"},
    {ErrorCode::headers_too_large, 431, "HEADERS_TOO_LARGE"},
    {ErrorCode::conflict, 409, "CONFLICT"},
    {ErrorCode::cycle, 409, "CYCLE"},
    {ErrorCode::quota_exceeded, 409, "QUOTA_EXCEEDED"},
    {ErrorCode::idempotency_in_progress, 409, "IDEMPOTENCY_IN_PROGRESS"},
    {ErrorCode::precondition_failed, 412, "PRECONDITION_FAILED"},
    {ErrorCode::precondition_required, 428, "PRECONDITION_REQUIRED"},
    {ErrorCode::idempotency_key_reused, 422, "IDEMPOTENCY_KEY_REUSED"},
    {ErrorCode::rate_limit_exceeded, 429, "RATE_LIMIT_EXCEEDED"},
    {ErrorCode::account_locked, 429, "ACCOUNT_LOCKED"},
    {ErrorCode::internal_error, 500, "INTERNAL_ERROR"},
    {ErrorCode::not_implemented, 501, "NOT_IMPLEMENTED"},
    {ErrorCode::unavailable, 503, "UNAVAILABLE"},
    {ErrorCode::stale_revision, 503, "STALE_REVISION"},
});

// Looked up by position: a code without its row, or out of order, does not compile.
consteval bool in_order() {
    for (std::size_t index = 0; index < codes.size(); ++index) {
        if (static_cast<std::size_t>(codes[index].code) != index) return false;
    }
    return codes.size() == static_cast<std::size_t>(ErrorCode::stale_revision) + 1;
}
static_assert(in_order());

constexpr auto rules =
    std::to_array<std::string_view>({"required",   "unknown",   "type",    "format",    "enum",      "pattern",  "min_length",
                                     "max_length", "minimum",   "maximum", "min_items", "max_items", "unique",   "immutable",
                                     "forbidden",  "exclusive", "depth",   "size",      "reference", "condition"});
static_assert(rules.size() == static_cast<std::size_t>(Rule::condition) + 1);

constexpr auto places = std::to_array<std::string_view>({"body", "query", "path", "header"});

json::Value to_json(const InputFault& fault) {
    return json::Object{
        {"in", text_of(fault.in)}, {"pointer", fault.pointer}, {"rule", text_of(fault.rule)}, {"message", fault.message}};
}

std::string summary_of(const std::vector<InputFault>& faults) {
    if (faults.size() == 1) return faults.front().message;
    return fmt::format("{} inputs are wrong: {}", faults.size(), faults.front().message);
}

}  // namespace

int status_of(ErrorCode code) noexcept { return codes[static_cast<std::size_t>(code)].status; }
std::string_view text_of(ErrorCode code) noexcept { return codes[static_cast<std::size_t>(code)].text; }
std::string_view text_of(InputPlace place) noexcept { return places[static_cast<std::size_t>(place)]; }
std::string_view text_of(Rule rule) noexcept { return rules[static_cast<std::size_t>(rule)]; }

ServiceError::ServiceError(ErrorCode code, std::string message, json::Object details)
    : code_(code), message_(std::move(message)), details_(std::move(details)) {}

ServiceError&& ServiceError::with_retry_after(std::chrono::seconds seconds) && {
    retry_after_ = seconds;
    return std::move(*this);
}

ServiceError&& ServiceError::with_detail(std::string_view name, json::Value value) && {
    details_.set(name, std::move(value));
    return std::move(*this);
}

ServiceError validation_failed(std::vector<InputFault> faults) {
    json::Array errors;
    errors.reserve(faults.size());
    for (const InputFault& fault : faults) errors.push_back(to_json(fault));
    return {ErrorCode::validation_error, summary_of(faults), json::Object{{"errors", std::move(errors)}}};
}

ServiceError validation_failed(std::string pointer, Rule rule, std::string message) {
    return validation_failed({InputFault{InputPlace::body, std::move(pointer), rule, std::move(message)}});
}

ServiceError not_found(std::string_view resource_type, std::string_view pointer) {
    json::Object details{{"resource_type", resource_type}};
    if (!pointer.empty()) details.set("pointer", pointer);
    return {ErrorCode::resource_not_found, fmt::format("There is no such {}.", resource_type), std::move(details)};
}

ServiceError conflict(std::string_view reason, std::string message, std::string_view pointer) {
    json::Object details{{"reason", reason}};
    if (!pointer.empty()) details.set("pointer", pointer);
    return {ErrorCode::conflict, std::move(message), std::move(details)};
}

ServiceError quota_exceeded(std::string_view quota, std::int64_t limit, std::int64_t used) {
    return {ErrorCode::quota_exceeded, fmt::format("The limit {} of {} is reached.", quota, limit),
            json::Object{{"quota", quota}, {"limit", limit}, {"used", used}}};
}

ServiceError cycle(std::vector<std::string> path, std::string message) {
    json::Array ids;
    for (std::string& id : path) ids.emplace_back(std::move(id));
    return {ErrorCode::cycle, std::move(message), json::Object{{"path", std::move(ids)}}};
}

ServiceError permission_denied(std::string_view required_scope) {
    return {ErrorCode::permission_denied, fmt::format("This needs the scope {}.", required_scope),
            json::Object{{"required_permission", required_scope}}};
}

ServiceError escalation(std::string message) { return {ErrorCode::escalation, std::move(message)}; }

ServiceError rate_limited(std::string_view bucket, std::chrono::seconds retry_after) {
    return ServiceError(ErrorCode::rate_limit_exceeded, "Too many requests.",
                        json::Object{{"bucket", bucket}, {"retry_after", std::int64_t{retry_after.count()}}})
        .with_retry_after(retry_after);
}

ServiceError unavailable(std::chrono::seconds retry_after) {
    return ServiceError(ErrorCode::unavailable, "The service is not available at the moment.").with_retry_after(retry_after);
}

ServiceError precondition_failed(std::string_view current_etag) {
    return {ErrorCode::precondition_failed, "The object was changed meanwhile.", json::Object{{"current_etag", current_etag}}};
}

}  // namespace sentinel::platform
