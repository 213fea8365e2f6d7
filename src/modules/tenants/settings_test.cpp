#include "modules/tenants/settings.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace sentinel::tenants {
namespace {

namespace json = core::json;

std::vector<std::string> faults_of(void (*check)(const json::Object&, http::Reader&), const char* text) {
    std::vector<platform::InputFault> faults;
    http::Reader reader(platform::InputPlace::body, faults);
    check(*json::parse(text)->object(), reader);
    std::vector<std::string> told;
    for (const platform::InputFault& fault : faults) told.push_back(fault.pointer + ' ' + std::string(text_of(fault.rule)));
    return told;
}

TEST(TenantSettings, ChecksKnownMembersAndLeavesOthersFree) {
    EXPECT_EQ(faults_of(check_settings, R"({"max_users": 1, "anything": [1], "decision_log": "all"})"),
              std::vector<std::string>{});
    EXPECT_EQ(faults_of(check_settings, R"({"max_users": 0})"), std::vector<std::string>{"/settings/max_users minimum"});
    EXPECT_EQ(faults_of(check_settings, R"({"max_users": 1000001})"), std::vector<std::string>{"/settings/max_users maximum"});
    EXPECT_EQ(faults_of(check_settings, R"({"max_users": 1.5})"), std::vector<std::string>{"/settings/max_users type"});
    EXPECT_EQ(faults_of(check_settings, R"({"is_platform_tenant": true})"),
              std::vector<std::string>{"/settings/is_platform_tenant forbidden"});
    EXPECT_EQ(faults_of(check_settings, R"({"rate_limits": {"tenants": 1}})"),
              std::vector<std::string>{"/settings/rate_limits unknown"});
}

TEST(TenantSettings, SecuritySettingsAreClosed) {
    EXPECT_EQ(faults_of(check_security_settings, R"({"mfa_required": true, "allowed_cidrs": ["10.0.0.0/8"]})"),
              std::vector<std::string>{});
    EXPECT_EQ(faults_of(check_security_settings, R"({"mfa": true})"), std::vector<std::string>{"/security_settings/mfa unknown"});
    EXPECT_EQ(faults_of(check_security_settings, R"({"encryption_enabled": false})"),
              std::vector<std::string>{"/security_settings/encryption_enabled enum"});
    EXPECT_EQ(faults_of(check_security_settings, R"({"allowed_cidrs": ["10.0.0.1/8"]})"),
              std::vector<std::string>{"/security_settings/allowed_cidrs format"});
}

TEST(TenantSettings, TheStrictestOfTheChainIsInForce) {
    const std::vector<json::Object> chain{
        *json::parse(
             R"({"password_min_length": 10, "mfa_required": true, "allow_impersonation": true, "session_timeout_hours": 8})")
             ->object(),
        *json::parse(R"({"password_min_length": 16, "mfa_required": false, "session_timeout_hours": 100})")->object()};
    const json::Object effective = effective_security_settings(chain, {});
    EXPECT_EQ(*effective.find("password_min_length"), json::Value(16));
    EXPECT_EQ(*effective.find("mfa_required"), json::Value(true));
    EXPECT_EQ(*effective.find("session_timeout_hours"), json::Value(8));
    EXPECT_EQ(*effective.find("allow_impersonation"), json::Value(false));
}

}  // namespace
}  // namespace sentinel::tenants
