#include "app/serve/options.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/serve/startup.hpp"

namespace sentinel::app {

namespace {

crypto::PasswordRules password_rules(const config::Settings& settings) {
    return {.min_length = static_cast<std::size_t>(settings.password_min_length),
            .require_uppercase = settings.password_require_uppercase,
            .require_lowercase = settings.password_require_lowercase,
            .require_numbers = settings.password_require_numbers,
            .require_special = settings.password_require_special};
}

crypto::SignatureAlgorithm algorithm_of(config::JwtAlgorithm algorithm) {
    switch (algorithm) {
        case config::JwtAlgorithm::es256: return crypto::SignatureAlgorithm::es256;
        case config::JwtAlgorithm::eddsa: return crypto::SignatureAlgorithm::eddsa;
        case config::JwtAlgorithm::rs256: return crypto::SignatureAlgorithm::rs256;
        case config::JwtAlgorithm::hs256: return crypto::SignatureAlgorithm::hs256;
    }
    return crypto::SignatureAlgorithm::es256;
}

tenants::ServerDefaults server_defaults(const config::Settings& settings) {
    return {.max_users = settings.max_users_per_tenant,
            .max_service_accounts = settings.max_service_accounts_per_tenant,
            .password_min_length = settings.password_min_length,
            .max_login_attempts = settings.max_login_attempts,
            .lockout_duration_minutes = settings.lockout_duration.count(),
            .session_timeout_hours = settings.session_timeout.count()};
}

std::chrono::seconds longest_token_life(const config::Settings& settings) {
    return std::max(settings.access_token_life, settings.service_token_life) + settings.clock_skew;
}

}  // namespace

postgres::DatabaseOptions database_options(const Node& node, std::size_t connections, std::size_t overflow) {
    postgres::DatabaseOptions options;
    options.connection_info = node.database_url;
    options.size = connections;
    options.overflow = overflow;
    options.wait_timeout = node.settings.db_pool_timeout;
    options.recycle_after = node.settings.db_pool_recycle;
    if (node.settings.db_echo) {
        options.echo = [&log = node.log](const postgres::Statement& statement) {
            log.debug("postgres", "statement", {{"name", statement.name}, {"text", statement.text}});
        };
    }
    return options;
}

access::FeedOptions feed_options(const Node& node) {
    access::FeedOptions options;
    options.report = [&log = node.log](std::string_view what) { log.warning("access", what); };
    return options;
}

access::GuardOptions guard_options(const Node& node) {
    access::GuardOptions options;
    options.token_rules = node.token_rules;
    options.token_cache_bytes = (static_cast<std::size_t>(node.settings.token_cache_max_mb) << 20U) / 2;
    return options;
}

http::TlsContextPointer tls_of(const config::Settings& settings) {
    if (settings.tls_cert_file.empty()) return nullptr;
    try {
        return http::load_tls(settings.tls_cert_file, settings.tls_key_file);
    } catch (const std::runtime_error& failure) {
        throw StartError(fmt::format("TLS_CERT_FILE, TLS_KEY_FILE: {}", failure.what()));
    }
}

http::ServerOptions server_options(const Node& node) {
    const config::Settings& settings = node.settings;
    http::ServerOptions options;
    for (const config::Endpoint& endpoint : settings.listen)
        options.addresses.push_back({endpoint.address, endpoint.port, false});
    if (settings.metrics_endpoint) {
        options.addresses.push_back({settings.metrics_endpoint->address, settings.metrics_endpoint->port, true});
    }
    options.limits.headers = static_cast<std::size_t>(settings.max_header_kib) * 1024;
    options.limits.body = static_cast<std::size_t>(settings.max_body_kib) * 1024;
    options.limits.connections = static_cast<std::size_t>(settings.max_connections);
    options.limits.connections_per_address = static_cast<std::size_t>(settings.max_connections_per_address);
    options.limits.requests_in_progress = static_cast<std::size_t>(settings.max_queue);
    options.limits.header_time = settings.header_timeout;
    options.limits.request_time = settings.request_timeout;
    options.limits.idle_time = settings.idle_timeout;
    options.trusted_proxies = settings.trusted_proxies;
    options.allowed_origins = settings.allowed_origins;
    options.strict_transport_security = settings.public_url.starts_with("https:");
    options.tls = tls_of(settings);
    options.clock = &node.clock;
    return options;
}

tenants::TenantOptions tenant_options(const config::Settings& settings) {
    return {.defaults = server_defaults(settings),
            .max_tenants = settings.max_tenants,
            .sub_tenants_enabled = settings.enable_sub_tenants};
}

auth::AuthOptions auth_options(const Node& node) {
    const config::Settings& settings = node.settings;
    return {.token_rules = node.token_rules,
            .access_token_life = settings.access_token_life,
            .service_token_life = settings.service_token_life,
            .refresh_token_life = settings.refresh_token_life,
            .session_timeout = settings.session_timeout,
            .max_login_attempts = settings.max_login_attempts,
            .lockout_duration = settings.lockout_duration,
            .password_rules = password_rules(settings)};
}

auth::SigningKeyOptions signing_key_options(const config::Settings& settings) {
    return {.algorithm = algorithm_of(settings.jwt_algorithm),
            .rotation = settings.signing_key_rotation,
            .retire_after = longest_token_life(settings)};
}

users::UserOptions user_options(const config::Settings& settings) {
    return {.defaults = server_defaults(settings),
            .password_rules = password_rules(settings),
            .longest_token_life = longest_token_life(settings),
            .key_length = static_cast<std::size_t>(settings.service_account_key_length),
            .key_life = settings.service_account_rotation};
}

}  // namespace sentinel::app
