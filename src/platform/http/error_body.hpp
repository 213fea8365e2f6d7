#pragma once
/// The one place where an error becomes an answer (spec 00 section 3).

#include <string_view>

#include "core/time.hpp"
#include "platform/http/response.hpp"
#include "platform/service/error.hpp"

namespace sentinel::http {

/// Replaces the answer by the error: status, body `{"error":{"code","message","details"},"meta":{"request_id","timestamp"}}`,
/// `Retry-After` where the error has one, `WWW-Authenticate: Bearer` with 401 codes about the token, and
/// `Cache-Control: no-store`. Other headers that were set before (rate limits) stay.
void write_error(Response& response, const platform::ServiceError& error, std::string_view request_id, core::Instant now);

}  // namespace sentinel::http
