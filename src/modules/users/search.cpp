#include "modules/users/search.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

using boost::asio::awaitable;
using postgres::Statement;

namespace {

constexpr std::size_t shortest_prefix = 3;
constexpr std::size_t longest_prefix = 10;
constexpr std::size_t gram = 3;
constexpr std::size_t token_bytes = 8;
constexpr std::int64_t most_rows = 10'000;
constexpr std::int64_t most_short_hits = 50'000;  ///< of a username's first one or two characters

constexpr Statement count_token{
    "users.count_search_token",
    "SELECT count(*) FROM (SELECT 1 FROM sentinel.user_search_tokens WHERE tenant_id = $1 AND token = $2 "
    "LIMIT 10001) counted"};
constexpr Statement by_token{"users.by_search_token",
                             "SELECT found.id, found.email_encrypted, found.username FROM sentinel.user_search_tokens held JOIN "
                             "sentinel.users found ON found.tenant_id = held.tenant_id AND found.id = held.user_id "
                             "WHERE held.tenant_id = $1 AND held.token = $2 AND ($3 OR found.deleted_at IS NULL)"};
constexpr Statement by_address{"users.by_address",
                               "SELECT id FROM sentinel.users WHERE tenant_id = $1 AND email_index = $2 AND deleted_at IS NULL"};
// A username begins with lower ASCII, so the next letter bounds the range.
constexpr Statement by_beginning{"users.by_beginning",
                                 "SELECT id FROM sentinel.users WHERE tenant_id = $1 AND username >= $2 AND username < $3 AND "
                                 "deleted_at IS NULL LIMIT 50001"};

/// The first `count` code points.
std::string_view first_points(std::string_view text, std::size_t count) {
    std::size_t end = 0;
    while (end < text.size() && count > 0) {
        ++end;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
        --count;
    }
    return text.substr(0, end);
}

std::string_view domain_of(std::string_view folded) { return folded.substr(folded.find('@') + 1); }

std::string token_of(const crypto::KeyRing& keys, std::string_view kind, std::string_view text) {
    const crypto::Digest digest = keys.index(kind, text);
    return digest.text().substr(0, token_bytes);
}
std::string prefix_token(const crypto::KeyRing& keys, std::string_view text) {
    return token_of(keys, "users.search.address", text);
}
std::string domain_token(const crypto::KeyRing& keys, std::string_view text) {
    return token_of(keys, "users.search.domain", text);
}
std::string gram_token(const crypto::KeyRing& keys, std::string_view text) {
    return token_of(keys, "users.search.username", text);
}

platform::ServiceError too_many() {
    return platform::validation_failed({{platform::InputPlace::query, "/search", platform::Rule::min_length,
                                         "Too many would be found: search for a longer text."}});
}

using Found = std::set<core::UserId>;

/// One search on its way.
class Search {
public:
    Search(postgres::Transaction& transaction, const crypto::KeyRing& keys, std::string_view text, bool with_deleted)
        : transaction_(&transaction),
          keys_(&keys),
          address_(folded_email(text)),
          name_(lower_ascii(std::string(text))),
          with_deleted_(with_deleted) {}

    awaitable<std::vector<core::UserId>> run() {
        if (core::code_points(address_) >= shortest_prefix) {
            co_await find_address();
            co_await find_prefix();
            co_await find_domain();
        }
        if (is_part_of_username()) {
            if (name_.size() >= gram) {
                co_await find_part();
            } else {
                co_await find_beginning();
            }
        }
        co_return std::vector<core::UserId>(found_.begin(), found_.end());
    }

private:
    bool is_part_of_username() const {
        return name_.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
    }
    awaitable<std::int64_t> count(const std::string& token) {
        const postgres::Result result =
            co_await transaction_->execute(count_token, transaction_->tenant(), postgres::as_bytes(token));
        co_return result.one().get<std::int64_t>(0);
    }
    template <class Matches>
    awaitable<void> take(const std::string& token, Matches matches) {
        const postgres::Result rows =
            co_await transaction_->execute(by_token, transaction_->tenant(), postgres::as_bytes(token), with_deleted_);
        for (const postgres::Row row : rows) {
            if (matches(row)) found_.insert(row.get<core::UserId>(0));
        }
    }
    std::string address_of(const postgres::Row& row) const {
        return folded_email(open_email(*keys_, row.get<core::UserId>(0), row.get<std::string>(1)));
    }

    awaitable<void> find_address() {
        if (address_.find('@') == std::string::npos) co_return;
        const crypto::Digest index = email_index(*keys_, address_);
        const postgres::Result rows =
            co_await transaction_->execute(by_address, transaction_->tenant(), postgres::as_bytes(index.view()));
        for (const postgres::Row row : rows) found_.insert(row.get<core::UserId>(0));
    }
    awaitable<void> find_prefix() {
        const std::string token = prefix_token(*keys_, first_points(address_, longest_prefix));
        const std::int64_t rows = co_await count(token);
        if (rows > most_rows) throw too_many();
        if (rows == 0) co_return;
        co_await take(token, [this](const postgres::Row& row) { return address_of(row).starts_with(address_); });
    }
    awaitable<void> find_domain() {
        const std::string token = domain_token(*keys_, address_);
        const std::int64_t rows = co_await count(token);
        if (rows > most_rows) throw too_many();
        if (rows == 0) co_return;
        co_await take(token, [this](const postgres::Row& row) { return domain_of(address_of(row)) == address_; });
    }
    awaitable<void> find_part() {
        std::optional<std::string> rarest;
        std::int64_t fewest = 0;
        for (std::size_t at = 0; at + gram <= name_.size(); ++at) {
            std::string token = gram_token(*keys_, std::string_view(name_).substr(at, gram));
            const std::int64_t rows = co_await count(token);
            if (rows == 0) co_return;
            if (!rarest || rows < fewest) {
                rarest = std::move(token);
                fewest = rows;
            }
        }
        if (fewest > most_rows) throw too_many();
        co_await take(*rarest, [this](const postgres::Row& row) {
            const auto username = row.get<std::optional<std::string>>(2);
            return username && username->contains(name_);
        });
    }
    awaitable<void> find_beginning() {
        std::string end = name_;
        ++end.back();
        const postgres::Result rows = co_await transaction_->execute(by_beginning, transaction_->tenant(), name_, end);
        if (static_cast<std::int64_t>(rows.size()) > most_short_hits) throw too_many();
        for (const postgres::Row row : rows) found_.insert(row.get<core::UserId>(0));
    }

    postgres::Transaction* transaction_;
    const crypto::KeyRing* keys_;
    std::string address_;
    std::string name_;
    bool with_deleted_;
    Found found_;
};

}  // namespace

std::vector<postgres::Bytes> search_tokens(const crypto::KeyRing& keys, std::string_view email,
                                           const std::optional<std::string>& username) {
    const std::string folded = folded_email(email);
    std::set<std::string> tokens;
    const std::size_t points = std::min(core::code_points(folded), longest_prefix);
    for (std::size_t count = shortest_prefix; count <= points; ++count) {
        tokens.insert(prefix_token(keys, first_points(folded, count)));
    }
    tokens.insert(domain_token(keys, domain_of(folded)));
    if (username) {
        for (std::size_t at = 0; at + gram <= username->size(); ++at) {
            tokens.insert(gram_token(keys, std::string_view(*username).substr(at, gram)));
        }
    }
    std::vector<postgres::Bytes> bytes;
    bytes.reserve(tokens.size());
    for (const std::string& token : tokens) bytes.push_back(postgres::to_bytes(token));
    return bytes;
}

awaitable<std::vector<core::UserId>> search(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                            std::string_view text, bool with_deleted) {
    Search search(transaction, keys, text, with_deleted);
    co_return co_await search.run();
}

postgres::StatementList search_statements() noexcept {
    static constexpr const Statement* statements[] = {&count_token, &by_token, &by_address, &by_beginning};
    return statements;
}

}  // namespace sentinel::users
