#pragma once
/// The known members of a tenant's settings and security settings, and what is in force of them (spec 01).

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "platform/http/reader.hpp"

namespace sentinel::tenants {

/// The closed list of features, sorted.
const std::vector<std::string>& feature_names();

/// Who may write a member of `settings`.
enum class SettingWriter { own, ancestor, platform, nobody, terminology };

/// Types and ranges of known members; others are free. Faults at `/settings/…`.
void check_settings(const core::json::Object& settings, http::Reader& reader);
/// Closed: unknown members are faults. At `/security_settings/…`.
void check_security_settings(const core::json::Object& settings, http::Reader& reader);

/// Who may write the known member; `own` for all that are not known.
SettingWriter writer_of(std::string_view setting);

/// What the server's configuration says where tenants say nothing.
struct ServerDefaults {
    std::int64_t max_users = 10'000;
    std::int64_t max_service_accounts = 100;
    std::int64_t password_min_length = 12;
    std::int64_t max_login_attempts = 5;
    std::int64_t lockout_duration_minutes = 30;
    std::int64_t session_timeout_hours = 168;
};

/// The tenant's settings with the defaults of known members filled in.
core::json::Object effective_settings(const core::json::Object& own, const ServerDefaults& defaults);
/// The strictest of the server and of every document of the chain, root first.
core::json::Object effective_security_settings(std::span<const core::json::Object> chain, const ServerDefaults& defaults);

}  // namespace sentinel::tenants
