#include "platform/crypto/key_ring.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/crypto/derivation.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::crypto {

namespace {

constexpr std::size_t salt_bytes = 32;

template <class Use>
auto at_place(core::TenantId tenant, TenantKeyPurpose purpose, std::uint32_t version, Use use) {
    const std::string name = std::to_string(version);
    return use(KeyPlace{"tenant_keys", text_of(purpose), tenant, name});
}

std::string_view bytes_of_id(const core::Uuid& id) noexcept {
    return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::string binding_of(core::TenantId tenant, const FieldPlace& place) {
    return Fields().add(place.table).add(place.column).add(bytes_of_id(tenant.value)).add(bytes_of_id(place.row)).bytes();
}

FieldPlace salt_place(core::TenantId tenant) { return {"tenants", "tenant_salt_encrypted", tenant.value}; }

std::string sentence(const WrappedTenantKey& row, core::TenantId tenant, OpenFault fault) {
    return fmt::format("{} key version {} of tenant {} does not open ({})", text_of(row.purpose), row.version, tenant.text(),
                       fault == OpenFault::unknown_key ? "another master key" : "damaged");
}

Digest mac_in_domain(const HmacKey& key, std::string_view domain, std::string_view text) {
    return key.mac(Fields().add(domain).add(text).bytes());
}

}  // namespace

std::string_view text_of(TenantKeyPurpose purpose) noexcept { return purpose == TenantKeyPurpose::data ? "data" : "index"; }

std::optional<TenantKeyPurpose> parse_tenant_key_purpose(std::string_view text) noexcept {
    if (text == "data") return TenantKeyPurpose::data;
    if (text == "index") return TenantKeyPurpose::index;
    return std::nullopt;
}

NewTenantKeys make_tenant_keys(const MasterKey& master, core::TenantId tenant) {
    const platform::Secret data = random_secret(cipher_key_bytes);
    NewTenantKeys made;
    made.keys.push_back({TenantKeyPurpose::data, 1, at_place(tenant, TenantKeyPurpose::data, 1, [&](const KeyPlace& place) {
                             return master.wrap(data, place);
                         })});
    made.keys.push_back(make_tenant_key(master, tenant, TenantKeyPurpose::index, 1));
    made.salt_encrypted = CipherKey(1, data).seal(random_secret(salt_bytes).reveal(), binding_of(tenant, salt_place(tenant)));
    return made;
}

WrappedTenantKey make_tenant_key(const MasterKey& master, core::TenantId tenant, TenantKeyPurpose purpose,
                                 std::uint32_t version) {
    const platform::Secret key = random_secret(cipher_key_bytes);
    return {purpose, version, at_place(tenant, purpose, version, [&](const KeyPlace& place) { return master.wrap(key, place); })};
}

std::expected<WrappedTenantKey, OpenFault> rewrap(const WrappedTenantKey& row, core::TenantId tenant, const MasterKey& from,
                                                  const MasterKey& to) {
    auto wrapped =
        at_place(tenant, row.purpose, row.version, [&](const KeyPlace& place) { return rewrap(row.wrapped, place, from, to); });
    if (!wrapped) return std::unexpected(wrapped.error());
    return WrappedTenantKey{row.purpose, row.version, std::move(*wrapped), row.retired};
}

std::expected<KeyRing, std::string> KeyRing::load(const MasterKey& master, const ServerKeys& server, core::TenantId tenant,
                                                  std::span<const WrappedTenantKey> rows, std::string_view salt_encrypted) {
    std::map<std::uint32_t, CipherKey> data;
    std::uint32_t current_data = 0;
    std::uint32_t current_index = 0;
    std::optional<HmacKey> index;
    for (const WrappedTenantKey& row : rows) {
        auto secret =
            at_place(tenant, row.purpose, row.version, [&](const KeyPlace& place) { return master.unwrap(row.wrapped, place); });
        if (!secret) return std::unexpected(sentence(row, tenant, secret.error()));
        if (row.purpose == TenantKeyPurpose::data) {
            data.insert_or_assign(row.version, CipherKey(row.version, *secret));
            if (!row.retired) current_data = std::max(current_data, row.version);
        } else if (!row.retired && row.version > current_index) {
            index = HmacKey(*secret);
            current_index = row.version;
        }
    }
    if (current_data == 0 || !index) return std::unexpected(fmt::format("tenant {} lacks a data or index key", tenant.text()));

    KeyRing ring(tenant, std::move(*index));
    ring.data_ = std::move(data);
    ring.current_data_ = current_data;
    auto opened = ring.open(salt_place(tenant), salt_encrypted);
    if (!opened)
        return std::unexpected(fmt::format("the salt of tenant {} does not open ({})", tenant.text(), text_of(opened.error())));
    const platform::Secret salt(std::move(*opened));
    for (const platform::Secret* token_key : server.secrets(ServerKeyPurpose::token)) {
        ring.hashes_.emplace_back(derive_key(*token_key, salt.reveal(), "sentinel tenant hash"));
    }
    return ring;
}

std::string KeyRing::seal(const FieldPlace& place, std::string_view plaintext) const {
    return data_.at(current_data_).seal(plaintext, binding_of(tenant_, place));
}

std::expected<std::string, OpenFault> KeyRing::open(const FieldPlace& place, std::string_view sealed) const {
    const auto version = sealed_version(sealed);
    if (!version) return std::unexpected(OpenFault::malformed);
    const auto found = data_.find(*version);
    if (found == data_.end()) return std::unexpected(OpenFault::unknown_key);
    return found->second.open(sealed, binding_of(tenant_, place));
}

Digest KeyRing::index(std::string_view domain, std::string_view text) const { return mac_in_domain(index_, domain, text); }

Digest KeyRing::hash(std::string_view domain, std::string_view text) const {
    return mac_in_domain(hashes_.front(), domain, text);
}

bool KeyRing::matches(std::string_view domain, std::string_view text, std::string_view stored_hash) const {
    bool found = false;
    // All versions are computed, whichever matches.
    for (const HmacKey& key : hashes_) found = same(mac_in_domain(key, domain, text), stored_hash) || found;
    return found;
}

}  // namespace sentinel::crypto
