#include "platform/http/response_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sentinel::http {

namespace {

std::string_view reason_of(int status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 422: return "Unprocessable Content";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        default: return "";  // RFC 9112 section 4 lets it be empty
    }
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 24> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), written.ptr);
}

bool is_without_body(int status) noexcept { return status == 204 || status == 304 || status < 200; }

constexpr std::string_view exposed_headers =
    "X-Request-ID, ETag, Location, Link, Retry-After, Idempotency-Replayed, X-Policy-Revision, X-Policy-Incarnation, "
    "X-Cache-Hit, "
    "X-Cache-Backend, X-Cache-TTL, X-Total-Count, X-Page-Count, X-Current-Page, X-Per-Page, X-RateLimit-Limit, "
    "X-RateLimit-Remaining, X-RateLimit-Reset, X-RateLimit-Tenant, X-RateLimit-Retry-After, Deprecation, Sunset";
constexpr std::string_view accepted_headers =
    "Authorization, Content-Type, X-Request-ID, X-Tenant-ID, If-Match, If-None-Match, Idempotency-Key, traceparent";

}  // namespace

bool carries_body(const Response& response, bool is_head) noexcept { return !is_head && !is_without_body(response.status); }

void append_answer_head(std::string& out, const Response& response, const AnswerFrame& frame) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(1, ' ').append(reason_of(response.status)).append("\r\n");
    if (!is_without_body(response.status)) {
        if (!response.body.empty()) out.append("Content-Type: ").append(response.content_type).append("\r\n");
        out.append("Content-Length: ");
        append_number(out, response.body.size());
        out.append("\r\n");
    }
    out.append("X-Request-ID: ").append(frame.request_id);
    out.append("\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n");
    if (frame.strict_transport_security) out.append("Strict-Transport-Security: max-age=31536000\r\n");
    out.append(response.headers.text());
    if (frame.closes) out.append("Connection: close\r\n");
    out.append("\r\n");
}

void add_cors(Response& response, const Request& request, std::span<const std::string> allowed_origins) {
    if (allowed_origins.empty()) return;
    response.headers.add("Vary", "Origin");
    const auto origin = request.header("Origin");
    if (!origin || request.headers.count("Origin") != 1 || std::ranges::find(allowed_origins, *origin) == allowed_origins.end())
        return;
    response.headers.add("Access-Control-Allow-Origin", *origin);
    if (request.method != Method::options || !request.header("Access-Control-Request-Method")) {
        response.headers.add("Access-Control-Expose-Headers", exposed_headers);
        return;
    }
    // A copy: adding may move the text that the view lies in.
    const std::string methods(response.headers.find("Allow").value_or("GET, HEAD"));
    response.headers.add("Access-Control-Allow-Methods", methods);
    response.headers.add("Access-Control-Allow-Headers", accepted_headers);
    response.headers.add("Access-Control-Max-Age", "600");
}

}  // namespace sentinel::http
