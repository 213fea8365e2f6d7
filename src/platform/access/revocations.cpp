#include "platform/access/revocations.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

namespace sentinel::access {

namespace {

constexpr std::array<std::string_view, 5> kind_texts = {"session", "jti", "user_epoch", "key", "account"};

std::string_view bytes_of(const core::Uuid& id) noexcept {
    return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

/// An id as its 16 bytes, so that it is found without writing its text and whatever its letters' case; other texts as they are.
std::string key_of(std::string_view reference) {
    if (const auto id = core::Uuid::parse(reference)) return std::string(bytes_of(*id));
    return std::string(reference);
}

std::uint64_t hash_of(core::TenantId tenant, RevocationKind kind, std::string_view key) noexcept {
    return engine::hash_bytes(key, engine::hash_bytes(bytes_of(tenant.value), static_cast<std::uint64_t>(kind) + 1));
}

/// 255.255.255.255/32: nobody calls from there.
core::IpNetwork nowhere() { return {core::IpAddress{{255, 255, 255, 255}, false}, 32}; }

std::vector<core::IpNetwork> networks_of_value(const std::optional<core::json::Value>& value) {
    if (!value) return {nowhere()};
    const core::json::Value* list = value->object() == nullptr ? &*value : value->object()->find("allowed_cidrs");
    if (list == nullptr || list->array() == nullptr) return {nowhere()};
    std::vector<core::IpNetwork> networks;
    for (const core::json::Value& item : *list->array()) {
        const auto network = item.text() == nullptr ? std::nullopt : core::IpNetwork::parse(*item.text());
        if (!network) return {nowhere()};
        networks.push_back(*network);
    }
    return networks;
}

std::int64_t epoch_of_value(const std::optional<core::json::Value>& value) {
    const core::json::Value* member = value && value->object() != nullptr ? value->object()->find("epoch") : nullptr;
    const double* number = member != nullptr ? member->number() : (value ? value->number() : nullptr);
    if (number == nullptr || !(*number >= 0 && *number < 9e15)) return std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(*number);
}

}  // namespace

std::string_view text_of(RevocationKind kind) noexcept { return kind_texts[static_cast<std::size_t>(kind)]; }

std::optional<RevocationKind> parse_revocation_kind(std::string_view text) noexcept {
    const auto found = std::ranges::find(kind_texts, text);
    if (found == kind_texts.end()) return std::nullopt;
    return static_cast<RevocationKind>(found - kind_texts.begin());
}

Revocation Revocation::read(core::TenantId tenant, RevocationKind kind, std::string reference, std::int64_t sequence,
                            const std::optional<core::json::Value>& value, core::Instant expires_at) {
    Revocation row{
        .tenant = tenant, .kind = kind, .reference = std::move(reference), .sequence = sequence, .expires_at = expires_at};
    if (kind == RevocationKind::user_epoch) row.epoch = epoch_of_value(value);
    if (kind == RevocationKind::account) row.networks = networks_of_value(value);
    return row;
}

void RevocationSet::add(Revocation revocation) {
    std::string key = key_of(revocation.reference);
    if (const Revocation* known = find(revocation.tenant, revocation.kind, key); known != nullptr) {
        revocation.expires_at = std::max(revocation.expires_at, known->expires_at);
        revocation.epoch = std::max(revocation.epoch, known->epoch);
        if (known->sequence > revocation.sequence) {
            revocation.networks = known->networks;
            revocation.sequence = known->sequence;
        }
    }
    const std::uint64_t hash = hash_of(revocation.tenant, revocation.kind, key);
    auto row = std::make_shared<const Row>(Row{std::move(revocation), std::move(key)});
    const Row& about = *row;
    const auto match = [&](const Pointer& other) { return other->is(about.revocation.tenant, about.revocation.kind, about.key); };
    rows_.insert(std::move(row), hash, match,
                 [](const Pointer& other) { return hash_of(other->revocation.tenant, other->revocation.kind, other->key); });
}

bool RevocationSet::knows(const Revocation& revocation) const {
    const Revocation* known = find(revocation.tenant, revocation.kind, key_of(revocation.reference));
    return known != nullptr && known->sequence >= revocation.sequence && known->epoch >= revocation.epoch &&
           known->expires_at >= revocation.expires_at;
}

RevocationSet RevocationSet::without_expired(core::Instant now) const {
    std::vector<Pointer> expired;
    rows_.for_each([&](const Pointer& row) {
        if (row->revocation.expires_at <= now) expired.push_back(row);
    });
    RevocationSet rest = *this;
    for (const Pointer& gone : expired) {
        const std::uint64_t hash = hash_of(gone->revocation.tenant, gone->revocation.kind, gone->key);
        rest.rows_.erase(hash, [&](const Pointer& row) { return row == gone; });
    }
    return rest;
}

const Revocation* RevocationSet::find(core::TenantId tenant, RevocationKind kind, std::string_view key) const noexcept {
    if (rows_.size() == 0) return nullptr;
    const Pointer* found = rows_.find(hash_of(tenant, kind, key), [&](const Pointer& row) { return row->is(tenant, kind, key); });
    return found == nullptr ? nullptr : &(*found)->revocation;
}

bool RevocationSet::ended_session(core::TenantId tenant, core::SessionId session) const noexcept {
    return find(tenant, RevocationKind::session, bytes_of(session.value)) != nullptr;
}

bool RevocationSet::ended_token(core::TenantId tenant, core::TokenId token) const noexcept {
    return find(tenant, RevocationKind::jti, bytes_of(token.value)) != nullptr;
}

bool RevocationSet::ended_key(core::TenantId tenant, std::string_view key_id) const {
    return find(tenant, RevocationKind::key, key_of(key_id)) != nullptr;
}

std::optional<std::int64_t> RevocationSet::epoch_of(core::TenantId tenant, core::UserId user) const noexcept {
    const Revocation* row = find(tenant, RevocationKind::user_epoch, bytes_of(user.value));
    if (row == nullptr) return std::nullopt;
    return row->epoch;
}

const std::vector<core::IpNetwork>* RevocationSet::networks_of(core::TenantId tenant, core::UserId account) const noexcept {
    const Revocation* row = find(tenant, RevocationKind::account, bytes_of(account.value));
    return row == nullptr ? nullptr : &row->networks;
}

}  // namespace sentinel::access
