#include "platform/http/cursor.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "core/encoding.hpp"

namespace sentinel::http {

namespace {

/// Half of an HMAC-SHA-256: no one can try 2^127 cursors, and addresses stay short.
constexpr std::size_t mac_size = 16;
constexpr std::size_t tenant_size = 16;
constexpr std::size_t most_keys = 8;

std::string_view bytes_of(const core::Uuid& uuid) noexcept {
    return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

/// What is signed. The payload begins with the tenant.
std::string signed_bytes(const CursorScope& scope, std::string_view payload) {
    return crypto::Fields().add("cursor").add(scope.route).add(scope.selection).add(payload).bytes();
}

std::string payload_of(const CursorScope& scope, const CursorKeys& keys) {
    std::string payload(bytes_of(scope.tenant.value));
    for (const std::string& key : keys) {
        const auto size = static_cast<std::uint16_t>(key.size());
        payload += static_cast<char>(size >> 8);
        payload += static_cast<char>(size & 0xFF);
        payload += key;
    }
    return payload;
}

std::optional<CursorKeys> keys_in(std::string_view payload) {
    CursorKeys keys;
    while (!payload.empty()) {
        if (payload.size() < 2 || keys.size() == most_keys) return std::nullopt;
        const auto size =
            static_cast<std::size_t>(static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]));
        payload.remove_prefix(2);
        if (payload.size() < size) return std::nullopt;
        keys.emplace_back(payload.substr(0, size));
        payload.remove_prefix(size);
    }
    if (keys.empty()) return std::nullopt;
    return keys;
}

}  // namespace

std::string selection_of(std::string_view query) {
    std::vector<std::string_view> pairs;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::string_view name = pair.substr(0, pair.find('='));
        if (!pair.empty() && name != "page" && name != "limit" && name != "cursor") pairs.push_back(pair);
    }
    std::ranges::sort(pairs);
    std::string selection;
    for (const std::string_view pair : pairs) selection.append(pair).append("&");
    return selection;
}

CursorCodec::CursorCodec(std::vector<std::shared_ptr<const crypto::HmacKey>> keys) : keys_(std::move(keys)) {
    if (keys_.empty()) throw std::logic_error("cursors need a key");
}

std::string CursorCodec::seal(const CursorScope& scope, const CursorKeys& keys) const {
    const bool is_fitting = !keys.empty() && keys.size() <= most_keys &&
                            std::ranges::all_of(keys, [](const std::string& key) { return key.size() <= 0xFFFF; });
    if (!is_fitting) throw std::logic_error("a cursor holds one to eight keys");
    const std::string payload = payload_of(scope, keys);
    const crypto::Digest mac = keys_.front()->mac(signed_bytes(scope, payload));
    return core::to_base64url(std::string(mac.view().substr(0, mac_size)).append(payload));
}

std::optional<OpenedCursor> CursorCodec::open(const CursorScope& scope, std::string_view cursor) const {
    const auto bytes = core::from_base64url(cursor);
    if (!bytes || bytes->size() < mac_size + tenant_size) return std::nullopt;
    const std::string_view mac = std::string_view(*bytes).substr(0, mac_size);
    const std::string_view payload = std::string_view(*bytes).substr(mac_size);
    const std::string text = signed_bytes(scope, payload);
    const bool is_genuine = std::ranges::any_of(keys_, [&](const std::shared_ptr<const crypto::HmacKey>& key) {
        const crypto::Digest due = key->mac(text);
        return crypto::same(due.view().substr(0, mac_size), mac);
    });
    if (!is_genuine) return std::nullopt;
    auto keys = keys_in(payload.substr(tenant_size));
    if (!keys) return std::nullopt;
    OpenedCursor opened{*std::move(keys), std::nullopt};
    core::TenantId tenant;
    std::memcpy(tenant.value.bytes.data(), payload.data(), tenant_size);
    if (tenant != scope.tenant) opened.foreign_tenant = tenant;
    return opened;
}

}  // namespace sentinel::http
