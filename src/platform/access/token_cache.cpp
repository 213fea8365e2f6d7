#include "platform/access/token_cache.hpp"

#include <algorithm>
#include <utility>

#include "engine/persistent.hpp"

namespace sentinel::access {

namespace {

/// Of one entry beside its texts: list node, index node, their allocations.
constexpr std::size_t overhead = 256;

std::size_t bytes_of(const crypto::AccessClaims& claims) {
    std::size_t bytes = claims.tenant_code.capacity() + claims.key_id.capacity();
    for (const std::string& text : claims.amr) bytes += sizeof(std::string) + text.capacity();
    if (claims.roles) {
        for (const std::string& text : *claims.roles) bytes += sizeof(std::string) + text.capacity();
    }
    if (claims.scope) bytes += claims.scope->capacity();
    return bytes;
}

platform::ScopeSet scopes_of_claim(std::string_view claim) {
    platform::ScopeSet scopes;
    while (!claim.empty()) {
        const std::size_t blank = std::min(claim.find(' '), claim.size());
        if (const auto scope = platform::parse_scope(claim.substr(0, blank))) scopes.add(*scope);
        claim.remove_prefix(std::min(blank + 1, claim.size()));
    }
    return scopes;
}

}  // namespace

bool VerifiedToken::is_valid_at(std::int64_t now_seconds, std::int64_t skew_seconds) const noexcept {
    return now_seconds < claims.expires_at + skew_seconds && claims.not_before <= now_seconds + skew_seconds;
}

VerifiedTokenPointer make_verified(crypto::AccessClaims claims) {
    VerifiedToken verified;
    verified.claims = std::move(claims);
    if (verified.claims.scope) {
        verified.cut = scopes_of_claim(*verified.claims.scope);
        verified.restriction = parse_restriction(*verified.claims.scope);
    }
    return std::make_shared<const VerifiedToken>(std::move(verified));
}

TokenCache::TokenCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

std::size_t TokenCache::Hash::operator()(std::string_view token) const noexcept { return engine::hash_bytes(token); }

VerifiedTokenPointer TokenCache::find(std::string_view token, std::int64_t now_seconds, std::int64_t skew_seconds) {
    const auto found = index_.find(token);
    if (found == index_.end()) return nullptr;
    const Entries::iterator entry = found->second;
    if (!entry->verified->is_valid_at(now_seconds, skew_seconds)) {
        forget(entry);
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->verified;
}

void TokenCache::put(std::string_view token, VerifiedTokenPointer verified) {
    forget(token);
    Entry entry{std::string(token), std::move(verified), 0};
    entry.bytes = sizeof(Entry) + sizeof(VerifiedToken) + overhead + entry.token.capacity() + bytes_of(entry.verified->claims);
    if (entry.bytes > max_bytes_) return;
    while (bytes_ + entry.bytes > max_bytes_) forget(std::prev(entries_.end()));
    bytes_ += entry.bytes;
    entries_.push_front(std::move(entry));
    index_.emplace(entries_.front().token, entries_.begin());
}

void TokenCache::forget(std::string_view token) {
    const auto found = index_.find(token);
    if (found != index_.end()) forget(found->second);
}

void TokenCache::forget(Entries::iterator entry) {
    bytes_ -= entry->bytes;
    index_.erase(entry->token);
    entries_.erase(entry);
}

void TokenCache::clear() noexcept {
    index_.clear();
    entries_.clear();
    bytes_ = 0;
}

}  // namespace sentinel::access
