#pragma once
/// Why a request is refused before any handler sees it.

#include <cstddef>
#include <string_view>

#include "platform/service/error.hpp"

namespace sentinel::http {

/// A refusal is always answered with the standard error body and ends the connection.
struct Refusal {
    platform::ErrorCode code = platform::ErrorCode::malformed_request;
    std::string_view reason;   ///< static; `details.reason`
    std::string_view message;  ///< static; one sentence
    std::size_t offset = 0;    ///< of the byte at fault in the request's head, where it is malformed
};

platform::ServiceError error_of(const Refusal& refusal);

}  // namespace sentinel::http
