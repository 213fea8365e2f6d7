#pragma once
/// Lists (spec 00 section 4).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/schema.hpp"

namespace sentinel::http {

enum class SortOrder : std::uint8_t { asc, desc };
EnumSchema describe(Of<SortOrder>);

/// The values of the last row seen by which a list continues, in the order of its sort keys (the id last). Texts as the
/// repository wrote them.
using CursorKeys = std::vector<std::string>;

/// What a list is asked for. A query struct has one and describes it with `http::paging`.
struct PageRequest {
    std::optional<std::int64_t> page_number;
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    std::string sort = "created_at";
    std::optional<SortOrder> order;
    /// From the cursor once it was opened; empty = from the start.
    CursorKeys after;

    bool continues() const noexcept { return !after.empty(); }
    std::int64_t page() const noexcept { return page_number.value_or(1); }
    /// Rows to pass over; 0 with a cursor.
    std::int64_t offset() const noexcept { return continues() ? 0 : (page() - 1) * limit; }
    /// As asked, else `desc` for times (names that end in `_at`) and `asc` for others.
    SortOrder direction() const noexcept;
};

/// Totals are exact up to here and unknown beyond.
inline constexpr std::int64_t highest_exact_total = 10'000;

/// One part of a list. `next` are the keys of the last item where more follow.
template <class T>
struct Page {
    std::vector<T> items;
    std::optional<std::int64_t> total;
    std::optional<CursorKeys> next;
};

struct PagingOptions {
    /// Names of `sort`. The default is the initialiser: `PageRequest page{.sort = "name"};`.
    std::vector<std::string> sorts = {"created_at"};
    std::int64_t max_limit = 100;
};
/// `page`, `limit`, `cursor`, `sort`, `order`.
Members paging_members(const std::type_info& outer, std::size_t offset, PagingOptions options);
template <class C>
Members paging(PageRequest C::* pointer, PagingOptions options = {}) {
    return paging_members(typeid(C), offset_of(pointer), std::move(options));
}

}  // namespace sentinel::http
