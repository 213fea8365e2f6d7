#pragma once
/// A row of `users` as the services work with it: opened, so that personal data is text here and ciphertext in the table.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ip.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "modules/users/schemas.hpp"
#include "platform/crypto/key_ring.hpp"

namespace sentinel::users {

struct Subject {
    core::UserId id;
    core::TenantId tenant;
    std::string email;
    std::optional<std::string> username;
    std::optional<std::string> password_hash;
    bool must_change_password = false;
    bool is_service_account = false;
    core::json::Object attributes;
    core::json::Object preferences;
    std::optional<core::Instant> last_login;
    std::int64_t login_count = 0;
    std::int64_t failed_login_count = 0;
    std::optional<core::Instant> locked_until;
    std::optional<LockKind> lock_kind;
    bool is_active = true;
    bool mfa_enabled = false;
    std::optional<std::string> description;
    std::vector<core::IpNetwork> networks;
    std::optional<core::UserId> owner;
    std::optional<std::string> external_id;
    std::optional<core::UserId> created_by;
    UserStatus status = UserStatus::active;
    std::int64_t version = 1;
    core::Instant created_at;
    core::Instant updated_at;
    // As stored: what did not change is written back as it was, so that an unchanged row stays the same.
    std::string sealed_email;
    std::optional<std::string> sealed_attributes;
};

/// At most 254 code points, one `@` between two parts, nothing blank or invisible; also once folded.
bool is_email(std::string_view text);
/// Spellings of one address give one text.
std::string folded_email(std::string_view email);
std::string lower_ascii(std::string text);
/// What `users.email_index` holds for the address.
crypto::Digest email_index(const crypto::KeyRing& keys, std::string_view email);
std::string seal_email(const crypto::KeyRing& keys, core::UserId id, std::string_view email);
/// Nothing for an empty document.
std::optional<std::string> seal_attributes(const crypto::KeyRing& keys, core::UserId id, const core::json::Object& attributes);
std::string open_email(const crypto::KeyRing& keys, core::UserId id, std::string_view sealed);
core::json::Object open_attributes(const crypto::KeyRing& keys, core::UserId id, std::string_view sealed);

/// What is shown of the row.
User user_of(const Subject& subject);

}  // namespace sentinel::users
