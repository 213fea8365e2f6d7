#include "modules/auth/signing_keys.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "core/json.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;
using postgres::Statement;

/// What load() needs of a row, its ages judged by the database.
struct SigningKeyRow {
    std::string kid;
    crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::es256;
    std::string private_wrapped;
    bool is_active = false;
    bool is_pending = false;
    bool is_old = false;  ///< active: its successor is due; pending: it was published long enough; retiring: its time is over
};

namespace {

constexpr std::int64_t publish_seconds = 600;

constexpr Statement lock_keys{"auth.lock_signing_keys",
                              "SELECT pg_advisory_xact_lock(hashtextextended('sentinel.signing_keys', 0))"};
// $1 how long before its end an active key's successor is published, $2 how long a pending one is shown before it signs.
constexpr Statement select_keys{
    "auth.select_signing_keys",
    "SELECT kid, alg, private_wrapped, status, CASE status "
    "WHEN 'active' THEN activated_at + make_interval(secs => $1) <= clock_timestamp() "
    "WHEN 'pending' THEN published_at + make_interval(secs => $2) <= clock_timestamp() "
    "ELSE retire_at <= clock_timestamp() END "
    "FROM sentinel_private.signing_keys WHERE status IN ('pending', 'active', 'retiring') ORDER BY published_at, kid"};
constexpr Statement insert_key{
    "auth.insert_signing_key",
    "INSERT INTO sentinel_private.signing_keys (kid, alg, public_jwk, private_wrapped, status, activated_at) "
    "VALUES ($1, $2, $3, $4, $5, CASE WHEN $5 = 'active' THEN clock_timestamp() END)"};
constexpr Statement retire_active{"auth.retire_active_key",
                                  "UPDATE sentinel_private.signing_keys SET status = 'retiring', "
                                  "retire_at = clock_timestamp() + make_interval(secs => $1) WHERE status = 'active'"};
constexpr Statement activate_key{"auth.activate_signing_key",
                                 "UPDATE sentinel_private.signing_keys SET status = 'active', activated_at = clock_timestamp() "
                                 "WHERE kid = $1 AND status = 'pending'"};
constexpr Statement end_key{"auth.end_signing_key",
                            "UPDATE sentinel_private.signing_keys SET status = 'retired', private_wrapped = NULL "
                            "WHERE kid = $1 AND status = 'retiring'"};

SigningKeyRow row_of(const postgres::Row& row) {
    const auto algorithm = crypto::parse_signature_algorithm(row.get<std::string>(1));
    if (!algorithm) throw std::logic_error("signing_keys.alg is outside of its check");
    const std::string status = row.get<std::string>(3);
    return {.kid = row.get<std::string>(0),
            .algorithm = *algorithm,
            .private_wrapped = row.get<std::optional<std::string>>(2).value_or(""),
            .is_active = status == "active",
            .is_pending = status == "pending",
            .is_old = row.get<std::optional<bool>>(4).value_or(false)};
}

}  // namespace

postgres::StatementList signing_key_statements() noexcept {
    static constexpr const Statement* statements[] = {&lock_keys,     &select_keys,  &insert_key,
                                                      &retire_active, &activate_key, &end_key};
    return statements;
}

awaitable<void> SigningKeys::add_key(postgres::Transaction& transaction, bool is_active) const {
    const crypto::SigningKey key = crypto::SigningKey::generate(options_.algorithm);
    const std::string wrapped = key.wrap_private(*master_);
    const std::string_view status = is_active ? "active" : "pending";
    co_await transaction.execute(insert_key, key.kid(), crypto::text_of(key.algorithm()), key.public_jwk(),
                                 postgres::as_bytes(wrapped), status);
}

awaitable<std::vector<SigningKeyRow>> SigningKeys::bring_up_to_date(postgres::Transaction& transaction) const {
    const double succeeded_after = static_cast<double>(options_.rotation.count() - publish_seconds);
    co_await transaction.execute(lock_keys);
    for (;;) {
        const postgres::Result result =
            co_await transaction.execute(select_keys, succeeded_after, static_cast<double>(publish_seconds));
        std::vector<SigningKeyRow> rows;
        for (const postgres::Row row : result) rows.push_back(row_of(row));
        const SigningKeyRow* active = nullptr;
        const SigningKeyRow* pending = nullptr;
        const SigningKeyRow* over = nullptr;
        for (const SigningKeyRow& row : rows) {
            const SigningKeyRow*& place = row.is_active ? active : row.is_pending ? pending : over;
            const bool counts = row.is_active || row.is_pending || row.is_old;
            if (place == nullptr && counts) place = &row;
        }
        // One step at a time, until there is none.
        if (over != nullptr) {
            co_await transaction.execute(end_key, over->kid);
        } else if (pending != nullptr && (pending->is_old || active == nullptr)) {
            co_await transaction.execute(retire_active, static_cast<double>(options_.retire_after.count()));
            co_await transaction.execute(activate_key, pending->kid);
        } else if (active == nullptr) {
            co_await add_key(transaction, true);
        } else if (pending == nullptr && (active->is_old || active->algorithm != options_.algorithm)) {
            co_await add_key(transaction, false);
        } else {
            co_return rows;
        }
    }
}

SigningKeys::Key SigningKeys::unwrapped(const SigningKeyRow& row) const {
    if (const auto known = keys_.find(row.kid); known != keys_.end()) return known->second;
    auto key = crypto::SigningKey::unwrap(*master_, row.algorithm, row.kid, row.private_wrapped);
    // The text names the row and never the key.
    if (!key) throw std::runtime_error(key.error());
    return std::make_shared<const crypto::SigningKey>(std::move(*key));
}

awaitable<std::shared_ptr<const crypto::KeySet>> SigningKeys::load(postgres::Database& database) {
    const std::vector<SigningKeyRow> rows =
        co_await database.write_private([this](postgres::Transaction& transaction) { return bring_up_to_date(transaction); });
    std::map<std::string, Key, std::less<>> keys;
    std::vector<Key> verifying;
    Key active;
    for (const SigningKeyRow& row : rows) {
        const Key key = unwrapped(row);
        keys[row.kid] = key;
        verifying.push_back(key);
        if (row.is_active) active = key;
    }
    const bool is_same = current_ && current_->active() == active && keys_ == keys;
    if (!is_same) current_ = std::make_shared<const crypto::KeySet>(active, verifying);
    keys_ = std::move(keys);
    co_return current_;
}

}  // namespace sentinel::auth
