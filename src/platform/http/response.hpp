#pragma once
/// One answer, filled by a handler.

#include <string>
#include <string_view>

#include "platform/http/header.hpp"

namespace sentinel::http {

inline constexpr std::string_view json_content_type = "application/json; charset=utf-8";

/// The server adds by itself: Content-Length, Content-Type, X-Request-ID, the security headers of spec 00 section 6, CORS,
/// and `Connection: close` where due. A handler adds the rest. The object is used again for the next request of its connection.
struct Response {
    int status = 200;
    std::string body;
    std::string_view content_type = json_content_type;  ///< static text; sent only with a body
    ResponseHeaders headers;
    bool close = false;  ///< close the connection after this answer

    void clear();
};

}  // namespace sentinel::http
