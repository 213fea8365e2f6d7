#include "app/serve/node.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "app/version.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::app {

namespace {

access::AccessOptions access_options(const config::Settings& settings) {
    access::AccessOptions options;
    options.max_staleness = settings.max_staleness;
    return options;
}

access::RateFigures rate_figures(const config::Settings& settings) {
    return {.enabled = settings.rate_limit_enabled,
            .address_per_minute = settings.rate_limit_per_minute,
            .address_per_hour = settings.rate_limit_per_hour,
            .tenant_per_minute = settings.rate_limit_tenant_per_minute,
            .principal_per_minute = settings.rate_limit_principal_per_minute,
            .checks_per_minute = settings.rate_limit_checks_per_minute,
            .sensitive_per_15_minutes = settings.rate_limit_sensitive_per_15_minutes};
}

crypto::PasswordHasherOptions hasher_options(const config::Settings& settings) {
    crypto::PasswordHasherOptions options;
    // Half of the cores: with a hash on each of two, others' p99 is half as long again (bench/server.sh).
    options.threads = std::clamp(std::thread::hardware_concurrency() / 2, 1U, 4U);
    options.cost = {.memory_kib = static_cast<std::uint32_t>(settings.argon2_memory_kib),
                    .iterations = static_cast<std::uint32_t>(settings.argon2_iterations),
                    .parallelism = static_cast<std::uint32_t>(settings.argon2_parallelism)};
    return options;
}

std::string_view text_of(config::CacheBackend backend) {
    switch (backend) {
        case config::CacheBackend::memory: return "memory";
        case config::CacheBackend::redis: return "redis";
        case config::CacheBackend::postgres: return "postgres";
    }
    return "memory";
}

/// Every version of the cursor key opens; the newest signs.
std::vector<std::shared_ptr<const crypto::HmacKey>> cursor_keys(const crypto::ServerKeys& keys) {
    std::vector<std::shared_ptr<const crypto::HmacKey>> result;
    for (const platform::Secret* secret : keys.secrets(crypto::ServerKeyPurpose::cursor)) {
        result.push_back(std::make_shared<const crypto::HmacKey>(*secret));
    }
    return result;
}

}  // namespace

Node::Node(config::Settings given_settings, platform::Secret given_database_url, NodeKeys given_keys,
           telemetry::Logger& given_log)
    : settings(std::move(given_settings)),
      database_url(std::move(given_database_url)),
      log(given_log),
      id(core::UuidV7Generator(clock, crypto::random_number).next()),
      health(clock, {.version = std::string(version),
                     .cache_backend = std::string(text_of(settings.cache_backend)),
                     .public_detail = settings.health_public_detail}),
      keys(std::move(given_keys)),
      tenant_keys(keys.master, keys.server),
      access(access_options(settings)),
      rate_buckets(rate_figures(settings)),
      password_hasher(hasher_options(settings)),
      cursors(cursor_keys(*keys.server)),
      token_rules{.issuer = settings.jwt_issuer, .audience = settings.jwt_audience, .skew_seconds = settings.clock_skew.count()} {
}

}  // namespace sentinel::app
