#pragma once
/// The SQL of subjects: their rows, and what hangs on them. Every function works as the transaction's tenant.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "modules/users/subject.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::users {

struct SubjectCounts {
    std::int64_t users = 0;
    std::int64_t service_accounts = 0;
};

/// A key of a service account, without the key.
struct KeyRow {
    core::Uuid id;
    std::string key_id;
    core::UserId account;
    core::Instant created_at;
    core::Instant expires_at;
    std::optional<core::Instant> last_used_at;
};

struct NewKeyRow {
    core::Uuid id;
    core::UserId account;
    std::string key_id;
    std::string_view hash;
    core::Instant expires_at;
    std::optional<core::UserId> created_by;
};

namespace repository {

using boost::asio::awaitable;

/// Not deleted.
awaitable<std::optional<Subject>> find(postgres::Transaction& transaction, const crypto::KeyRing& keys, core::UserId id);
awaitable<std::optional<core::UserId>> find_by_email(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                                     std::string_view email);
/// In the order of `ids`, which must exist; deleted ones too.
awaitable<std::vector<Subject>> find_many(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                          const std::vector<core::UserId>& ids);
/// Rows of a statement that selects `subject_columns`.
std::vector<Subject> subjects_of(const postgres::Result& rows, const crypto::KeyRing& keys, core::TenantId tenant);

awaitable<void> insert(postgres::Transaction& transaction, const crypto::KeyRing& keys, const Subject& subject);
/// Profile, description, networks, owner and flags; the two sealed columns as the subject holds them.
awaitable<void> update(postgres::Transaction& transaction, const crypto::KeyRing& keys, const Subject& subject);
awaitable<void> write_search_tokens(postgres::Transaction& transaction, const crypto::KeyRing& keys, const Subject& subject);
awaitable<void> soft_delete(postgres::Transaction& transaction, core::UserId id);
awaitable<void> lock(postgres::Transaction& transaction, core::UserId id, core::Instant until,
                     const std::optional<std::string>& reason);
/// False when there was neither a lock nor a failed login.
awaitable<bool> unlock(postgres::Transaction& transaction, core::UserId id);
/// Of service accounts whose owner goes: they are switched off until somebody else owns them.
awaitable<std::vector<core::UserId>> switch_off_owned(postgres::Transaction& transaction, core::UserId owner);

awaitable<void> set_password(postgres::Transaction& transaction, core::UserId id, std::string_view hash, bool must_change);
/// Whether it is another than the one that the person was made with.
awaitable<bool> has_changed_password(postgres::Transaction& transaction, core::UserId id);
awaitable<void> count_failed_login(postgres::Transaction& transaction, core::UserId id);
/// Hashes of former passwords, newest first.
awaitable<std::vector<std::string>> password_history(postgres::Transaction& transaction, core::UserId id, std::int64_t count);
awaitable<void> add_to_password_history(postgres::Transaction& transaction, core::Uuid row, core::UserId id,
                                        std::string_view hash, std::int64_t keep);
/// Reset tokens and invitations that are still open.
awaitable<void> void_open_tokens(postgres::Transaction& transaction, core::UserId id);
awaitable<std::int64_t> end_sessions(postgres::Transaction& transaction, core::UserId id, std::string_view reason);
/// The new epoch.
awaitable<std::int64_t> raise_epoch(postgres::Transaction& transaction, core::UserId id);

awaitable<SubjectCounts> counts(postgres::Transaction& transaction);
awaitable<void> add_to_counts(postgres::Transaction& transaction, SubjectCounts difference);

awaitable<void> insert_key(postgres::Transaction& transaction, const NewKeyRow& key);
/// Neither expired nor revoked, of these accounts, oldest first.
awaitable<std::vector<KeyRow>> live_keys(postgres::Transaction& transaction, const std::vector<core::UserId>& accounts);
/// False when there is no such live key.
awaitable<bool> revoke_key(postgres::Transaction& transaction, core::Uuid id, std::optional<core::UserId> by);
awaitable<void> shorten_key(postgres::Transaction& transaction, core::Uuid id, core::Instant expires_at);

}  // namespace repository

/// Every statement of this module.
postgres::StatementList statements() noexcept;

}  // namespace sentinel::users
