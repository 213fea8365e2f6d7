#include "platform/access/refusals.hpp"

namespace sentinel::access {

std::string_view action_of(RefusalKind kind) noexcept {
    switch (kind) {
        case RefusalKind::scope: return "denied.scope";
        case RefusalKind::cross_tenant: return "denied.cross_tenant";
        case RefusalKind::rate_limit: return "rate_limit.block";
        case RefusalKind::token_invalid: return "token.invalid";
    }
    return "";
}

}  // namespace sentinel::access
