#pragma once
/// The columns that a subject is read from, for every statement that reads one.

#include <string_view>

namespace sentinel::users {

// `invited` = a person without password and without identity elsewhere.
inline constexpr std::string_view status_expression =
    "CASE WHEN deleted_at IS NOT NULL THEN 'deleted' WHEN NOT is_active THEN 'inactive' WHEN locked_until > now() THEN 'locked' "
    "WHEN NOT is_service_account AND password_hash IS NULL AND NOT EXISTS (SELECT 1 FROM sentinel.user_identities linked "
    "WHERE linked.tenant_id = users.tenant_id AND linked.user_id = users.id) THEN 'invited' ELSE 'active' END";
inline constexpr std::string_view plain_columns =
    "id, tenant_id, email_encrypted, username, password_hash, must_change_password, is_service_account, attributes_encrypted, "
    "preferences, last_login, login_count, failed_login_count, least(locked_until, timestamptz '9999-12-31 00:00:00Z') AS "
    "locked_until, lock_kind, is_active, mfa_enabled, description, allowed_cidrs::text[] AS networks, owner_id, external_id, "
    "created_by, version, created_at, updated_at, ";
inline constexpr std::string_view as_status = " AS status";

}  // namespace sentinel::users
