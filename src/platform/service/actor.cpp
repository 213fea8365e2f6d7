#include "platform/service/actor.hpp"

namespace sentinel::platform {

std::string_view text_of(ActorKind kind) noexcept {
    switch (kind) {
        case ActorKind::user: return "user";
        case ActorKind::service_account: return "service_account";
        case ActorKind::system: return "system";
    }
    return "system";
}

}  // namespace sentinel::platform
