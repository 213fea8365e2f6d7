#include "platform/http/error_body.hpp"

#include "core/json.hpp"
#include "platform/service/timestamp.hpp"

namespace sentinel::http {

namespace json = core::json;
using platform::ErrorCode;

namespace {

bool asks_for_a_token(ErrorCode code) noexcept {
    return code == ErrorCode::authentication_required || code == ErrorCode::invalid_token || code == ErrorCode::token_expired;
}

}  // namespace

void write_error(Response& response, const platform::ServiceError& error, std::string_view request_id, core::Instant now) {
    response.status = error.status();
    response.content_type = json_content_type;
    std::string& body = response.body;
    body.assign(R"({"error":{"code":")").append(text_of(error.code())).append(R"(","message":)");
    json::append_text(body, error.message());
    body.append(R"(,"details":)");
    json::append(body, error.details());
    body.append(R"(},"meta":{"request_id":)");
    json::append_text(body, request_id);
    body.append(R"(,"timestamp":")").append(platform::timestamp_text(now)).append("\"}}");
    if (error.retry_after()) response.headers.add("Retry-After", static_cast<std::int64_t>(error.retry_after()->count()));
    if (asks_for_a_token(error.code())) response.headers.add("WWW-Authenticate", "Bearer");
    response.headers.add("Cache-Control", "no-store");
}

}  // namespace sentinel::http
