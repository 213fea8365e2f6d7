#include "platform/config/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "core/encoding.hpp"
#include "core/text.hpp"
#include "platform/config/url.hpp"

namespace sentinel::config {

namespace {

using Faults = std::vector<ConfigFault>;
using IsGiven = std::function<bool(std::string_view)>;

bool is_any_address(const core::IpAddress& address) {
    return std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::string url_of_listener(const Settings& settings) {
    const Endpoint& first = settings.listen.front();
    const std::string_view scheme = settings.tls_cert_file.empty() ? "http" : "https";
    if (is_any_address(first.address)) return fmt::format("{}://localhost:{}", scheme, first.port);
    return fmt::format("{}://{}", scheme, first.text());
}

void need_pair(Faults& faults, std::string_view left, bool has_left, std::string_view right, bool has_right) {
    if (has_left == has_right) return;
    faults.push_back({std::string(has_left ? right : left), fmt::format("is needed besides {}", has_left ? left : right)});
}

void check_database(const Settings& settings, Faults& faults) {
    if (settings.database_schema != "sentinel")
        faults.push_back({"DATABASE_SCHEMA", "must be sentinel: the migrations know no other"});
    if (settings.database_url.empty() && !settings.database_owner_url.empty()) {
        faults.push_back({"DATABASE_OWNER_URL", "is given without DATABASE_URL"});
    }
    if (settings.cache_backend == CacheBackend::redis && !settings.redis_enabled) {
        faults.push_back({"CACHE_BACKEND", "is redis, which needs REDIS_ENABLED=true"});
    }
}

void check_master_key(const Settings& settings, Faults& faults) {
    const bool has_key = !settings.master_key.empty();
    const bool has_command = !settings.master_key_command.empty();
    if (has_key && has_command) faults.push_back({"MASTER_KEY_COMMAND", "is given besides MASTER_KEY; only one of them may be"});
    if (!settings.is_production()) return;
    if (!has_key && !has_command && !settings.has_private_database()) {
        faults.push_back({"MASTER_KEY", "is required in production with a database of your own (or MASTER_KEY_COMMAND)"});
    }
    if (has_key && is_weak_key(settings.master_key.reveal())) {
        faults.push_back({"MASTER_KEY", "is not random: make one with `openssl rand -base64 32`"});
    }
}

void check_url_password(std::string_view name, const platform::Secret& url, Faults& faults) {
    const std::string_view password = split_url(url.reveal()).password;
    if (!password.empty() && is_weak_password(password)) {
        faults.push_back({std::string(name), "has a well-known password, which production refuses"});
    }
}

void check_production(const Settings& settings, Faults& faults) {
    if (!settings.is_production()) return;
    if (settings.debug) faults.push_back({"DEBUG", "is refused in production"});
    const std::string& password = settings.admin_password.reveal();
    if (!password.empty() && is_weak_password(password)) {
        faults.push_back({"ADMIN_PASSWORD", "is a well-known password, which production refuses"});
    }
    check_url_password("DATABASE_URL", settings.database_url, faults);
    check_url_password("DATABASE_OWNER_URL", settings.database_owner_url, faults);
    check_url_password("REDIS_URL", settings.redis_url, faults);
    check_url_password("MAIL_URL", settings.mail_url, faults);
    const std::string_view mail_scheme = split_url(settings.mail_url.reveal()).scheme;
    if (mail_scheme == "console" || mail_scheme == "file") {
        faults.push_back({"MAIL_URL", "must be smtp: or smtps: in production: mail holds secrets"});
    }
}

void check_numbers(const Settings& settings, Faults& faults) {
    if (settings.argon2_memory_kib < 8 * settings.argon2_parallelism) {
        faults.push_back({"ARGON2_MEMORY_KIB", "is less than 8 for each of ARGON2_PARALLELISM"});
    }
    if (settings.max_import_kib < settings.max_body_kib) faults.push_back({"MAX_IMPORT_KIB", "is less than MAX_BODY_KIB"});
    if (!settings.admin_password.empty() &&
        core::code_points(settings.admin_password.reveal()) < static_cast<std::size_t>(settings.password_min_length)) {
        faults.push_back({"ADMIN_PASSWORD", "is shorter than PASSWORD_MIN_LENGTH"});
    }
}

}  // namespace

bool is_weak_password(std::string_view password) {
    static constexpr std::array<std::string_view, 22> known = {
        "password", "passw0rd", "changeme", "change-me",  "change_me", "admin",   "administrator", "root",
        "secret",   "sentinel", "postgres", "test",       "demo",      "example", "default",       "letmein",
        "welcome",  "qwerty",   "12345678", "1234567890", "abc123",    "iloveyou"};
    std::string plain;
    for (const char letter : password) plain += core::to_lower_ascii(letter);
    // `Changeme123!` is no better than `changeme`.
    while (!plain.empty() && std::string_view("0123456789!?.#$*-_@").contains(plain.back())) plain.pop_back();
    const bool listed = std::ranges::find(known, plain) != known.end();
    return listed || plain.empty() || std::set<char>(password.begin(), password.end()).size() < 4;
}

bool is_weak_key(std::string_view base64) {
    const std::string bytes = core::from_base64(base64).value_or("");
    if (std::set<char>(bytes.begin(), bytes.end()).size() < 16) return true;
    const auto is_readable = [](char letter) { return letter >= ' ' && letter <= '~'; };
    if (std::ranges::all_of(bytes, is_readable)) return true;
    const auto step = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index] - bytes[index - 1]); };
    std::set<unsigned char> steps;
    for (std::size_t index = 1; index < bytes.size(); ++index) steps.insert(step(index));
    return steps.size() < 4;
}

void work_out_defaults(const Settings& settings, const IsGiven& is_given,
                       const std::function<void(std::string_view, std::string)>& assign) {
    const auto standard = [&](std::string_view name, auto make) {
        if (!is_given(name)) assign(name, make());
    };
    standard("LISTEN", [&] { return std::string(settings.is_production() ? "0.0.0.0:8000" : "127.0.0.1:8000"); });
    standard("PUBLIC_URL", [&] { return url_of_listener(settings); });
    standard("JWT_ISSUER", [&] { return settings.public_url; });
    standard("AUTO_MIGRATE", [&] { return std::string(settings.has_private_database() ? "true" : "false"); });
    standard("AI_MODEL_PATH", [&] { return settings.data_dir + "/models"; });
}

Faults check_together(const Settings& settings, const IsGiven& is_given) {
    Faults faults;
    check_database(settings, faults);
    check_master_key(settings, faults);
    check_production(settings, faults);
    check_numbers(settings, faults);
    need_pair(faults, "TLS_CERT_FILE", !settings.tls_cert_file.empty(), "TLS_KEY_FILE", !settings.tls_key_file.empty());
    need_pair(faults, "ADMIN_EMAIL", !settings.admin_email.empty(), "ADMIN_PASSWORD", !settings.admin_password.empty());
    if (is_given("MAIL_URL") && !settings.mail_url.empty() && settings.mail_from.empty()) {
        faults.push_back({"MAIL_FROM", "is needed besides MAIL_URL"});
    }
    return faults;
}

}  // namespace sentinel::config
