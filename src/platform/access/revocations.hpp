#pragma once
/// What ended before its time without changing policy (spec 02 rule 2, spec 15 `revocations`): sessions, tokens, keys, epochs, and
/// the networks of service accounts. Immutable sets that share structure; the newest is published to every worker.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ip.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "engine/persistent.hpp"

namespace sentinel::access {

enum class RevocationKind : std::uint8_t { session, jti, user_epoch, key, account };
/// As the table names it.
std::string_view text_of(RevocationKind kind) noexcept;
std::optional<RevocationKind> parse_revocation_kind(std::string_view text) noexcept;

struct Revocation {
    core::TenantId tenant;
    RevocationKind kind = RevocationKind::session;
    std::string reference;                  ///< id of the session, token, user, key or account
    std::int64_t sequence = 0;              ///< column `seq`: of two rows about an account's networks the higher one counts
    std::int64_t epoch = 0;                 ///< user_epoch: the new epoch
    std::vector<core::IpNetwork> networks;  ///< account
    core::Instant expires_at;               ///< when the last token concerned has ended, skew included

    /// Of the table's columns. A value that cannot be read makes an epoch that no token has, and a network that nobody is in.
    static Revocation read(core::TenantId tenant, RevocationKind kind, std::string reference, std::int64_t sequence,
                           const std::optional<core::json::Value>& value, core::Instant expires_at);
};

/// Thread-safe to read; copies are O(1).
class RevocationSet {
public:
    /// Adds, or replaces an older one about the same. A row never shortens what is known.
    void add(Revocation revocation);
    /// Would adding it change nothing?
    bool knows(const Revocation& revocation) const;
    /// Without the rows that ended at or before `now`, which is the database's time.
    RevocationSet without_expired(core::Instant now) const;

    bool ended_session(core::TenantId tenant, core::SessionId session) const noexcept;
    bool ended_token(core::TenantId tenant, core::TokenId token) const noexcept;
    bool ended_key(core::TenantId tenant, std::string_view key_id) const;
    /// The epoch that tokens of this user must have reached, or nullopt.
    std::optional<std::int64_t> epoch_of(core::TenantId tenant, core::UserId user) const noexcept;
    /// The networks of a service account since they were changed, or null.
    const std::vector<core::IpNetwork>* networks_of(core::TenantId tenant, core::UserId account) const noexcept;

    std::size_t size() const noexcept { return rows_.size(); }
    template <class Visit>
    void for_each(const Visit& visit) const {
        rows_.for_each([&](const Pointer& row) { visit(row->revocation); });
    }

private:
    struct Row {
        Revocation revocation;
        std::string key;  ///< the reference as it is looked up
        bool is(core::TenantId tenant, RevocationKind kind, std::string_view other) const noexcept {
            return revocation.kind == kind && revocation.tenant == tenant && key == other;
        }
    };
    using Pointer = std::shared_ptr<const Row>;
    const Revocation* find(core::TenantId tenant, RevocationKind kind, std::string_view key) const noexcept;

    engine::HashTrie<Pointer> rows_;
};

}  // namespace sentinel::access
