#include "modules/tenants/repository_list.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "core/text.hpp"
#include "modules/tenants/repository.hpp"
#include "platform/postgres/joined.hpp"

namespace sentinel::tenants {

using boost::asio::awaitable;
using postgres::Statement;

namespace {

constexpr std::string_view select = "SELECT ";
// Tenants are few beside users: what these filters leave is looked through, no index serves them.
constexpr std::string_view from =
    " FROM sentinel.tenants WHERE ($1::text IS NULL OR strpos(name_folded, $1) > 0) AND ($2::text IS NULL OR strpos(code, $2) > "
    "0) "
    "AND ($3::text IS NULL OR type = $3) AND ($4::uuid IS NULL OR parent_tenant_id = $4) AND ($5::boolean IS NULL OR is_active = "
    "$5) "
    "AND ($6::boolean OR deleted_at IS NULL)";
constexpr std::string_view count_from = "SELECT count(*) FROM (SELECT 1";
constexpr std::string_view count_end = " LIMIT 10001) counted";

// After the last row seen; a null key is the start.
constexpr std::string_view after_created =
    " AND ($7::timestamptz IS NULL OR (created_at, id) > ($7, $8::uuid)) ORDER BY created_at, id";
constexpr std::string_view before_created =
    " AND ($7::timestamptz IS NULL OR (created_at, id) < ($7, $8::uuid)) ORDER BY created_at DESC, id DESC";
constexpr std::string_view after_updated =
    " AND ($7::timestamptz IS NULL OR (updated_at, id) > ($7, $8::uuid)) ORDER BY updated_at, id";
constexpr std::string_view before_updated =
    " AND ($7::timestamptz IS NULL OR (updated_at, id) < ($7, $8::uuid)) ORDER BY updated_at DESC, id DESC";
constexpr std::string_view after_name = " AND ($7::text IS NULL OR (name_folded, id) > ($7, $8::uuid)) ORDER BY name_folded, id";
constexpr std::string_view before_name =
    " AND ($7::text IS NULL OR (name_folded, id) < ($7, $8::uuid)) ORDER BY name_folded DESC, id DESC";
constexpr std::string_view after_code = " AND ($7::text IS NULL OR (code, id) > ($7, $8::uuid)) ORDER BY code, id";
constexpr std::string_view before_code = " AND ($7::text IS NULL OR (code, id) < ($7, $8::uuid)) ORDER BY code DESC, id DESC";
constexpr std::string_view part = " OFFSET $9 LIMIT $10";

constexpr Statement count_tenants{"tenants.count", postgres::joined<count_from, from, count_end>};
constexpr Statement by_created{"tenants.list_by_created", postgres::joined<select, tenant_columns, from, after_created, part>};
constexpr Statement by_created_down{"tenants.list_by_created_down",
                                    postgres::joined<select, tenant_columns, from, before_created, part>};
constexpr Statement by_updated{"tenants.list_by_updated", postgres::joined<select, tenant_columns, from, after_updated, part>};
constexpr Statement by_updated_down{"tenants.list_by_updated_down",
                                    postgres::joined<select, tenant_columns, from, before_updated, part>};
constexpr Statement by_name{"tenants.list_by_name", postgres::joined<select, tenant_columns, from, after_name, part>};
constexpr Statement by_name_down{"tenants.list_by_name_down", postgres::joined<select, tenant_columns, from, before_name, part>};
constexpr Statement by_code{"tenants.list_by_code", postgres::joined<select, tenant_columns, from, after_code, part>};
constexpr Statement by_code_down{"tenants.list_by_code_down", postgres::joined<select, tenant_columns, from, before_code, part>};

struct Order {
    std::string_view sort;
    const Statement* up;
    const Statement* down;
    std::string (*key)(const Tenant& tenant);
};
constexpr std::array orders{
    Order{"created_at", &by_created, &by_created_down, [](const Tenant& tenant) { return tenant.created_at.text(); }},
    Order{"updated_at", &by_updated, &by_updated_down, [](const Tenant& tenant) { return tenant.updated_at.text(); }},
    Order{"name", &by_name, &by_name_down, [](const Tenant& tenant) { return core::case_folded(tenant.name); }},
    Order{"code", &by_code, &by_code_down, [](const Tenant& tenant) { return tenant.code; }},
};

const Order& order_of(std::string_view sort) {
    for (const Order& order : orders) {
        if (order.sort == sort) return order;
    }
    throw std::logic_error("a sort that the schema does not list");
}

std::string upper_ascii(std::string text) {
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return text;
}

/// The values of $1 to $6.
struct Filter {
    std::optional<std::string> name;
    std::optional<std::string> code;
    std::optional<std::string> type;
    std::optional<core::TenantId> parent;
    std::optional<bool> is_active;
    bool with_deleted;
};

Filter filter_of(const ListTenants& query, bool with_deleted) {
    Filter filter{.name = {},
                  .code = {},
                  .type = {},
                  .parent = query.parent_tenant_id,
                  .is_active = query.is_active,
                  .with_deleted = with_deleted};
    if (query.name) filter.name = core::case_folded(*query.name);
    if (query.code) filter.code = upper_ascii(*query.code);
    if (query.type) filter.type = *query.type == TenantType::root ? "root" : "sub_tenant";
    return filter;
}

}  // namespace

postgres::StatementList list_statements() noexcept {
    static constexpr const Statement* all[] = {&count_tenants, &by_created,   &by_created_down, &by_updated,  &by_updated_down,
                                               &by_name,       &by_name_down, &by_code,         &by_code_down};
    return all;
}

awaitable<http::Page<Tenant>> repository::list(postgres::Transaction& transaction, const ListTenants& query, bool with_deleted) {
    const Filter filter = filter_of(query, with_deleted);
    const Order& order = order_of(query.page.sort);
    const Statement& statement = query.page.direction() == http::SortOrder::asc ? *order.up : *order.down;
    const std::optional<std::string> after = query.page.continues() ? std::optional(query.page.after.front()) : std::nullopt;
    const std::optional<std::string> after_id = query.page.continues() ? std::optional(query.page.after.back()) : std::nullopt;

    auto counting = transaction.send(count_tenants, filter.name, filter.code, filter.type, filter.parent, filter.is_active,
                                     filter.with_deleted);
    auto listing = transaction.send(statement, filter.name, filter.code, filter.type, filter.parent, filter.is_active,
                                    filter.with_deleted, after, after_id, query.page.offset(), query.page.limit + 1);
    const postgres::Result counted = co_await transaction.receive(std::move(counting));
    const postgres::Result rows = co_await transaction.receive(std::move(listing));

    http::Page<Tenant> page;
    const auto total = counted.one().get<std::int64_t>(0);
    if (total <= http::highest_exact_total) page.total = total;
    for (const postgres::Row row : rows) {
        if (static_cast<std::int64_t>(page.items.size()) == query.page.limit) {
            page.next = http::CursorKeys{order.key(page.items.back()), page.items.back().id.text()};
            break;
        }
        page.items.push_back(tenant_of(row));
    }
    co_return page;
}

}  // namespace sentinel::tenants
