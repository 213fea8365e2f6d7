#pragma once
/// What an answer says about the part of a list that it holds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace sentinel::http {

struct PageView {
    std::optional<std::int64_t> page;  ///< absent when a cursor was given
    std::int64_t limit = 0;
    std::optional<std::int64_t> total;
    std::string_view next_cursor;  ///< empty = the last part
};

/// `"pagination":{…}`.
void append_pagination(std::string& out, const PageView& view);
/// `X-Total-Count`, `X-Page-Count`, `X-Current-Page`, `X-Per-Page`, `Link`.
void add_page_headers(const PageView& view, const Request& request, Response& response);

}  // namespace sentinel::http
