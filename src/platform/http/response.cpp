#include "platform/http/response.hpp"

namespace sentinel::http {

void Response::clear() {
    // A body's memory is kept for the next answer, but one long list must not stay with its connection.
    constexpr std::size_t kept = 16 * 1024;
    if (body.capacity() > kept) body = std::string();
    body.clear();
    headers.clear();
    status = 200;
    content_type = json_content_type;
    close = false;
}

}  // namespace sentinel::http
