#pragma once
/// OAuth client credentials as spec 02 takes them: `<tenant code>.<username>` and the API key, in the body or as Basic.

#include <optional>
#include <string>
#include <string_view>

#include "modules/auth/schemas.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::auth {

struct Client {
    std::string tenant_code;
    std::string username;
    platform::Secret secret;
};

/// `authorization`: that header, empty = none. Nothing where there are no credentials, more than one kind, or malformed ones.
std::optional<Client> client_of(std::string_view authorization, const TokenRequest& body);

}  // namespace sentinel::auth
