#pragma once
/// The settings of the server as the rest of the program sees them (spec 00 sections 5, 8 and 9). What each means, its default and
/// its range stand once, in the table of settings_table.cpp; this struct gives them their types.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ip.hpp"
#include "platform/service/secret.hpp"
#include "platform/telemetry/log_level.hpp"

namespace sentinel::config {

enum class Environment : std::uint8_t { production, development, test };
enum class CacheBackend : std::uint8_t { memory, redis, postgres };
enum class JwtAlgorithm : std::uint8_t { es256, eddsa, rs256, hs256 };

/// Where to listen. Port 0: any that is free.
struct Endpoint {
    core::IpAddress address;
    std::uint16_t port = 0;

    /// `1.2.3.4:80`, `[::1]:80`, `localhost:80` (127.0.0.1) or nullopt.
    static std::optional<Endpoint> parse(std::string_view text) noexcept;
    std::string text() const;
    friend bool operator==(const Endpoint&, const Endpoint&) noexcept = default;
};

struct Settings {
    // General
    std::string app_name;
    Environment environment = Environment::production;
    bool debug = false;
    telemetry::LogLevel log_level = telemetry::LogLevel::info;
    telemetry::LogFormat log_format = telemetry::LogFormat::json;
    std::vector<Endpoint> listen;
    std::string public_url;  ///< without a slash at its end
    std::string data_dir;
    std::string tls_cert_file;
    std::string tls_key_file;
    std::vector<core::IpNetwork> trusted_proxies;
    std::vector<std::string> allowed_origins;
    bool require_if_match = false;

    // Database
    platform::Secret database_url;  ///< empty: private PostgreSQL in data_dir
    platform::Secret database_owner_url;
    std::string database_schema;
    bool db_echo = false;
    std::int64_t db_pool_size = 0;
    std::int64_t db_max_overflow = 0;
    std::chrono::seconds db_pool_timeout{};
    std::chrono::seconds db_pool_recycle{};
    bool auto_migrate = false;

    // Redis and caches
    bool redis_enabled = false;
    platform::Secret redis_url;
    std::int64_t redis_max_connections = 0;
    CacheBackend cache_backend = CacheBackend::memory;
    std::chrono::seconds cache_ttl{};
    std::int64_t cache_max_mb = 0;
    std::int64_t token_cache_max_mb = 0;
    std::chrono::seconds max_staleness{};

    // Keys and tokens
    platform::Secret master_key;  ///< as given: base64 of 32 bytes; empty = made in data_dir, or from the command
    std::string master_key_command;
    std::string admin_email;
    platform::Secret admin_password;
    JwtAlgorithm jwt_algorithm = JwtAlgorithm::es256;
    std::string jwt_issuer;
    std::string jwt_audience;
    std::chrono::days signing_key_rotation{};
    std::chrono::seconds clock_skew{};
    std::chrono::minutes access_token_life{};
    std::chrono::minutes service_token_life{};
    std::chrono::days refresh_token_life{};
    std::chrono::hours session_timeout{};

    // Passwords and accounts
    std::int64_t password_min_length = 0;
    bool password_require_uppercase = true;
    bool password_require_lowercase = true;
    bool password_require_numbers = true;
    bool password_require_special = true;
    std::int64_t argon2_memory_kib = 0;
    std::int64_t argon2_iterations = 0;
    std::int64_t argon2_parallelism = 0;
    std::int64_t max_login_attempts = 0;
    std::chrono::minutes lockout_duration{};
    std::int64_t service_account_key_length = 0;
    std::chrono::days service_account_rotation{};

    // Tenants; 0 = no limit
    std::int64_t max_tenants = 0;
    std::int64_t max_users_per_tenant = 0;
    std::int64_t max_service_accounts_per_tenant = 0;
    bool enable_sub_tenants = true;

    // Rate limits; 0 = no limit
    bool rate_limit_enabled = true;
    std::int64_t rate_limit_per_minute = 0;
    std::int64_t rate_limit_per_hour = 0;
    std::int64_t rate_limit_tenant_per_minute = 0;
    std::int64_t rate_limit_principal_per_minute = 0;
    std::int64_t rate_limit_checks_per_minute = 0;
    std::int64_t rate_limit_sensitive_per_15_minutes = 0;

    // Approvals
    std::chrono::hours approval_timeout{};
    bool auto_approve_enabled = false;
    bool approval_escalation_enabled = true;
    std::int64_t max_approval_levels = 0;

    // Biometrics
    bool biometrics_enabled = false;
    double keystroke_threshold = 0;
    double mouse_pattern_threshold = 0;
    std::chrono::seconds continuous_auth_interval{};
    std::int64_t biometric_baseline_samples = 0;

    // Learning parts
    bool ai_enabled = true;
    std::string ai_model_path;
    double anomaly_detection_threshold = 0;
    double prediction_confidence_threshold = 0;
    std::chrono::seconds feature_store_ttl{};
    std::int64_t feature_compute_batch_size = 0;
    std::chrono::seconds feature_refresh_interval{};
    std::chrono::seconds agent_message_timeout{};
    std::int64_t agent_retry_count = 0;
    std::vector<std::string> agent_priority_levels;
    std::string llm_url;
    platform::Secret llm_api_key;

    // Monitoring
    bool enable_metrics = true;
    std::optional<Endpoint> metrics_endpoint;  ///< METRICS_PORT; absent = no management listener
    bool metrics_tenant_label = false;
    bool health_public_detail = true;
    std::string traces_url;
    double traces_sample_ratio = 0;

    // Compliance and audit
    bool compliance_checks_enabled = true;
    std::vector<std::string> compliance_regulations;
    std::chrono::days audit_retention{};

    // Mail and webhooks
    platform::Secret mail_url;  ///< empty: mail stays in the outbox
    std::string mail_from;
    std::vector<core::IpNetwork> webhook_allow_cidrs;

    // Limits of the server
    std::int64_t max_header_kib = 0;
    std::int64_t max_body_kib = 0;
    std::int64_t max_import_kib = 0;
    std::chrono::seconds header_timeout{};
    std::chrono::seconds request_timeout{};
    std::chrono::seconds idle_timeout{};
    std::int64_t max_connections = 0;
    std::int64_t max_connections_per_address = 0;
    std::int64_t max_queue = 0;
    std::chrono::seconds shutdown{};

    bool is_production() const noexcept { return environment == Environment::production; }
    /// Whether the server keeps its own PostgreSQL in data_dir.
    bool has_private_database() const noexcept { return database_url.empty(); }
};

}  // namespace sentinel::config
