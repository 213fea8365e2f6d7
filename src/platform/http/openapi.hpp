#pragma once
/// The OpenAPI 3.1 document of a table of routes.

#include <string>

#include "core/json.hpp"
#include "platform/http/route.hpp"

namespace sentinel::http {

struct OpenApiInfo {
    std::string title;
    std::string version;
    std::string server_url;  ///< PUBLIC_URL
};

/// Of all routes of the main listener. std::logic_error when two described types share a name.
core::json::Object openapi_of(const Routes& routes, const OpenApiInfo& info);

}  // namespace sentinel::http
