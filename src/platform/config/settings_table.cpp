#include <algorithm>
#include <array>
#include <type_traits>

#include "platform/config/setting.hpp"

namespace sentinel::config {

namespace {

using enum SettingType;
using std::string_view;

template <class T>
inline constexpr bool is_duration = false;
template <class Count, class Period>
inline constexpr bool is_duration<std::chrono::duration<Count, Period>> = true;

/// Puts a value into its member. What does not fit the member's type cannot come out of parse_value: the texts were checked there.
template <auto Member>
void store(Settings& settings, const SettingValue& value) {
    auto& member = settings.*Member;
    using Type = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_enum_v<Type>) {
        member = static_cast<Type>(std::get<std::int64_t>(value));
    } else if constexpr (is_duration<Type>) {
        member = Type(std::get<std::int64_t>(value));
    } else if constexpr (std::is_same_v<Type, platform::Secret>) {
        member = platform::Secret(std::get<std::string>(value));
    } else if constexpr (std::is_same_v<Type, std::vector<Endpoint>>) {
        member.clear();
        for (const auto& text : std::get<std::vector<std::string>>(value)) member.push_back(Endpoint::parse(text).value());
    } else if constexpr (std::is_same_v<Type, std::vector<core::IpNetwork>>) {
        member.clear();
        for (const auto& text : std::get<std::vector<std::string>>(value)) member.push_back(core::IpNetwork::parse(text).value());
    } else if constexpr (std::is_same_v<Type, std::optional<Endpoint>>) {
        member = Endpoint::parse(std::get<std::string>(value));
    } else {
        member = std::get<Type>(value);
    }
}

constexpr string_view environments[] = {"production", "development", "test"};
constexpr string_view log_levels[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
constexpr string_view log_formats[] = {"json", "text"};
constexpr string_view cache_backends[] = {"memory", "redis", "postgres"};
constexpr string_view jwt_algorithms[] = {"ES256", "EdDSA", "RS256", "HS256"};
constexpr string_view regulations[] = {"GDPR", "SOX", "HIPAA", "ISPS", "ISO27001"};
constexpr string_view web[] = {"https", "http"};
constexpr string_view postgres[] = {"postgresql", "postgres"};
constexpr string_view redis[] = {"redis", "rediss"};
constexpr string_view mail[] = {"smtp", "smtps", "console", "file"};

constexpr Setting boolean_row(string_view name, string_view standard, string_view help) {
    return {.name = name, .type = boolean, .standard = standard, .help = help};
}
constexpr Setting integer_row(string_view name, string_view standard, double minimum, double maximum, string_view unit,
                              string_view help) {
    return {
        .name = name, .type = integer, .standard = standard, .help = help, .minimum = minimum, .maximum = maximum, .unit = unit};
}
constexpr Setting ratio_row(string_view name, string_view standard, string_view help) {
    return {.name = name, .type = number, .standard = standard, .help = help, .minimum = 0, .maximum = 1};
}
constexpr Setting choice_row(SettingType type, string_view name, string_view standard, std::span<const string_view> allowed,
                             string_view help) {
    return {.name = name, .type = type, .standard = standard, .help = help, .allowed = allowed};
}
constexpr Setting text_row(SettingType type, string_view name, string_view standard, double maximum, string_view help) {
    return {.name = name, .type = type, .standard = standard, .help = help, .maximum = maximum};
}
constexpr Setting url_row(string_view name, string_view standard, std::span<const string_view> schemes, string_view help) {
    return {.name = name, .type = url, .standard = standard, .help = help, .maximum = 2048, .allowed = schemes};
}

constexpr Setting secret(Setting row) {
    row.secret = true;
    return row;
}
/// Read from the environment with its prefix only.
constexpr Setting own(Setting row) {
    row.prefix_only = true;
    return row;
}
constexpr Setting needed(Setting row) {
    row.minimum = 1;
    return row;
}
constexpr Setting worked_out(string_view how, Setting row) {
    row.worked_out = how;
    return row;
}
constexpr Setting group(string_view heading, Setting row) {
    row.group = heading;
    return row;
}
template <auto Member>
constexpr Setting in(Setting row) {
    row.store = store<Member>;
    return row;
}

using S = Settings;
constexpr double most = 1e12;  ///< of figures that have no bound of their own
constexpr double year_seconds = 31536000;

constexpr Setting table[] = {
    // clang-format off
    group("General", in<&S::app_name>(needed(text_row(text, "APP_NAME", "Sentinel Access Platform", 100, "Name in pages, mail and one-time-code apps")))),
    in<&S::environment>(choice_row(choice, "ENVIRONMENT", "production", environments, "Production refuses what is only fit for trying out")),
    in<&S::debug>(boolean_row("DEBUG", "false", "Help for developers; never changes an answer, refused in production")),
    in<&S::log_level>(choice_row(choice, "LOG_LEVEL", "INFO", log_levels, "Least level that is logged")),
    in<&S::log_format>(choice_row(choice, "LOG_FORMAT", "json", log_formats, "json for machines, text for people")),
    in<&S::listen>(own(worked_out("0.0.0.0:8000; outside production 127.0.0.1:8000", text_row(endpoints, "LISTEN", "", 16, "Addresses of API and console, host:port")))),
    in<&S::public_url>(own(worked_out("from LISTEN", url_row("PUBLIC_URL", "", web, "Base of links, issuer and cookies")))),
    in<&S::data_dir>(own(needed(text_row(path, "DATA_DIR", "./data", 4000, "Folder of the private PostgreSQL, keys, exports and models")))),
    in<&S::tls_cert_file>(own(text_row(path, "TLS_CERT_FILE", "", 4096, "Certificate chain (PEM) for TLS of its own"))),
    in<&S::tls_key_file>(own(text_row(path, "TLS_KEY_FILE", "", 4096, "Private key (PEM) of the certificate"))),
    in<&S::trusted_proxies>(own(text_row(networks, "TRUSTED_PROXIES", "", 256, "Networks whose forwarding headers are believed"))),
    in<&S::allowed_origins>(text_row(origins, "ALLOWED_ORIGINS", "", 256, "Origins that browsers may call from")),
    in<&S::require_if_match>(own(boolean_row("REQUIRE_IF_MATCH", "false", "Changes without If-Match are refused"))),

    group("Database", in<&S::database_url>(secret(url_row("DATABASE_URL", "", postgres, "PostgreSQL 15 as role sentinel_app; empty = private PostgreSQL in DATA_DIR")))),
    in<&S::database_owner_url>(own(secret(url_row("DATABASE_OWNER_URL", "", postgres, "The same database as role sentinel_owner, for migrations")))),
    in<&S::database_schema>(needed(text_row(identifier, "DATABASE_SCHEMA", "sentinel", 63, "Schema of the tables"))),
    in<&S::db_echo>(boolean_row("DB_ECHO", "false", "Log statement texts, never values, at DEBUG")),
    in<&S::db_pool_size>(integer_row("DB_POOL_SIZE", "20", 1, 500, "", "Steady connections of a node")),
    in<&S::db_max_overflow>(integer_row("DB_MAX_OVERFLOW", "20", 0, 500, "", "Extra connections of a node")),
    in<&S::db_pool_timeout>(integer_row("DB_POOL_TIMEOUT", "30", 1, 3600, "seconds", "Longest wait for a connection")),
    in<&S::db_pool_recycle>(integer_row("DB_POOL_RECYCLE", "3600", 1, year_seconds, "seconds", "Age at which a connection is replaced")),
    in<&S::auto_migrate>(own(worked_out("true on the private database, else false", boolean_row("AUTO_MIGRATE", "", "Migrate at start")))),

    group("Redis and caches", in<&S::redis_enabled>(boolean_row("REDIS_ENABLED", "false", "Whether Redis may be used"))),
    in<&S::redis_url>(secret(url_row("REDIS_URL", "redis://localhost:6379", redis, "Where Redis is"))),
    in<&S::redis_max_connections>(integer_row("REDIS_MAX_CONNECTIONS", "50", 1, 1000, "", "Connections to Redis of a node")),
    in<&S::cache_backend>(choice_row(choice, "CACHE_BACKEND", "memory", cache_backends, "Where answers are cached; redis needs REDIS_ENABLED")),
    in<&S::cache_ttl>(integer_row("CACHE_TTL", "300", 1, 300, "seconds", "Longest life of a cached answer")),
    in<&S::cache_max_mb>(own(integer_row("CACHE_MAX_MB", "256", 1, 1048576, "MiB", "Memory of the cache"))),
    in<&S::token_cache_max_mb>(own(integer_row("TOKEN_CACHE_MAX_MB", "64", 1, 1048576, "MiB", "Memory of the cache of verified tokens"))),
    in<&S::max_staleness>(own(integer_row("MAX_STALENESS_SECONDS", "30", 2, 300, "seconds", "How long unconfirmed policy and revocations may be used"))),

    group("Keys and tokens", in<&S::master_key>(own(worked_out("made in DATA_DIR on the private database or outside production", secret(text_row(base64_key, "MASTER_KEY", "", 64, "Base64 of 32 random bytes; wraps all other keys")))))),
    in<&S::master_key_command>(own(text_row(text, "MASTER_KEY_COMMAND", "", 4096, "Command that prints the master key"))),
    in<&S::admin_email>(own(text_row(address, "ADMIN_EMAIL", "", 254, "The first super_admin, made when there is none"))),
    in<&S::admin_password>(own(secret(text_row(text, "ADMIN_PASSWORD", "", 128, "Password of the first super_admin")))),
    in<&S::jwt_algorithm>(choice_row(choice, "JWT_ALGORITHM", "ES256", jwt_algorithms, "Algorithm of new signing keys; HS256 is not in JWKS")),
    in<&S::jwt_issuer>(own(worked_out("PUBLIC_URL", text_row(text, "JWT_ISSUER", "", 2048, "Issuer in every token")))),
    in<&S::jwt_audience>(own(needed(text_row(text, "JWT_AUDIENCE", "sentinel", 255, "Audience in every token")))),
    in<&S::signing_key_rotation>(own(integer_row("SIGNING_KEY_ROTATION_DAYS", "90", 1, 365, "days", "Life of a signing key"))),
    in<&S::clock_skew>(own(integer_row("CLOCK_SKEW_SECONDS", "30", 0, 60, "seconds", "Leeway on the times of a token"))),
    in<&S::access_token_life>(integer_row("ACCESS_TOKEN_EXPIRE_MINUTES", "30", 1, 1440, "minutes", "Life of a person's access token")),
    in<&S::service_token_life>(own(integer_row("SERVICE_TOKEN_EXPIRE_MINUTES", "120", 1, 1440, "minutes", "Life of a service account's access token"))),
    in<&S::refresh_token_life>(integer_row("REFRESH_TOKEN_EXPIRE_DAYS", "7", 1, 90, "days", "Idle life of a session")),
    in<&S::session_timeout>(integer_row("SESSION_TIMEOUT_HOURS", "168", 1, 720, "hours", "Absolute life of a session; a tenant may shorten it")),

    group("Passwords and accounts", in<&S::password_min_length>(integer_row("PASSWORD_MIN_LENGTH", "12", 8, 128, "", "Least length of a password"))),
    in<&S::password_require_uppercase>(boolean_row("PASSWORD_REQUIRE_UPPERCASE", "true", "A password has an upper case letter")),
    in<&S::password_require_lowercase>(boolean_row("PASSWORD_REQUIRE_LOWERCASE", "true", "A password has a lower case letter")),
    in<&S::password_require_numbers>(boolean_row("PASSWORD_REQUIRE_NUMBERS", "true", "A password has a digit")),
    in<&S::password_require_special>(boolean_row("PASSWORD_REQUIRE_SPECIAL", "true", "A password has another character")),
    in<&S::argon2_memory_kib>(own(integer_row("ARGON2_MEMORY_KIB", "19456", 8, 4194304, "KiB", "Memory of one password hash"))),
    in<&S::argon2_iterations>(own(integer_row("ARGON2_ITERATIONS", "2", 1, 100, "", "Passes of a password hash"))),
    in<&S::argon2_parallelism>(own(integer_row("ARGON2_PARALLELISM", "1", 1, 64, "", "Lanes of a password hash"))),
    in<&S::max_login_attempts>(integer_row("MAX_LOGIN_ATTEMPTS", "5", 1, 100, "", "Failures until an identity is locked")),
    in<&S::lockout_duration>(integer_row("LOCKOUT_DURATION_MINUTES", "30", 1, 1440, "minutes", "How long it is locked")),
    in<&S::service_account_key_length>(integer_row("SERVICE_ACCOUNT_KEY_LENGTH", "64", 40, 128, "", "Characters of an API key")),
    in<&S::service_account_rotation>(integer_row("SERVICE_ACCOUNT_ROTATION_DAYS", "90", 1, 365, "days", "Life of an API key")),

    group("Tenants", in<&S::max_tenants>(integer_row("MAX_TENANTS", "1000", 0, most, "", "Tenants; 0 = no limit"))),
    in<&S::max_users_per_tenant>(integer_row("MAX_USERS_PER_TENANT", "10000", 0, most, "", "Users of a tenant; 0 = no limit")),
    in<&S::max_service_accounts_per_tenant>(integer_row("MAX_SERVICE_ACCOUNTS_PER_TENANT", "100", 0, most, "", "Service accounts of a tenant; 0 = no limit")),
    in<&S::enable_sub_tenants>(boolean_row("ENABLE_SUB_TENANTS", "true", "Whether tenants may have tenants below them")),

    group("Rate limits", in<&S::rate_limit_enabled>(boolean_row("RATE_LIMIT_ENABLED", "true", "Off: only logins are throttled"))),
    in<&S::rate_limit_per_minute>(integer_row("RATE_LIMIT_PER_MINUTE", "60", 0, most, "", "Requests of an address without a token; 0 = no limit")),
    in<&S::rate_limit_per_hour>(integer_row("RATE_LIMIT_PER_HOUR", "1000", 0, most, "", "The same in an hour; 0 = no limit")),
    in<&S::rate_limit_tenant_per_minute>(integer_row("RATE_LIMIT_TENANT_PER_MINUTE", "1000", 0, most, "", "Requests of a tenant, decisions apart; 0 = no limit")),
    in<&S::rate_limit_principal_per_minute>(integer_row("RATE_LIMIT_PRINCIPAL_PER_MINUTE", "600", 0, most, "", "Requests of a user or service account, decisions apart; 0 = no limit")),
    in<&S::rate_limit_checks_per_minute>(integer_row("RATE_LIMIT_CHECKS_PER_MINUTE", "600000", 0, most, "", "Decisions of a tenant; 0 = no limit")),
    in<&S::rate_limit_sensitive_per_15_minutes>(integer_row("RATE_LIMIT_SENSITIVE_PER_15_MINUTES", "5", 0, most, "", "One-time, recovery and reset codes of a principal; 0 = no limit")),

    group("Approvals", in<&S::approval_timeout>(integer_row("APPROVAL_TIMEOUT_HOURS", "48", 1, 8760, "hours", "Of a level that names none"))),
    in<&S::auto_approve_enabled>(boolean_row("AUTO_APPROVE_ENABLED", "false", "Whether chains may approve by rule")),
    in<&S::approval_escalation_enabled>(boolean_row("APPROVAL_ESCALATION_ENABLED", "true", "Whether overdue levels escalate")),
    in<&S::max_approval_levels>(integer_row("MAX_APPROVAL_LEVELS", "5", 1, 20, "", "Levels of a chain")),

    group("Biometrics", in<&S::biometrics_enabled>(boolean_row("BIOMETRICS_ENABLED", "false", "Behavioural biometrics"))),
    in<&S::keystroke_threshold>(ratio_row("KEYSTROKE_THRESHOLD", "0.7", "Deviation of typing that alerts")),
    in<&S::mouse_pattern_threshold>(ratio_row("MOUSE_PATTERN_THRESHOLD", "0.6", "Deviation of the mouse that alerts")),
    in<&S::continuous_auth_interval>(integer_row("CONTINUOUS_AUTH_INTERVAL", "300", 1, 86400, "seconds", "Between two checks of a session")),
    in<&S::biometric_baseline_samples>(integer_row("BIOMETRIC_BASELINE_SAMPLES", "10", 1, 10000, "", "Samples before scores count")),

    group("Learning parts", in<&S::ai_enabled>(boolean_row("AI_ENABLED", "true", "Anomalies, predictions, words"))),
    in<&S::ai_model_path>(worked_out("DATA_DIR/models", text_row(path, "AI_MODEL_PATH", "", 4096, "Folder of the models"))),
    in<&S::anomaly_detection_threshold>(ratio_row("ANOMALY_DETECTION_THRESHOLD", "0.7", "Score that counts as an anomaly")),
    in<&S::prediction_confidence_threshold>(ratio_row("PREDICTION_CONFIDENCE_THRESHOLD", "0.8", "Confidence below which nothing is predicted")),
    in<&S::feature_store_ttl>(integer_row("FEATURE_STORE_TTL", "3600", 1, year_seconds, "seconds", "Life of computed features")),
    in<&S::feature_compute_batch_size>(integer_row("FEATURE_COMPUTE_BATCH_SIZE", "100", 1, 100000, "", "Subjects computed at once")),
    in<&S::feature_refresh_interval>(integer_row("FEATURE_REFRESH_INTERVAL", "900", 1, year_seconds, "seconds", "Between two computations")),
    in<&S::agent_message_timeout>(integer_row("AGENT_MESSAGE_TIMEOUT", "30", 1, 3600, "seconds", "Longest wait for an agent")),
    in<&S::agent_retry_count>(integer_row("AGENT_RETRY_COUNT", "3", 0, 100, "", "Further tries of a message")),
    in<&S::agent_priority_levels>(needed(text_row(words, "AGENT_PRIORITY_LEVELS", "low,normal,high,critical", 16, "Priorities of messages, ascending"))),
    in<&S::llm_url>(own(url_row("LLM_URL", "", web, "Optional language model"))),
    in<&S::llm_api_key>(own(secret(text_row(text, "LLM_API_KEY", "", 4096, "Its key")))),

    group("Monitoring", in<&S::enable_metrics>(boolean_row("ENABLE_METRICS", "true", "Off: /metrics answers 404"))),
    in<&S::metrics_endpoint>(text_row(port_or_endpoint, "METRICS_PORT", "9090", 64, "Management listener: a port of loopback, or host:port; 0 = off")),
    in<&S::metrics_tenant_label>(own(boolean_row("METRICS_TENANT_LABEL", "false", "A tenant label for the first 100 tenants"))),
    in<&S::health_public_detail>(own(boolean_row("HEALTH_PUBLIC_DETAIL", "true", "Off: /health tells status and timestamp alone"))),
    in<&S::traces_url>(own(url_row("TRACES_URL", "", web, "Collector of traces, OTLP over HTTP"))),
    in<&S::traces_sample_ratio>(own(ratio_row("TRACES_SAMPLE_RATIO", "0.1", "Share of requests that are traced"))),

    group("Compliance and audit", in<&S::compliance_checks_enabled>(boolean_row("COMPLIANCE_CHECKS_ENABLED", "true", "Whether compliance is checked"))),
    in<&S::compliance_regulations>(choice_row(choices, "COMPLIANCE_REGULATIONS", "GDPR,SOX,HIPAA,ISPS", regulations, "Regulations that are checked")),
    in<&S::audit_retention>(own(integer_row("AUDIT_RETENTION_DAYS", "2555", 30, 3650, "days", "How long audit records are kept; tenants may only lengthen it"))),

    group("Mail and webhooks", in<&S::mail_url>(own(secret(url_row("MAIL_URL", "", mail, "smtp://…; empty = mail stays in the outbox; outside production also console: and file:///folder"))))),
    in<&S::mail_from>(own(text_row(address, "MAIL_FROM", "", 320, "Sender of mail"))),
    in<&S::webhook_allow_cidrs>(own(text_row(networks, "WEBHOOK_ALLOW_CIDRS", "", 256, "Private networks that webhooks may call"))),

    group("Limits of the server", in<&S::max_header_kib>(own(integer_row("MAX_HEADER_KIB", "16", 1, 256, "KiB", "Headers of a request")))),
    in<&S::max_body_kib>(own(integer_row("MAX_BODY_KIB", "1024", 1, 1048576, "KiB", "Body of a request"))),
    in<&S::max_import_kib>(own(integer_row("MAX_IMPORT_KIB", "10240", 1, 1048576, "KiB", "Body of an import"))),
    in<&S::header_timeout>(own(integer_row("HEADER_TIMEOUT_SECONDS", "10", 1, 3600, "seconds", "Time for the headers to arrive"))),
    in<&S::request_timeout>(own(integer_row("REQUEST_TIMEOUT_SECONDS", "30", 1, 3600, "seconds", "Time for a whole request"))),
    in<&S::idle_timeout>(own(integer_row("IDLE_TIMEOUT_SECONDS", "60", 1, 3600, "seconds", "Time between two requests of a connection"))),
    in<&S::max_connections>(own(integer_row("MAX_CONNECTIONS", "10000", 1, 1000000, "", "Connections of a node"))),
    in<&S::max_connections_per_address>(own(integer_row("MAX_CONNECTIONS_PER_ADDRESS", "256", 1, 1000000, "", "Connections of one address"))),
    in<&S::max_queue>(own(integer_row("MAX_QUEUE", "1000", 1, 1000000, "", "Requests that may wait"))),
    in<&S::shutdown>(own(integer_row("SHUTDOWN_SECONDS", "10", 0, 3600, "seconds", "Time for running requests to finish at the end"))),
    // clang-format on
};

struct Renamed {
    string_view name;
    string_view successor;
};
constexpr Renamed renamed[] = {
    {"VERSION", "it is that of the build"},
    {"API_V1_PREFIX", "it is fixed: /api/v1"},
    {"API_V2_PREFIX", "it is fixed: /api/v2"},
    {"PYTHON_VERSION", "there is no Python in the server"},
    {"CELERY_BROKER_URL", "jobs are kept in the database"},
    {"CELERY_RESULT_BACKEND", "jobs are kept in the database"},
    {"SECRET_KEY", "use MASTER_KEY"},
    {"JWT_SECRET_KEY", "use MASTER_KEY"},
    {"BCRYPT_ROUNDS", "use ARGON2_MEMORY_KIB, ARGON2_ITERATIONS and ARGON2_PARALLELISM"},
    {"DATABASE_POOL_SIZE", "use DB_POOL_SIZE"},
    {"DATABASE_MAX_OVERFLOW", "use DB_MAX_OVERFLOW"},
    {"MOUSE_MOVEMENT_THRESHOLD", "use MOUSE_PATTERN_THRESHOLD"},
    {"RATE_LIMIT_REQUESTS_PER_MINUTE", "use RATE_LIMIT_PER_MINUTE"},
};

}  // namespace

std::span<const Setting> all_settings() noexcept { return table; }

const Setting* find_setting(string_view name) noexcept {
    const auto* found = std::ranges::find(table, name, &Setting::name);
    return found == std::ranges::end(table) ? nullptr : found;
}

string_view successor_of(string_view name) noexcept {
    if (name.starts_with("CORS_")) return "use ALLOWED_ORIGINS";
    const auto* found = std::ranges::find(renamed, name, &Renamed::name);
    return found == std::ranges::end(renamed) ? string_view() : found->successor;
}

}  // namespace sentinel::config
