#include "modules/users/repository.hpp"

#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "modules/users/repository_list.hpp"
#include "modules/users/repository_roles.hpp"
#include "modules/users/search.hpp"
#include "modules/users/subject_columns.hpp"
#include "platform/postgres/joined.hpp"

namespace sentinel::users {

namespace json = core::json;
using postgres::Statement;

namespace {

constexpr std::string_view select = "SELECT ";
constexpr std::string_view live_by_id = " FROM sentinel.users WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
constexpr std::string_view any_of = " FROM sentinel.users WHERE tenant_id = $1 AND id = ANY($2::uuid[])";
constexpr Statement find_statement{"users.find",
                                   postgres::joined<select, plain_columns, status_expression, as_status, live_by_id>};
constexpr Statement find_many_statement{"users.find_many",
                                        postgres::joined<select, plain_columns, status_expression, as_status, any_of>};
constexpr Statement find_by_email_statement{
    "users.find_by_email", "SELECT id FROM sentinel.users WHERE tenant_id = $1 AND email_index = $2 AND deleted_at IS NULL"};
constexpr Statement insert_statement{
    "users.insert",
    "INSERT INTO sentinel.users (tenant_id, id, email_encrypted, email_index, username, password_hash, password_changed_at, "
    "must_change_password, is_service_account, attributes_encrypted, preferences, is_active, description, allowed_cidrs, "
    "owner_id, "
    "created_by) VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $6::text IS NOT NULL THEN now() END, $7, $8, $9, $10, $11, $12, "
    "$13::text[]::cidr[], $14, $15)"};
constexpr Statement update_statement{
    "users.update",
    "UPDATE sentinel.users SET email_encrypted = $3, email_index = $4, username = $5, must_change_password = $6, "
    "attributes_encrypted = $7, preferences = $8, is_active = $9, description = $10, allowed_cidrs = $11::text[]::cidr[], "
    "owner_id = $12 WHERE tenant_id = $1 AND id = $2"};
constexpr Statement delete_tokens{"users.delete_search_tokens",
                                  "DELETE FROM sentinel.user_search_tokens WHERE tenant_id = $1 AND user_id = $2"};
constexpr Statement insert_tokens{"users.insert_search_tokens",
                                  "INSERT INTO sentinel.user_search_tokens (tenant_id, token, user_id) "
                                  "SELECT $1, token, $2 FROM unnest($3::bytea[]) AS token"};
constexpr Statement delete_statement{"users.soft_delete",
                                     "UPDATE sentinel.users SET deleted_at = now() WHERE tenant_id = $1 AND id = $2"};
constexpr Statement lock_statement{"users.lock",
                                   "UPDATE sentinel.users SET locked_until = $3, lock_kind = 'admin', lock_reason = $4 "
                                   "WHERE tenant_id = $1 AND id = $2"};
constexpr Statement unlock_statement{
    "users.unlock",
    "UPDATE sentinel.users SET locked_until = NULL, lock_kind = NULL, lock_reason = NULL, failed_login_count = 0 "
    "WHERE tenant_id = $1 AND id = $2 AND (locked_until IS NOT NULL OR lock_kind IS NOT NULL OR failed_login_count <> 0)"};
constexpr Statement switch_off_statement{"users.switch_off_owned",
                                         "UPDATE sentinel.users SET is_active = false WHERE tenant_id = $1 AND owner_id = $2 AND "
                                         "is_active AND is_service_account AND deleted_at IS NULL RETURNING id"};
constexpr Statement set_password_statement{
    "users.set_password",
    "UPDATE sentinel.users SET password_hash = $3, password_changed_at = now(), must_change_password = $4 "
    "WHERE tenant_id = $1 AND id = $2"};
constexpr Statement has_changed_password_statement{
    "users.has_changed_password",
    "SELECT password_changed_at IS DISTINCT FROM created_at FROM sentinel.users WHERE tenant_id = $1 AND id = $2"};
constexpr Statement count_failure{"users.count_failed_login",
                                  "UPDATE sentinel.users SET failed_login_count = failed_login_count + 1 "
                                  "WHERE tenant_id = $1 AND id = $2"};
constexpr Statement history_statement{"users.password_history",
                                      "SELECT password_hash FROM sentinel.password_history WHERE tenant_id = $1 AND user_id = $2 "
                                      "ORDER BY created_at DESC, id DESC LIMIT $3"};
constexpr Statement add_history{
    "users.add_password_history",
    "INSERT INTO sentinel.password_history (tenant_id, id, user_id, password_hash) VALUES ($1, $2, $3, $4)"};
constexpr Statement cut_history{
    "users.cut_password_history",
    "DELETE FROM sentinel.password_history WHERE tenant_id = $1 AND user_id = $2 AND id NOT IN (SELECT id FROM "
    "sentinel.password_history WHERE tenant_id = $1 AND user_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3)"};
constexpr Statement void_tokens{"users.void_tokens",
                                "UPDATE sentinel.password_reset_tokens SET used_at = now() WHERE tenant_id = $1 AND user_id = $2 "
                                "AND used_at IS NULL"};
constexpr Statement end_sessions_statement{"users.end_sessions",
                                           "UPDATE sentinel.sessions SET ended_at = now(), end_reason = $3 WHERE tenant_id = $1 "
                                           "AND user_id = $2 AND ended_at IS NULL"};
constexpr Statement raise_epoch_statement{
    "users.raise_epoch",
    "UPDATE sentinel.users SET token_epoch = token_epoch + 1 WHERE tenant_id = $1 AND id = $2 "
    "RETURNING token_epoch"};
constexpr Statement counts_statement{
    "users.counts", "SELECT users_count, service_accounts_count FROM sentinel_private.tenant_state WHERE tenant_id = $1"};
constexpr Statement add_counts{
    "users.add_counts",
    "UPDATE sentinel_private.tenant_state SET users_count = users_count + $2, service_accounts_count = "
    "service_accounts_count + $3 WHERE tenant_id = $1"};
constexpr Statement insert_key_statement{
    "users.insert_key",
    "INSERT INTO sentinel.service_account_keys (tenant_id, id, user_id, key_prefix, key_hash, expires_at, created_by) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)"};
constexpr Statement live_keys_statement{
    "users.live_keys",
    "SELECT id, key_prefix, user_id, created_at, expires_at, last_used_at FROM sentinel.service_account_keys WHERE tenant_id = "
    "$1 "
    "AND user_id = ANY($2::uuid[]) AND revoked_at IS NULL AND expires_at > now() ORDER BY created_at, id"};
constexpr Statement revoke_key_statement{"users.revoke_key",
                                         "UPDATE sentinel.service_account_keys SET revoked_at = now(), revoked_by = $3 WHERE "
                                         "tenant_id = $1 AND id = $2 AND revoked_at "
                                         "IS NULL"};
constexpr Statement shorten_key_statement{
    "users.shorten_key", "UPDATE sentinel.service_account_keys SET expires_at = $3 WHERE tenant_id = $1 AND id = $2"};

UserStatus status_of(std::string_view text) {
    for (const UserStatus status :
         {UserStatus::deleted, UserStatus::inactive, UserStatus::locked, UserStatus::invited, UserStatus::active}) {
        if (text_of(status) == text) return status;
    }
    throw std::logic_error("a status that the statement does not give");
}

std::optional<LockKind> lock_kind_of(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return *text == "admin" ? LockKind::administrator : LockKind::automatic;
}

std::vector<core::IpNetwork> networks_of(const std::vector<std::string>& texts) {
    std::vector<core::IpNetwork> networks;
    for (const std::string& text : texts) {
        const auto network = core::IpNetwork::parse(text);
        if (!network) throw std::logic_error("users.allowed_cidrs holds what is no network");
        networks.push_back(*network);
    }
    return networks;
}

std::vector<std::string> texts_of(const std::vector<core::IpNetwork>& networks) {
    std::vector<std::string> texts;
    texts.reserve(networks.size());
    for (const core::IpNetwork& network : networks) texts.push_back(network.text());
    return texts;
}

Subject subject_of(const postgres::Row& row, const crypto::KeyRing& keys) {
    Subject subject;
    subject.id = row.get<core::UserId>("id");
    subject.tenant = row.get<core::TenantId>("tenant_id");
    subject.sealed_email = row.get<std::string>("email_encrypted");
    subject.email = open_email(keys, subject.id, subject.sealed_email);
    subject.username = row.get<std::optional<std::string>>("username");
    subject.password_hash = row.get<std::optional<std::string>>("password_hash");
    subject.must_change_password = row.get<bool>("must_change_password");
    subject.is_service_account = row.get<bool>("is_service_account");
    subject.sealed_attributes = row.get<std::optional<std::string>>("attributes_encrypted");
    if (subject.sealed_attributes) subject.attributes = open_attributes(keys, subject.id, *subject.sealed_attributes);
    subject.preferences = row.get<json::Object>("preferences");
    subject.last_login = row.get<std::optional<core::Instant>>("last_login");
    subject.login_count = row.get<std::int32_t>("login_count");
    subject.failed_login_count = row.get<std::int32_t>("failed_login_count");
    subject.locked_until = row.get<std::optional<core::Instant>>("locked_until");
    subject.lock_kind = lock_kind_of(row.get<std::optional<std::string>>("lock_kind"));
    subject.is_active = row.get<bool>("is_active");
    subject.mfa_enabled = row.get<bool>("mfa_enabled");
    subject.description = row.get<std::optional<std::string>>("description");
    subject.networks = networks_of(row.get<std::vector<std::string>>("networks"));
    subject.owner = row.get<std::optional<core::UserId>>("owner_id");
    subject.external_id = row.get<std::optional<std::string>>("external_id");
    subject.created_by = row.get<std::optional<core::UserId>>("created_by");
    subject.status = status_of(row.get<std::string>("status"));
    subject.version = row.get<std::int32_t>("version");
    subject.created_at = row.get<core::Instant>("created_at");
    subject.updated_at = row.get<core::Instant>("updated_at");
    return subject;
}

std::optional<postgres::BytesView> bytes_of(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return postgres::as_bytes(*text);
}

}  // namespace

namespace repository {

std::vector<Subject> subjects_of(const postgres::Result& rows, const crypto::KeyRing& keys, core::TenantId tenant) {
    std::vector<Subject> subjects;
    if (keys.tenant() != tenant) throw std::logic_error("the keys are another tenant's");
    for (const postgres::Row row : rows) subjects.push_back(subject_of(row, keys));
    return subjects;
}

awaitable<std::optional<Subject>> find(postgres::Transaction& transaction, const crypto::KeyRing& keys, core::UserId id) {
    const postgres::Result result = co_await transaction.execute(find_statement, transaction.tenant(), id);
    std::vector<Subject> subjects = subjects_of(result, keys, transaction.tenant());
    if (subjects.empty()) co_return std::nullopt;
    co_return std::move(subjects.front());
}

awaitable<std::optional<core::UserId>> find_by_email(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                                     std::string_view email) {
    const crypto::Digest index = email_index(keys, email);
    const postgres::Result result =
        co_await transaction.execute(find_by_email_statement, transaction.tenant(), postgres::as_bytes(index.view()));
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return row->get<core::UserId>(0);
}

awaitable<std::vector<Subject>> find_many(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                          const std::vector<core::UserId>& ids) {
    const postgres::Result result = co_await transaction.execute(find_many_statement, transaction.tenant(), ids);
    std::unordered_map<core::UserId, Subject> found;
    for (Subject& subject : subjects_of(result, keys, transaction.tenant())) found.emplace(subject.id, std::move(subject));
    std::vector<Subject> ordered;
    for (const core::UserId id : ids) {
        // One that went meanwhile is left out.
        if (const auto entry = found.find(id); entry != found.end()) ordered.push_back(std::move(entry->second));
    }
    co_return ordered;
}

awaitable<void> insert(postgres::Transaction& transaction, const crypto::KeyRing& keys, const Subject& subject) {
    const crypto::Digest index = email_index(keys, subject.email);
    const std::string sealed = seal_email(keys, subject.id, subject.email);
    const auto attributes = seal_attributes(keys, subject.id, subject.attributes);
    co_await transaction.execute(insert_statement, transaction.tenant(), subject.id, postgres::as_bytes(sealed),
                                 postgres::as_bytes(index.view()), subject.username, subject.password_hash,
                                 subject.must_change_password, subject.is_service_account, bytes_of(attributes),
                                 subject.preferences, subject.is_active, subject.description, texts_of(subject.networks),
                                 subject.owner, subject.created_by);
    co_await write_search_tokens(transaction, keys, subject);
}

awaitable<void> update(postgres::Transaction& transaction, const crypto::KeyRing& keys, const Subject& subject) {
    const crypto::Digest index = email_index(keys, subject.email);
    co_await transaction.execute(update_statement, transaction.tenant(), subject.id, postgres::as_bytes(subject.sealed_email),
                                 postgres::as_bytes(index.view()), subject.username, subject.must_change_password,
                                 bytes_of(subject.sealed_attributes), subject.preferences, subject.is_active, subject.description,
                                 texts_of(subject.networks), subject.owner);
}

awaitable<void> write_search_tokens(postgres::Transaction& transaction, const crypto::KeyRing& keys, const Subject& subject) {
    const std::vector<postgres::Bytes> tokens = search_tokens(keys, subject.email, subject.username);
    co_await transaction.execute(delete_tokens, transaction.tenant(), subject.id);
    co_await transaction.execute(insert_tokens, transaction.tenant(), subject.id, tokens);
}

awaitable<void> soft_delete(postgres::Transaction& transaction, core::UserId id) {
    co_await transaction.execute(delete_statement, transaction.tenant(), id);
}

awaitable<void> lock(postgres::Transaction& transaction, core::UserId id, core::Instant until,
                     const std::optional<std::string>& reason) {
    co_await transaction.execute(lock_statement, transaction.tenant(), id, until, reason);
}

awaitable<bool> unlock(postgres::Transaction& transaction, core::UserId id) {
    const postgres::Result result = co_await transaction.execute(unlock_statement, transaction.tenant(), id);
    co_return result.affected_rows() > 0;
}

awaitable<std::vector<core::UserId>> switch_off_owned(postgres::Transaction& transaction, core::UserId owner) {
    const postgres::Result result = co_await transaction.execute(switch_off_statement, transaction.tenant(), owner);
    std::vector<core::UserId> accounts;
    for (const postgres::Row row : result) accounts.push_back(row.get<core::UserId>(0));
    co_return accounts;
}

awaitable<void> set_password(postgres::Transaction& transaction, core::UserId id, std::string_view hash, bool must_change) {
    co_await transaction.execute(set_password_statement, transaction.tenant(), id, hash, must_change);
}

awaitable<bool> has_changed_password(postgres::Transaction& transaction, core::UserId id) {
    const postgres::Result result = co_await transaction.execute(has_changed_password_statement, transaction.tenant(), id);
    const auto row = result.maybe_one();
    co_return row && row->get<bool>(0);
}

awaitable<void> count_failed_login(postgres::Transaction& transaction, core::UserId id) {
    co_await transaction.execute(count_failure, transaction.tenant(), id);
}

awaitable<std::vector<std::string>> password_history(postgres::Transaction& transaction, core::UserId id, std::int64_t count) {
    const postgres::Result result = co_await transaction.execute(history_statement, transaction.tenant(), id, count);
    std::vector<std::string> hashes;
    for (const postgres::Row row : result) hashes.push_back(row.get<std::string>(0));
    co_return hashes;
}

awaitable<void> add_to_password_history(postgres::Transaction& transaction, core::Uuid row, core::UserId id,
                                        std::string_view hash, std::int64_t keep) {
    co_await transaction.execute(add_history, transaction.tenant(), row, id, hash);
    co_await transaction.execute(cut_history, transaction.tenant(), id, keep);
}

awaitable<void> void_open_tokens(postgres::Transaction& transaction, core::UserId id) {
    co_await transaction.execute(void_tokens, transaction.tenant(), id);
}

awaitable<std::int64_t> end_sessions(postgres::Transaction& transaction, core::UserId id, std::string_view reason) {
    const postgres::Result result = co_await transaction.execute(end_sessions_statement, transaction.tenant(), id, reason);
    co_return static_cast<std::int64_t>(result.affected_rows());
}

awaitable<std::int64_t> raise_epoch(postgres::Transaction& transaction, core::UserId id) {
    const postgres::Result result = co_await transaction.execute(raise_epoch_statement, transaction.tenant(), id);
    co_return result.one().get<std::int64_t>(0);
}

awaitable<SubjectCounts> counts(postgres::Transaction& transaction) {
    const postgres::Result result = co_await transaction.execute(counts_statement, transaction.tenant());
    const postgres::Row row = result.one();
    co_return SubjectCounts{row.get<std::int64_t>(0), row.get<std::int64_t>(1)};
}

awaitable<void> add_to_counts(postgres::Transaction& transaction, SubjectCounts difference) {
    co_await transaction.execute(add_counts, transaction.tenant(), difference.users, difference.service_accounts);
}

awaitable<void> insert_key(postgres::Transaction& transaction, const NewKeyRow& key) {
    co_await transaction.execute(insert_key_statement, transaction.tenant(), key.id, key.account, key.key_id,
                                 postgres::as_bytes(key.hash), key.expires_at, key.created_by);
}

awaitable<std::vector<KeyRow>> live_keys(postgres::Transaction& transaction, const std::vector<core::UserId>& accounts) {
    const postgres::Result result = co_await transaction.execute(live_keys_statement, transaction.tenant(), accounts);
    std::vector<KeyRow> keys;
    for (const postgres::Row row : result) {
        keys.push_back({row.get<core::Uuid>("id"), row.get<std::string>("key_prefix"), row.get<core::UserId>("user_id"),
                        row.get<core::Instant>("created_at"), row.get<core::Instant>("expires_at"),
                        row.get<std::optional<core::Instant>>("last_used_at")});
    }
    co_return keys;
}

awaitable<bool> revoke_key(postgres::Transaction& transaction, core::Uuid id, std::optional<core::UserId> by) {
    const postgres::Result result = co_await transaction.execute(revoke_key_statement, transaction.tenant(), id, by);
    co_return result.affected_rows() > 0;
}

awaitable<void> shorten_key(postgres::Transaction& transaction, core::Uuid id, core::Instant expires_at) {
    co_await transaction.execute(shorten_key_statement, transaction.tenant(), id, expires_at);
}

}  // namespace repository

postgres::StatementList statements() noexcept {
    static const std::vector<const Statement*> all = [] {
        std::vector<const Statement*> list{&find_statement,
                                           &find_many_statement,
                                           &find_by_email_statement,
                                           &insert_statement,
                                           &update_statement,
                                           &delete_tokens,
                                           &insert_tokens,
                                           &delete_statement,
                                           &lock_statement,
                                           &unlock_statement,
                                           &switch_off_statement,
                                           &set_password_statement,
                                           &count_failure,
                                           &history_statement,
                                           &add_history,
                                           &cut_history,
                                           &void_tokens,
                                           &end_sessions_statement,
                                           &raise_epoch_statement,
                                           &counts_statement,
                                           &add_counts,
                                           &insert_key_statement,
                                           &live_keys_statement,
                                           &revoke_key_statement,
                                           &shorten_key_statement,
                                           &has_changed_password_statement};
        for (const Statement* statement : role_statements()) list.push_back(statement);
        for (const Statement* statement : list_statements()) list.push_back(statement);
        for (const Statement* statement : search_statements()) list.push_back(statement);
        return list;
    }();
    return all;
}

}  // namespace sentinel::users
