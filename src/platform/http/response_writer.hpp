#pragma once
/// The text of an answer, and the fields that every answer carries.

#include <span>
#include <string>
#include <string_view>

#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace sentinel::http {

/// What the connection adds to a handler's answer.
struct AnswerFrame {
    std::string_view request_id;
    bool is_head = false;
    bool closes = false;
    bool strict_transport_security = false;
};

/// Status line and fields, with the empty line that ends them.
void append_answer_head(std::string& out, const Response& response, const AnswerFrame& frame);
/// False where the status (204, 304) or the method forbids one.
bool carries_body(const Response& response, bool is_head) noexcept;
/// The CORS fields for an exact origin of the list; a preflight takes its methods from `Allow`.
void add_cors(Response& response, const Request& request, std::span<const std::string> allowed_origins);

}  // namespace sentinel::http
