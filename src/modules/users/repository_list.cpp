#include "modules/users/repository_list.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "modules/users/repository.hpp"
#include "modules/users/subject_columns.hpp"
#include "platform/postgres/joined.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

using boost::asio::awaitable;
using http::CursorKeys;
using http::SortOrder;
using postgres::Statement;

namespace {

constexpr std::string_view select = "SELECT ";
constexpr std::string_view filters =
    " FROM sentinel.users WHERE tenant_id = $1 AND ($2::boolean IS NULL OR is_service_account = $2) AND ($3::boolean IS NULL OR "
    "is_active = $3) AND ($4::boolean IS NULL OR mfa_enabled = $4) AND ($9::timestamptz IS NULL OR last_login >= $9) AND "
    "($10::timestamptz IS NULL OR last_login < $10) AND ($11::timestamptz IS NULL OR created_at >= $11) AND ($12::timestamptz IS "
    "NULL OR created_at < $12) AND ($13::uuid IS NULL OR owner_id = $13) AND ($5::text[] IS NULL OR ";
constexpr std::string_view more_filters =
    " = ANY($5)) AND ($6::uuid[] IS NULL OR EXISTS (SELECT 1 FROM sentinel.user_roles held WHERE held.tenant_id = "
    "users.tenant_id "
    "AND held.user_id = users.id AND held.role_id = ANY($6) AND held.is_active AND (held.starts_at IS NULL OR held.starts_at <= "
    "now()) AND (held.expires_at IS NULL OR held.expires_at > now())) OR EXISTS (SELECT 1 FROM sentinel.user_groups joined WHERE "
    "joined.tenant_id = users.tenant_id AND joined.user_id = users.id AND joined.group_id = ANY($7::uuid[]) AND "
    "(joined.starts_at "
    "IS NULL OR joined.starts_at <= now()) AND (joined.expires_at IS NULL OR joined.expires_at > now()))) AND ($8::uuid[] IS "
    "NULL "
    "OR EXISTS (SELECT 1 FROM sentinel.user_groups joined WHERE joined.tenant_id = users.tenant_id AND joined.user_id = users.id "
    "AND joined.group_id = ANY($8) AND (joined.starts_at IS NULL OR joined.starts_at <= now()) AND (joined.expires_at IS NULL OR "
    "joined.expires_at > now()))) AND ($14::timestamptz IS NULL OR EXISTS (SELECT 1 FROM sentinel.service_account_keys owned "
    "WHERE "
    "owned.tenant_id = users.tenant_id AND owned.user_id = users.id AND owned.revoked_at IS NULL AND owned.expires_at > now() "
    "AND "
    "owned.expires_at < $14))";
// A literal, so that the indexes of rows that are not deleted serve.
constexpr std::string_view live = " AND deleted_at IS NULL";
constexpr std::string_view any = "";

// From an extreme instead of null: a condition with an alternative would not be found by index.
constexpr std::string_view created_up = " AND (created_at, id) > ($15::timestamptz, $16::uuid) ORDER BY created_at, id";
constexpr std::string_view created_down =
    " AND (created_at, id) < ($15::timestamptz, $16::uuid) ORDER BY created_at DESC, id DESC";
constexpr std::string_view login_up = " AND (last_login, id) > ($15::timestamptz, $16::uuid) ORDER BY last_login, id";
constexpr std::string_view login_down = " AND (last_login, id) < ($15::timestamptz, $16::uuid) ORDER BY last_login DESC, id DESC";
constexpr std::string_view name_up = " AND (username, id) > ($15::text, $16::uuid) ORDER BY username, id";
constexpr std::string_view name_down = " AND (username, id) < ($15::text, $16::uuid) ORDER BY username DESC, id DESC";
constexpr std::string_view part = " OFFSET $17 LIMIT $18";
// Those without a value come last, whatever the order.
constexpr std::string_view no_login = " AND last_login IS NULL AND id > $15::uuid ORDER BY id OFFSET $16 LIMIT $17";
constexpr std::string_view no_name = " AND username IS NULL AND id > $15::uuid ORDER BY id OFFSET $16 LIMIT $17";

template <const std::string_view& which, const std::string_view& order>
inline constexpr std::string_view rows_of = postgres::joined<select, plain_columns, status_expression, as_status, filters,
                                                             status_expression, more_filters, which, order, part>;
template <const std::string_view& which, const std::string_view& order>
inline constexpr std::string_view valueless_rows_of =
    postgres::joined<select, plain_columns, status_expression, as_status, filters, status_expression, more_filters, which, order>;

constexpr Statement by_created{"users.list_by_created", rows_of<live, created_up>};
constexpr Statement by_created_down{"users.list_by_created_down", rows_of<live, created_down>};
constexpr Statement by_login{"users.list_by_login", rows_of<live, login_up>};
constexpr Statement by_login_down{"users.list_by_login_down", rows_of<live, login_down>};
constexpr Statement without_login{"users.list_without_login", valueless_rows_of<live, no_login>};
constexpr Statement by_name{"users.list_by_name", rows_of<live, name_up>};
constexpr Statement by_name_down{"users.list_by_name_down", rows_of<live, name_down>};
constexpr Statement without_name{"users.list_without_name", valueless_rows_of<live, no_name>};
constexpr Statement any_by_created{"users.list_any_by_created", rows_of<any, created_up>};
constexpr Statement any_by_created_down{"users.list_any_by_created_down", rows_of<any, created_down>};
constexpr Statement any_by_login{"users.list_any_by_login", rows_of<any, login_up>};
constexpr Statement any_by_login_down{"users.list_any_by_login_down", rows_of<any, login_down>};
constexpr Statement any_without_login{"users.list_any_without_login", valueless_rows_of<any, no_login>};
constexpr Statement any_by_name{"users.list_any_by_name", rows_of<any, name_up>};
constexpr Statement any_by_name_down{"users.list_any_by_name_down", rows_of<any, name_down>};
constexpr Statement any_without_name{"users.list_any_without_name", valueless_rows_of<any, no_name>};

constexpr std::string_view count_from = "SELECT count(*) FROM (SELECT 1";
constexpr std::string_view count_end = " LIMIT 10001) counted";
constexpr Statement count_live{"users.count_live",
                               postgres::joined<count_from, filters, status_expression, more_filters, live, count_end>};
constexpr Statement count_any{"users.count_any",
                              postgres::joined<count_from, filters, status_expression, more_filters, any, count_end>};
// How many stand before those without a value; a page lies at most 100,000 rows deep.
constexpr std::string_view with_login = " AND last_login IS NOT NULL LIMIT 100001) counted";
constexpr std::string_view with_name = " AND username IS NOT NULL LIMIT 100001) counted";
constexpr Statement count_with_login{"users.count_with_login",
                                     postgres::joined<count_from, filters, status_expression, more_filters, live, with_login>};
constexpr Statement count_with_name{"users.count_with_name",
                                    postgres::joined<count_from, filters, status_expression, more_filters, live, with_name>};
constexpr Statement count_any_with_login{"users.count_any_with_login",
                                         postgres::joined<count_from, filters, status_expression, more_filters, any, with_login>};
constexpr Statement count_any_with_name{"users.count_any_with_name",
                                        postgres::joined<count_from, filters, status_expression, more_filters, any, with_name>};

constexpr std::string_view sort_columns = "SELECT id, created_at, username, last_login, login_count, email_encrypted";
constexpr std::string_view or_deleted = " AND ($15::boolean OR deleted_at IS NULL)";
constexpr std::string_view among_ids = " AND id = ANY($16::uuid[]) LIMIT 50001";
constexpr std::string_view accounts_only = " AND is_service_account LIMIT 50001";
constexpr std::string_view sorted_part = " LIMIT 50001";
constexpr Statement keys_among{"users.sort_keys_among",
                               postgres::joined<sort_columns, filters, status_expression, more_filters, or_deleted, among_ids>};
constexpr Statement keys_of_accounts{
    "users.sort_keys_of_accounts",
    postgres::joined<sort_columns, filters, status_expression, more_filters, or_deleted, accounts_only>};
constexpr Statement keys_of_all{
    "users.sort_keys", postgres::joined<sort_columns, filters, status_expression, more_filters, or_deleted, sorted_part>};

/// An order that an index serves.
struct IndexedOrder {
    std::string_view sort;
    bool with_deleted;
    const Statement* up;
    const Statement* down;
    const Statement* valueless;  ///< null = every row has a value
    const Statement* count_valued;
    std::string_view first;  ///< before every value
    std::string_view last;   ///< after every value
};
constexpr std::array indexed_orders{
    IndexedOrder{"created_at", false, &by_created, &by_created_down, nullptr, nullptr, "-infinity", "infinity"},
    IndexedOrder{"last_login", false, &by_login, &by_login_down, &without_login, &count_with_login, "-infinity", "infinity"},
    IndexedOrder{"username", false, &by_name, &by_name_down, &without_name, &count_with_name, "", "~"},
    IndexedOrder{"created_at", true, &any_by_created, &any_by_created_down, nullptr, nullptr, "-infinity", "infinity"},
    IndexedOrder{"last_login", true, &any_by_login, &any_by_login_down, &any_without_login, &count_any_with_login, "-infinity",
                 "infinity"},
    IndexedOrder{"username", true, &any_by_name, &any_by_name_down, &any_without_name, &count_any_with_name, "", "~"},
};

constexpr std::string_view first_id = "00000000-0000-0000-0000-000000000000";
constexpr std::string_view last_id = "ffffffff-ffff-ffff-ffff-ffffffffffff";
// What a cursor begins with.
constexpr std::string_view with_value = "v";
constexpr std::string_view without_value = "n";
constexpr std::string_view in_memory = "m";

const IndexedOrder* find_indexed(std::string_view sort, bool with_deleted) {
    const auto found = std::ranges::find_if(
        indexed_orders, [&](const IndexedOrder& order) { return order.sort == sort && order.with_deleted == with_deleted; });
    return found == indexed_orders.end() ? nullptr : &*found;
}

/// Times newest first, names from a.
bool is_ascending(const http::PageRequest& page) {
    if (page.order) return *page.order == SortOrder::asc;
    return page.sort != "created_at" && page.sort != "last_login";
}

template <class... More>
postgres::Pending send(postgres::Transaction& transaction, const Statement& statement, const SubjectFilter& filter,
                       const More&... more) {
    return transaction.send(statement, transaction.tenant(), filter.is_service_account, filter.is_active, filter.mfa_enabled,
                            filter.status, filter.roles, filter.role_groups, filter.groups, filter.from_last_login,
                            filter.to_last_login, filter.from_created_at, filter.to_created_at, filter.owner,
                            filter.expiring_before, more...);
}

std::string key_of(const Subject& subject, std::string_view sort) {
    if (sort == "username") return subject.username.value_or("");
    if (sort == "last_login") return subject.last_login ? subject.last_login->text() : "";
    return subject.created_at.text();
}

bool has_value(const Subject& subject, std::string_view sort) {
    if (sort == "username") return subject.username.has_value();
    return sort != "last_login" || subject.last_login.has_value();
}

/// A list that an index serves, on its way.
class IndexedList {
public:
    IndexedList(postgres::Transaction& transaction, const crypto::KeyRing& keys, const SubjectFilter& filter,
                const http::PageRequest& page, const IndexedOrder& order)
        : transaction_(&transaction), keys_(&keys), filter_(&filter), page_(&page), order_(&order) {}

    awaitable<http::Page<Subject>> run() {
        const CursorKeys& after = page_->after;
        std::int64_t offset = page_->offset();
        if (after.empty() || after.front() == with_value) {
            co_await read_valued(offset);
            offset = std::max<std::int64_t>(offset - passed_, 0);
        }
        if (!is_full() && order_->valueless != nullptr) co_await read_valueless(offset);
        http::Page<Subject> result;
        result.items = std::move(rows_);
        if (static_cast<std::int64_t>(result.items.size()) > page_->limit) {
            result.items.resize(static_cast<std::size_t>(page_->limit));
            const Subject& last = result.items.back();
            const bool valued = has_value(last, order_->sort);
            result.next =
                CursorKeys{std::string(valued ? with_value : without_value), key_of(last, order_->sort), last.id.text()};
        }
        co_return result;
    }

private:
    bool is_full() const { return static_cast<std::int64_t>(rows_.size()) > page_->limit; }
    std::int64_t missing() const { return page_->limit + 1 - static_cast<std::int64_t>(rows_.size()); }

    awaitable<void> read_valued(std::int64_t offset) {
        const bool up = is_ascending(*page_);
        std::string key(up ? order_->first : order_->last);
        std::string id(up ? first_id : last_id);
        if (page_->continues()) std::tie(key, id) = std::tie(page_->after.at(1), page_->after.at(2));
        auto sent = send(*transaction_, up ? *order_->up : *order_->down, *filter_, key, id, offset, missing());
        const postgres::Result result = co_await transaction_->receive(std::move(sent));
        rows_ = repository::subjects_of(result, *keys_, transaction_->tenant());
        passed_ = offset + static_cast<std::int64_t>(rows_.size());
        if (!rows_.empty() || offset == 0 || order_->count_valued == nullptr) co_return;
        auto counting = send(*transaction_, *order_->count_valued, *filter_);
        const postgres::Result counted = co_await transaction_->receive(std::move(counting));
        passed_ = counted.one().get<std::int64_t>(0);
    }

    awaitable<void> read_valueless(std::int64_t offset) {
        const bool goes_on = page_->continues() && page_->after.front() == without_value;
        const std::string id = goes_on ? page_->after.at(2) : std::string(first_id);
        auto sent = send(*transaction_, *order_->valueless, *filter_, id, offset, missing());
        const postgres::Result result = co_await transaction_->receive(std::move(sent));
        for (Subject& subject : repository::subjects_of(result, *keys_, transaction_->tenant()))
            rows_.push_back(std::move(subject));
    }

    postgres::Transaction* transaction_;
    const crypto::KeyRing* keys_;
    const SubjectFilter* filter_;
    const http::PageRequest* page_;
    const IndexedOrder* order_;
    std::vector<Subject> rows_;
    std::int64_t passed_ = 0;  ///< rows with a value that lie before what is missing
};

/// What a row is sorted by in memory.
struct SortKey {
    core::UserId id;
    bool has_value = true;
    std::string text;
    std::int64_t number = 0;
};

SortKey sort_key_of(const postgres::Row& row, const crypto::KeyRing& keys, std::string_view sort) {
    SortKey key{.id = row.get<core::UserId>(0)};
    if (sort == "email") {
        key.text = folded_email(open_email(keys, key.id, row.get<std::string>(5)));
    } else if (sort == "login_count") {
        key.number = row.get<std::int32_t>(4);
    } else if (sort == "username") {
        auto name = row.get<std::optional<std::string>>(2);
        key.has_value = name.has_value();
        key.text = std::move(name).value_or("");
    } else {
        const auto time = row.get<std::optional<core::Instant>>(sort == "last_login" ? 3 : 1);
        key.has_value = time.has_value();
        if (time) key.number = time->seconds * 1'000'000 + time->nanoseconds / 1'000;
    }
    return key;
}

void sort_keys(std::vector<SortKey>& keys, bool up) {
    std::ranges::sort(keys, [up](const SortKey& left, const SortKey& right) {
        if (left.has_value != right.has_value) return left.has_value;
        if (!left.has_value) return left.id < right.id;
        const auto of = [](const SortKey& key) { return std::tie(key.text, key.number, key.id); };
        return up ? of(left) < of(right) : of(right) < of(left);
    });
}

/// Where the page begins: behind the row that the cursor names, or where that row was if it is gone.
std::size_t start_of(const std::vector<SortKey>& keys, const http::PageRequest& page) {
    if (!page.continues()) return std::min(static_cast<std::size_t>(page.offset()), keys.size());
    const auto id = core::UserId::parse(page.after.back());
    const auto found = std::ranges::find_if(keys, [&](const SortKey& key) { return id && key.id == *id; });
    if (found != keys.end()) return static_cast<std::size_t>(found - keys.begin()) + 1;
    std::size_t position = 0;
    const std::string& text = page.after.at(1);
    std::from_chars(text.data(), text.data() + text.size(), position);
    return std::min(position, keys.size());
}

postgres::Pending send_sort_keys(postgres::Transaction& transaction, const SubjectFilter& filter) {
    if (filter.among) return send(transaction, keys_among, filter, filter.with_deleted, *filter.among);
    if (filter.is_service_account.value_or(false)) return send(transaction, keys_of_accounts, filter, filter.with_deleted);
    return send(transaction, keys_of_all, filter, filter.with_deleted);
}

awaitable<http::Page<Subject>> list_in_memory(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                              const SubjectFilter& filter, const http::PageRequest& page) {
    auto sent = send_sort_keys(transaction, filter);
    const postgres::Result result = co_await transaction.receive(std::move(sent));
    if (static_cast<std::int64_t>(result.size()) > most_sorted_rows) {
        throw platform::validation_failed({{platform::InputPlace::query, "/sort", platform::Rule::maximum,
                                            "So many cannot be sorted like this: use created_at, username or last_login."}});
    }
    std::vector<SortKey> sorted;
    sorted.reserve(result.size());
    for (const postgres::Row row : result) sorted.push_back(sort_key_of(row, keys, page.sort));
    sort_keys(sorted, is_ascending(page));
    const std::size_t start = start_of(sorted, page);
    const std::size_t end = std::min(start + static_cast<std::size_t>(page.limit), sorted.size());
    std::vector<core::UserId> ids;
    for (std::size_t at = start; at < end; ++at) ids.push_back(sorted[at].id);
    http::Page<Subject> list;
    list.items = co_await repository::find_many(transaction, keys, ids);
    const auto total = static_cast<std::int64_t>(sorted.size());
    if (total <= http::highest_exact_total) list.total = total;
    if (end < sorted.size() && !ids.empty()) {
        list.next = CursorKeys{std::string(in_memory), std::to_string(end), ids.back().text()};
    }
    co_return list;
}

awaitable<std::optional<std::int64_t>> total_of(postgres::Transaction& transaction, const SubjectFilter& filter) {
    if (filter.counts_all()) {
        const SubjectCounts counts = co_await repository::counts(transaction);
        const std::int64_t people = filter.is_service_account.value_or(false) ? 0 : counts.users;
        const std::int64_t accounts = filter.is_service_account.value_or(true) ? counts.service_accounts : 0;
        co_return people + accounts;
    }
    auto counting = send(transaction, filter.with_deleted ? count_any : count_live, filter);
    const postgres::Result counted = co_await transaction.receive(std::move(counting));
    const auto total = counted.one().get<std::int64_t>(0);
    if (total > http::highest_exact_total) co_return std::nullopt;
    co_return total;
}

}  // namespace

awaitable<http::Page<Subject>> repository::list(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                                const SubjectFilter& filter, const http::PageRequest& page) {
    const IndexedOrder* order = find_indexed(page.sort, filter.with_deleted);
    // Service accounts are few among people: an index over all would be walked for nothing.
    const bool is_small = filter.among || filter.is_service_account.value_or(false);
    if (order == nullptr || is_small) co_return co_await list_in_memory(transaction, keys, filter, page);
    IndexedList listing(transaction, keys, filter, page, *order);
    http::Page<Subject> list = co_await listing.run();
    list.total = co_await total_of(transaction, filter);
    co_return list;
}

postgres::StatementList list_statements() noexcept {
    static constexpr const Statement* all[] = {&by_created,          &by_created_down, &by_login,
                                               &by_login_down,       &without_login,   &by_name,
                                               &by_name_down,        &without_name,    &any_by_created,
                                               &any_by_created_down, &any_by_login,    &any_by_login_down,
                                               &any_without_login,   &any_by_name,     &any_by_name_down,
                                               &any_without_name,    &count_live,      &count_any,
                                               &count_with_login,    &count_with_name, &count_any_with_login,
                                               &count_any_with_name, &keys_among,      &keys_of_accounts,
                                               &keys_of_all};
    return all;
}

}  // namespace sentinel::users
