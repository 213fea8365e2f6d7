#include "modules/tenants/settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/ip.hpp"
#include "core/text.hpp"

namespace sentinel::tenants {

namespace json = core::json;
using platform::Rule;

namespace {

/// What a member must be; each says its fault, or nothing.
struct Fault {
    Rule rule;
    std::string message;
};
using Check = std::optional<Fault> (*)(const json::Value& value);

template <std::int64_t least, std::int64_t most>
std::optional<Fault> whole(const json::Value& value) {
    const double* number = value.number();
    if (number == nullptr || std::trunc(*number) != *number) return Fault{Rule::type, "This must be a whole number."};
    if (*number < least) return Fault{Rule::minimum, fmt::format("This is at least {}.", least)};
    if (*number > most) return Fault{Rule::maximum, fmt::format("This is at most {}.", most)};
    return std::nullopt;
}

std::optional<Fault> flag(const json::Value& value) {
    if (value.boolean() == nullptr) return Fault{Rule::type, "This must be true or false."};
    return std::nullopt;
}

std::optional<Fault> only_true(const json::Value& value) {
    if (value.boolean() == nullptr || !*value.boolean()) return Fault{Rule::enumeration, "Encryption cannot be switched off."};
    return std::nullopt;
}

std::optional<Fault> share(const json::Value& value) {
    const double* number = value.number();
    if (number == nullptr) return Fault{Rule::type, "This must be a number."};
    if (*number < 0.001) return Fault{Rule::minimum, "This is at least 0.001."};
    if (*number > 1) return Fault{Rule::maximum, "This is at most 1."};
    return std::nullopt;
}

std::optional<Fault> short_text(const json::Value& value) {
    if (value.text() == nullptr) return Fault{Rule::type, "This must be a text."};
    if (core::code_points(*value.text()) > 100) return Fault{Rule::max_length, "This has at most 100 characters."};
    return std::nullopt;
}

std::optional<Fault> document(const json::Value& value) {
    if (value.object() == nullptr) return Fault{Rule::type, "This must be an object."};
    return std::nullopt;
}

std::optional<Fault> decision_log(const json::Value& value) {
    constexpr std::array<std::string_view, 4> words{"none", "denied", "sampled", "all"};
    if (value.text() == nullptr) return Fault{Rule::type, "This must be a text."};
    if (std::ranges::find(words, *value.text()) == words.end())
        return Fault{Rule::enumeration, "This is none, denied, sampled or all."};
    return std::nullopt;
}

template <std::size_t most>
std::optional<Fault> texts(const json::Value& value) {
    if (value.array() == nullptr) return Fault{Rule::type, "This must be a list of texts."};
    if (value.array()->size() > most) return Fault{Rule::max_items, fmt::format("This has at most {} items.", most)};
    for (const json::Value& item : *value.array()) {
        if (auto fault = short_text(item)) return fault;
    }
    return std::nullopt;
}

std::optional<Fault> networks(const json::Value& value) {
    if (auto fault = texts<100>(value)) return fault;
    for (const json::Value& item : *value.array()) {
        if (!core::IpNetwork::parse(*item.text())) return Fault{Rule::format, "Each item is a network like 192.0.2.0/24."};
    }
    return std::nullopt;
}

std::optional<Fault> rate_limits(const json::Value& value) {
    constexpr std::array<std::string_view, 4> buckets{"tenant", "principal", "checks", "sensitive"};
    if (value.object() == nullptr) return Fault{Rule::type, "This must be an object of bucket and figure."};
    for (const auto& [bucket, figure] : *value.object()) {
        if (std::ranges::find(buckets, bucket) == buckets.end()) return Fault{Rule::unknown, "There is no such bucket."};
        if (auto fault = whole<0, 1'000'000'000>(figure)) return fault;
    }
    return std::nullopt;
}

struct KnownSetting {
    std::string_view name;
    SettingWriter writer;
    Check check;
};

constexpr std::array known_settings{
    KnownSetting{"max_users", SettingWriter::ancestor, whole<1, 1'000'000>},
    KnownSetting{"max_service_accounts", SettingWriter::ancestor, whole<0, 10'000>},
    KnownSetting{"max_sub_tenants", SettingWriter::ancestor, whole<0, 1'000>},
    KnownSetting{"rate_limits", SettingWriter::platform, rate_limits},
    KnownSetting{"features", SettingWriter::own, texts<100>},
    KnownSetting{"inherit_permissions", SettingWriter::ancestor, flag},
    KnownSetting{"approval_required", SettingWriter::own, flag},
    KnownSetting{"timezone", SettingWriter::own, short_text},
    KnownSetting{"locale", SettingWriter::own, short_text},
    KnownSetting{"theme", SettingWriter::own, short_text},
    KnownSetting{"customization", SettingWriter::own, document},
    KnownSetting{"terminology_config", SettingWriter::terminology, document},
    KnownSetting{"terminology_metadata", SettingWriter::terminology, document},
    KnownSetting{"decision_log", SettingWriter::own, decision_log},
    KnownSetting{"decision_log_sample", SettingWriter::own, share},
    KnownSetting{"allow_unapproved_provisioning", SettingWriter::ancestor, flag},
    KnownSetting{"llm_enabled", SettingWriter::ancestor, flag},
    KnownSetting{"navigation_origins", SettingWriter::own, texts<50>},
    KnownSetting{"is_platform_tenant", SettingWriter::nobody, flag},
};

const KnownSetting* find_setting(std::string_view name) {
    const auto found = std::ranges::find(known_settings, name, &KnownSetting::name);
    return found == known_settings.end() ? nullptr : &*found;
}

/// How the strictest of several values is found.
enum class Strictness { highest, lowest, any_true, all_true, every_list };

struct SecuritySetting {
    std::string_view name;
    Check check;
    Strictness strictness;
};

constexpr std::array security_settings_table{
    SecuritySetting{"encryption_enabled", only_true, Strictness::any_true},
    SecuritySetting{"audit_all_access", flag, Strictness::any_true},
    SecuritySetting{"mfa_required", flag, Strictness::any_true},
    SecuritySetting{"password_min_length", whole<8, 128>, Strictness::highest},
    SecuritySetting{"password_history", whole<0, 24>, Strictness::highest},
    SecuritySetting{"max_login_attempts", whole<1, 100>, Strictness::lowest},
    SecuritySetting{"lockout_duration_minutes", whole<1, 1'440>, Strictness::highest},
    SecuritySetting{"session_timeout_hours", whole<1, 720>, Strictness::lowest},
    SecuritySetting{"allowed_cidrs", networks, Strictness::every_list},
    SecuritySetting{"allowed_email_domains", texts<100>, Strictness::every_list},
    SecuritySetting{"allow_impersonation", flag, Strictness::all_true},
};

void tell(http::Reader& reader, std::string_view document, std::string_view member, Rule rule, std::string message) {
    reader.fault(core::pointer_to(core::pointer_to("", document), member), rule, std::move(message));
}

json::Value stricter(Strictness strictness, const json::Value& left, const json::Value& right) {
    switch (strictness) {
        case Strictness::highest: return std::max(*left.number(), *right.number());
        case Strictness::lowest: return std::min(*left.number(), *right.number());
        case Strictness::any_true: return *left.boolean() || *right.boolean();
        case Strictness::all_true: return *left.boolean() && *right.boolean();
        case Strictness::every_list: {
            json::Array lists = *left.array();
            if (!right.array()->empty()) lists.emplace_back(*right.array());
            return lists;
        }
    }
    return right;
}

}  // namespace

const std::vector<std::string>& feature_names() {
    static const std::vector<std::string> names{"advanced_audit",
                                                "ai_features",
                                                "ai_insights",
                                                "api_access",
                                                "approval_chains",
                                                "biometrics",
                                                "compliance_reporting",
                                                "custom_workflows",
                                                "field_encryption",
                                                "multi_factor_auth",
                                                "sso"};
    return names;
}

void check_settings(const json::Object& settings, http::Reader& reader) {
    for (const auto& [name, value] : settings) {
        const KnownSetting* known = find_setting(name);
        if (known == nullptr) continue;
        if (known->writer == SettingWriter::nobody) {
            tell(reader, "settings", name, Rule::forbidden, "This is set by the server alone.");
        } else if (known->writer == SettingWriter::terminology) {
            tell(reader, "settings", name, Rule::forbidden, "This is written through the terminology endpoints.");
        } else if (auto fault = known->check(value)) {
            tell(reader, "settings", name, fault->rule, std::move(fault->message));
        }
    }
}

void check_security_settings(const json::Object& settings, http::Reader& reader) {
    for (const auto& [name, value] : settings) {
        const auto known = std::ranges::find(security_settings_table, name, &SecuritySetting::name);
        if (known == security_settings_table.end()) {
            tell(reader, "security_settings", name, Rule::unknown, "There is no such security setting.");
        } else if (auto fault = known->check(value)) {
            tell(reader, "security_settings", name, fault->rule, std::move(fault->message));
        }
    }
}

SettingWriter writer_of(std::string_view setting) {
    const KnownSetting* known = find_setting(setting);
    return known == nullptr ? SettingWriter::own : known->writer;
}

json::Object effective_settings(const json::Object& own, const ServerDefaults& defaults) {
    json::Object effective{{"max_users", defaults.max_users},
                           {"max_service_accounts", defaults.max_service_accounts},
                           {"max_sub_tenants", 100},
                           {"inherit_permissions", false},
                           {"approval_required", false},
                           {"decision_log", "denied"},
                           {"decision_log_sample", 0.01},
                           {"allow_unapproved_provisioning", false},
                           {"llm_enabled", false}};
    for (const auto& [name, value] : own) effective.set(name, value);
    return effective;
}

json::Object effective_security_settings(std::span<const json::Object> chain, const ServerDefaults& defaults) {
    json::Object effective{{"encryption_enabled", true},
                           {"audit_all_access", false},
                           {"mfa_required", false},
                           {"password_min_length", defaults.password_min_length},
                           {"password_history", 5},
                           {"max_login_attempts", defaults.max_login_attempts},
                           {"lockout_duration_minutes", defaults.lockout_duration_minutes},
                           {"session_timeout_hours", defaults.session_timeout_hours},
                           {"allowed_cidrs", json::Array()},
                           {"allowed_email_domains", json::Array()},
                           {"allow_impersonation", !chain.empty()}};
    for (const json::Object& document : chain) {
        for (const SecuritySetting& setting : security_settings_table) {
            json::Value& value = *effective.find(setting.name);
            if (const json::Value* written = document.find(setting.name)) {
                value = stricter(setting.strictness, value, *written);
            } else if (setting.strictness == Strictness::all_true) {
                value = false;
            }
        }
    }
    return effective;
}

}  // namespace sentinel::tenants
