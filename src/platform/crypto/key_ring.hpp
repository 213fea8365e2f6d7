#pragma once
/// The keys of one tenant (table tenant_keys, and the tenant's salt): encrypts its columns, makes its indexes and hashes.

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/vocabulary.hpp"
#include "platform/crypto/cipher.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/server_keys.hpp"

namespace sentinel::crypto {

enum class TenantKeyPurpose : std::uint8_t { data, index };
std::string_view text_of(TenantKeyPurpose purpose) noexcept;
std::optional<TenantKeyPurpose> parse_tenant_key_purpose(std::string_view text) noexcept;

/// A row of tenant_keys. Destroyed rows have no key and are not passed.
struct WrappedTenantKey {
    TenantKeyPurpose purpose = TenantKeyPurpose::data;
    std::uint32_t version = 1;
    std::string wrapped;
    bool retired = false;  ///< opens, seals no more
};

/// What a new tenant needs in its tables.
struct NewTenantKeys {
    std::vector<WrappedTenantKey> keys;  ///< version 1 of each purpose
    std::string salt_encrypted;          ///< tenants.tenant_salt_encrypted
};
NewTenantKeys make_tenant_keys(const MasterKey& master, core::TenantId tenant);
/// A further version of a key.
WrappedTenantKey make_tenant_key(const MasterKey& master, core::TenantId tenant, TenantKeyPurpose purpose, std::uint32_t version);
/// The row under another master key.
std::expected<WrappedTenantKey, OpenFault> rewrap(const WrappedTenantKey& row, core::TenantId tenant, const MasterKey& from,
                                                  const MasterKey& to);

/// Where an encrypted value lies: a value moved to another row or column does not open.
struct FieldPlace {
    std::string_view table;
    std::string_view column;
    core::Uuid row;
};

/// Immutable, thread-safe; share it as std::shared_ptr<const KeyRing>.
class KeyRing {
public:
    /// The error is a sentence that names the row at fault.
    static std::expected<KeyRing, std::string> load(const MasterKey& master, const ServerKeys& server, core::TenantId tenant,
                                                    std::span<const WrappedTenantKey> rows, std::string_view salt_encrypted);

    core::TenantId tenant() const noexcept { return tenant_; }
    /// The version that seal() uses.
    std::uint32_t data_version() const noexcept { return current_data_; }

    /// A value of a column `…_encrypted`.
    std::string seal(const FieldPlace& place, std::string_view plaintext) const;
    std::expected<std::string, OpenFault> open(const FieldPlace& place, std::string_view sealed) const;
    /// A value of a column `…_index`: equal inputs of one `domain` (`users.email`) give equal values, within this tenant alone.
    Digest index(std::string_view domain, std::string_view text) const;
    /// A value of a column `…_hash`. `domain` names what is hashed (`refresh_tokens.token_hash`), so that no hash serves in another place.
    Digest hash(std::string_view domain, std::string_view text) const;
    /// Whether `text` has this hash, under any version of the server's token key. Constant time.
    bool matches(std::string_view domain, std::string_view text, std::string_view stored_hash) const;

private:
    KeyRing(core::TenantId tenant, HmacKey index) : tenant_(tenant), index_(std::move(index)) {}
    core::TenantId tenant_;
    std::map<std::uint32_t, CipherKey> data_;
    std::uint32_t current_data_ = 0;
    HmacKey index_;
    std::vector<HmacKey> hashes_;  ///< newest first
};

}  // namespace sentinel::crypto
