#include "platform/http/request_refusal.hpp"

#include <cstdint>
#include <string>

namespace sentinel::http {

platform::ServiceError error_of(const Refusal& refusal) {
    core::json::Object details;
    if (refusal.code == platform::ErrorCode::malformed_request) {
        details.set("offset", static_cast<std::uint64_t>(refusal.offset));
        details.set("reason", refusal.reason);
    }
    return {refusal.code, std::string(refusal.message), std::move(details)};
}

}  // namespace sentinel::http
