#pragma once
/// Tokens whose signature was verified already, so that it is not verified at each request. One for each worker. What can change
/// while a token lives (revocation, epoch, subject, tenant, scopes) is never kept here.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/time.hpp"
#include "platform/access/restriction.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/service/scope.hpp"

namespace sentinel::access {

/// A verified token and what follows from its text alone.
struct VerifiedToken {
    crypto::AccessClaims claims;
    std::optional<platform::ScopeSet> cut;  ///< of the claim `scope`: never widens
    std::optional<Restriction> restriction;
    bool is_valid_at(std::int64_t now_seconds, std::int64_t skew_seconds) const noexcept;
};
using VerifiedTokenPointer = std::shared_ptr<const VerifiedToken>;
VerifiedTokenPointer make_verified(crypto::AccessClaims claims);

/// Bounded by bytes; the least recently used go first. Tokens are compared whole.
class TokenCache {
public:
    explicit TokenCache(std::size_t max_bytes);

    /// Null when it is not there, or its time is over or not come (then it is gone).
    VerifiedTokenPointer find(std::string_view token, std::int64_t now_seconds, std::int64_t skew_seconds);
    /// Keeps nothing when the token alone is larger than the cache.
    void put(std::string_view token, VerifiedTokenPointer verified);
    /// A token that was refused: it costs its caller the verification again.
    void forget(std::string_view token);
    /// Signing keys changed: a revoked key's tokens must be verified again.
    void clear() noexcept;

    std::size_t size() const noexcept { return entries_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    struct Entry {
        std::string token;
        VerifiedTokenPointer verified;
        std::size_t bytes = 0;
    };
    using Entries = std::list<Entry>;
    struct Hash {
        std::size_t operator()(std::string_view token) const noexcept;
    };
    void forget(Entries::iterator entry);

    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    Entries entries_;  ///< most recently used first
    std::unordered_map<std::string_view, Entries::iterator, Hash> index_;
};

}  // namespace sentinel::access
