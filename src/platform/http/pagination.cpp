#include "platform/http/pagination.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/http/pagination_writer.hpp"
#include "platform/http/writer.hpp"

namespace sentinel::http {

using platform::Rule;

namespace {

/// Beyond it a list is walked by cursor (spec 00 section 4).
constexpr std::int64_t deepest_row = 100'000;
constexpr std::int64_t most_pages = deepest_row;
constexpr std::size_t longest_cursor = 2'048;

void check_paging(const PageRequest& request, Reader& reader) {
    if (request.cursor && request.page_number) {
        reader.fault("/page", Rule::exclusive, "page and cursor exclude each other");
    } else if (request.page() * request.limit > deepest_row) {
        reader.fault("/page", Rule::maximum, fmt::format("page times limit may be at most {}: go on with a cursor", deepest_row));
    }
}

ObjectSchema paging_schema(const PagingOptions& options) {
    Member limit = member("limit", &PageRequest::limit, integer(1, options.max_limit), "How many in one answer.");
    Member sort = member("sort", &PageRequest::sort, words(options.sorts), "By what the list is ordered; the id breaks ties.");
    return object<PageRequest>(
        "PageRequest", "A part of a list.",
        member("page", &PageRequest::page_number, integer(1, most_pages), "From 1, which is also meant when it is left out."),
        std::move(limit).defaulted(),
        member("cursor", &PageRequest::cursor, text(1, longest_cursor), "`next_cursor` of the answer before; excludes page."),
        std::move(sort).defaulted(), member("order", &PageRequest::order, "Else desc for times and asc for names."),
        also<PageRequest>(check_paging));
}

std::int64_t pages_of(std::int64_t total, std::int64_t limit) noexcept { return (total + limit - 1) / limit; }

void append_number(std::string& out, std::optional<std::int64_t> number) {
    if (!number) return void(out += "null");
    types::write_integer(out, *number);
}

/// `path?…` with one parameter put in the place of page and cursor.
std::string address_with(const Request& request, std::string_view parameter, std::string_view value) {
    std::string out = "<";
    out.append(request.target.substr(0, request.target.find('?'))).append("?");
    std::string_view rest = request.query;
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::string_view name = pair.substr(0, pair.find('='));
        if (pair.empty() || name == "page" || name == "cursor") continue;
        out.append(pair).append("&");
    }
    out.append(parameter).append("=");
    append_percent_encoded(out, value);
    return out.append(">");
}

/// The `Link` of an answer (RFC 8288).
class Links {
public:
    explicit Links(const Request& request) noexcept : request_(&request) {}
    void add(std::string_view relation, std::string_view parameter, std::string_view value) {
        if (!text_.empty()) text_ += ", ";
        text_.append(address_with(*request_, parameter, value)).append("; rel=\"").append(relation).append("\"");
    }
    void add(std::string_view relation, std::int64_t page) { add(relation, "page", std::to_string(page)); }
    const std::string& text() const noexcept { return text_; }

private:
    const Request* request_;
    std::string text_;
};

void add_links(const PageView& view, const Request& request, Response& response) {
    Links links(request);
    links.add("first", 1);
    const std::optional<std::int64_t> page = view.page;
    if (page && *page > 1) links.add("prev", *page - 1);
    if (!view.next_cursor.empty()) {
        const bool may_count_on = page && (*page + 1) * view.limit <= deepest_row;
        if (may_count_on)
            links.add("next", *page + 1);
        else
            links.add("next", "cursor", view.next_cursor);
    }
    if (view.total && *view.total > 0) links.add("last", pages_of(*view.total, view.limit));
    response.headers.add("Link", links.text());
}

}  // namespace

EnumSchema describe(Of<SortOrder>) { return words_of<SortOrder>({{SortOrder::asc, "asc"}, {SortOrder::desc, "desc"}}); }

SortOrder PageRequest::direction() const noexcept {
    if (order) return *order;
    return sort.ends_with("_at") ? SortOrder::desc : SortOrder::asc;
}

Members paging_members(const std::type_info& outer, std::size_t offset, PagingOptions options) {
    ObjectSchema schema = paging_schema(options);
    schema.set_page_offset(0);
    Members members(outer, offset, schema);
    return members;
}

void append_pagination(std::string& out, const PageView& view) {
    out += R"("pagination":{"page":)";
    append_number(out, view.page);
    out += R"(,"limit":)";
    types::write_integer(out, view.limit);
    out += R"(,"total":)";
    append_number(out, view.total);
    out += R"(,"pages":)";
    append_number(out, view.total ? std::optional(pages_of(*view.total, view.limit)) : std::nullopt);
    out += R"(,"next_cursor":)";
    if (view.next_cursor.empty())
        out += "null";
    else
        out.append(1, '"').append(view.next_cursor).append(1, '"');
    out += '}';
}

void add_page_headers(const PageView& view, const Request& request, Response& response) {
    if (view.total) {
        response.headers.add("X-Total-Count", *view.total);
        response.headers.add("X-Page-Count", pages_of(*view.total, view.limit));
    }
    if (view.page) response.headers.add("X-Current-Page", *view.page);
    response.headers.add("X-Per-Page", view.limit);
    add_links(view, request, response);
}

}  // namespace sentinel::http
