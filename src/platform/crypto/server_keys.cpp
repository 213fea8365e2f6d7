#include "platform/crypto/server_keys.hpp"

#include <utility>

#include <fmt/format.h>

#include "platform/crypto/random.hpp"

namespace sentinel::crypto {

namespace {

constexpr std::array purpose_texts{std::string_view("token"), std::string_view("audit"), std::string_view("cursor"),
                                   std::string_view("rate"), std::string_view("incoming_state")};
static_assert(purpose_texts.size() == all_server_key_purposes.size());

constexpr std::size_t position(ServerKeyPurpose purpose) noexcept { return static_cast<std::size_t>(purpose); }

/// Calls `use` with the place of a row: it holds views that live as long as the call.
template <class Use>
auto at_place(ServerKeyPurpose purpose, std::uint32_t version, Use use) {
    const std::string name = std::to_string(version);
    return use(KeyPlace{"server_keys", text_of(purpose), core::platform_tenant, name});
}

}  // namespace

std::string_view text_of(ServerKeyPurpose purpose) noexcept { return purpose_texts[position(purpose)]; }

std::optional<ServerKeyPurpose> parse_server_key_purpose(std::string_view text) noexcept {
    for (const ServerKeyPurpose purpose : all_server_key_purposes) {
        if (text_of(purpose) == text) return purpose;
    }
    return std::nullopt;
}

WrappedServerKey make_server_key(const MasterKey& master, ServerKeyPurpose purpose, std::uint32_t version) {
    const platform::Secret key = random_secret(32);
    return {purpose, version, at_place(purpose, version, [&](const KeyPlace& place) { return master.wrap(key, place); })};
}

std::expected<WrappedServerKey, OpenFault> rewrap(const WrappedServerKey& row, const MasterKey& from, const MasterKey& to) {
    auto wrapped =
        at_place(row.purpose, row.version, [&](const KeyPlace& place) { return rewrap(row.wrapped, place, from, to); });
    if (!wrapped) return std::unexpected(wrapped.error());
    return WrappedServerKey{row.purpose, row.version, std::move(*wrapped)};
}

std::expected<ServerKeys, std::string> ServerKeys::load(const MasterKey& master, std::span<const WrappedServerKey> rows) {
    ServerKeys keys;
    for (const WrappedServerKey& row : rows) {
        auto secret =
            at_place(row.purpose, row.version, [&](const KeyPlace& place) { return master.unwrap(row.wrapped, place); });
        if (!secret) {
            return std::unexpected(fmt::format("server key {} version {} does not open ({})", text_of(row.purpose), row.version,
                                               secret.error() == OpenFault::unknown_key ? "another master key" : "damaged"));
        }
        HmacKey hmac(*secret);
        keys.keys_[position(row.purpose)].insert_or_assign(row.version, Key{std::move(*secret), std::move(hmac)});
    }
    for (const ServerKeyPurpose purpose : all_server_key_purposes) {
        if (keys.keys_[position(purpose)].empty())
            return std::unexpected(fmt::format("there is no server key {}", text_of(purpose)));
    }
    return keys;
}

std::uint32_t ServerKeys::current_version(ServerKeyPurpose purpose) const noexcept {
    return keys_[position(purpose)].begin()->first;
}

const HmacKey& ServerKeys::current(ServerKeyPurpose purpose) const noexcept {
    return keys_[position(purpose)].begin()->second.hmac;
}

const HmacKey* ServerKeys::find(ServerKeyPurpose purpose, std::uint32_t version) const noexcept {
    const Versions& versions = keys_[position(purpose)];
    const auto found = versions.find(version);
    return found == versions.end() ? nullptr : &found->second.hmac;
}

std::vector<const platform::Secret*> ServerKeys::secrets(ServerKeyPurpose purpose) const {
    std::vector<const platform::Secret*> result;
    for (const auto& [version, key] : keys_[position(purpose)]) result.push_back(&key.secret);
    return result;
}

}  // namespace sentinel::crypto
