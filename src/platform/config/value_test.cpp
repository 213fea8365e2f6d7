#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "platform/config/setting.hpp"
#include "platform/config/url.hpp"

namespace sentinel::config {
namespace {

bool accepts(std::string_view name, std::string_view text) { return parse_value(*find_setting(name), text).has_value(); }

TEST(SettingsTable, IsSound) {
    std::set<std::string_view> names;
    for (const Setting& setting : all_settings()) {
        EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
        EXPECT_NE(setting.store, nullptr) << setting.name;
        EXPECT_FALSE(setting.help.empty()) << setting.name;
        EXPECT_EQ(find_setting(setting.name), &setting);
        EXPECT_TRUE(successor_of(setting.name).empty()) << setting.name;
        if (setting.worked_out.empty()) { EXPECT_TRUE(parse_value(setting, setting.standard)) << setting.name; }
        // A secret's _FILE must not be another setting's name.
        if (setting.secret) { EXPECT_EQ(find_setting(std::string(setting.name) + "_FILE"), nullptr); }
    }
    EXPECT_EQ(names.size(), 109U);
}

TEST(SettingsTable, StoresEachSettingInAPlaceOfItsOwn) {
    std::set<void (*)(Settings&, const SettingValue&)> places;
    for (const Setting& setting : all_settings()) EXPECT_TRUE(places.insert(setting.store).second) << setting.name;
}

/// Every number at its limits and one beyond, whatever the table says they are.
TEST(SettingsTable, HoldsEveryRangeToItsEdge) {
    std::size_t ranges = 0;
    for (const Setting& setting : all_settings()) {
        if (setting.type == SettingType::integer) {
            const auto whole = [](double number) { return std::to_string(static_cast<std::int64_t>(number)); };
            EXPECT_TRUE(parse_value(setting, whole(setting.minimum))) << setting.name;
            EXPECT_TRUE(parse_value(setting, whole(setting.maximum))) << setting.name;
            EXPECT_FALSE(parse_value(setting, whole(setting.minimum - 1))) << setting.name;
            EXPECT_FALSE(parse_value(setting, whole(setting.maximum + 1))) << setting.name;
            for (const auto* text : {"", "x", "1.5", " 1", "1 ", "+1", "0x10", "1e1", "99999999999999999999999"}) {
                EXPECT_FALSE(parse_value(setting, text)) << setting.name << ' ' << text;
            }
            ++ranges;
        } else if (setting.type == SettingType::number) {
            EXPECT_TRUE(parse_value(setting, "0") && parse_value(setting, "1") && parse_value(setting, "0.25")) << setting.name;
            for (const auto* text : {"-0.001", "1.001", "nan", "inf", "1e999", "", "x", "0,5"}) {
                EXPECT_FALSE(parse_value(setting, text)) << setting.name << ' ' << text;
            }
            ++ranges;
        }
    }
    EXPECT_EQ(ranges, 57U);
}

TEST(SettingsTable, HoldsEveryTextToItsLength) {
    for (const Setting& setting : all_settings()) {
        if (setting.type != SettingType::text && setting.type != SettingType::path) continue;
        const auto length = static_cast<std::size_t>(setting.maximum);
        EXPECT_TRUE(parse_value(setting, std::string(length, 'a'))) << setting.name;
        EXPECT_FALSE(parse_value(setting, std::string(length + 1, 'a'))) << setting.name;
        EXPECT_EQ(parse_value(setting, "").has_value(), setting.minimum == 0) << setting.name;
        for (const std::string text : {"a\nb", "a\033b", "\xFF", "a\xE2\x80\xA8z"})
            EXPECT_FALSE(parse_value(setting, text)) << setting.name;
        EXPECT_FALSE(parse_value(setting, std::string_view("a\0b", 3))) << setting.name;
    }
}

TEST(SettingsTable, KnowsTruths) {
    for (const auto* text : {"true", "TRUE", "1", "yes", "On"})
        EXPECT_EQ(std::get<bool>(*parse_value(*find_setting("DEBUG"), text)), true);
    for (const auto* text : {"false", "0", "No", "off"})
        EXPECT_EQ(std::get<bool>(*parse_value(*find_setting("DEBUG"), text)), false);
    for (const auto* text : {"", "2", "truee", "ja"}) EXPECT_FALSE(accepts("DEBUG", text));
}

TEST(SettingsTable, KnowsEveryChoiceAndNoOther) {
    for (const Setting& setting : all_settings()) {
        if (setting.type != SettingType::choice) continue;
        std::int64_t index = 0;
        for (const auto text : setting.allowed) EXPECT_EQ(std::get<std::int64_t>(*parse_value(setting, text)), index++) << text;
        for (const auto* text : {"", "other", "Production", "json "}) EXPECT_FALSE(parse_value(setting, text)) << setting.name;
    }
}

TEST(SettingsTable, ReadsLists) {
    EXPECT_EQ(std::get<std::vector<std::string>>(
                  *parse_value(*find_setting("ALLOWED_ORIGINS"), "https://a.example , http://b.example:8080")),
              (std::vector<std::string>{"https://a.example", "http://b.example:8080"}));
    for (const auto* text :
         {"*", "null", "https://a.example/", "https://a.example/x", "ftp://a.example", "https://A.example", "https://u@a.example",
          "https://", "https://a.example,", "https://a.example,https://a.example", "https://a:0", "https://a:65536"}) {
        EXPECT_FALSE(accepts("ALLOWED_ORIGINS", text)) << text;
    }
    EXPECT_TRUE(accepts("TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8"));
    EXPECT_TRUE(accepts("TRUSTED_PROXIES", ""));
    for (const auto* text : {"10.0.0.1", "10.0.0.1/8", "10.0.0.0/33", "x"})
        EXPECT_FALSE(accepts("TRUSTED_PROXIES", text)) << text;
    EXPECT_TRUE(accepts("COMPLIANCE_REGULATIONS", "GDPR,ISO27001"));
    EXPECT_FALSE(accepts("COMPLIANCE_REGULATIONS", "gdpr"));
    EXPECT_FALSE(accepts("AGENT_PRIORITY_LEVELS", ""));
}

TEST(SettingsTable, ReadsAddressesToListenOn) {
    EXPECT_EQ(Endpoint::parse("127.0.0.1:80")->text(), "127.0.0.1:80");
    EXPECT_EQ(Endpoint::parse("localhost:0")->text(), "127.0.0.1:0");
    EXPECT_EQ(Endpoint::parse("[::1]:65535")->text(), "[::1]:65535");
    for (const auto* text :
         {"", "80", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:80", "host:80", "127.0.0.1:-1"}) {
        EXPECT_FALSE(Endpoint::parse(text)) << text;
    }
    const Setting& port = *find_setting("METRICS_PORT");
    EXPECT_EQ(std::get<std::string>(*parse_value(port, "9090")), "127.0.0.1:9090");
    EXPECT_EQ(std::get<std::string>(*parse_value(port, "0")), "");
    EXPECT_EQ(std::get<std::string>(*parse_value(port, "0.0.0.0:9090")), "0.0.0.0:9090");
    for (const auto* text : {"", "65536", "-1", "x", "host:1"}) EXPECT_FALSE(parse_value(port, text)) << text;
}

TEST(SettingsTable, ReadsUrls) {
    for (const auto* text : {"", "postgresql://u:p@h/d", "postgres:///d?host=/run/x"})
        EXPECT_TRUE(accepts("DATABASE_URL", text)) << text;
    for (const auto* text : {"mysql://h/d", "h", "postgresql:", "postgresql://", "postgresql://h /d"})
        EXPECT_FALSE(accepts("DATABASE_URL", text)) << text;
    EXPECT_EQ(std::get<std::string>(*parse_value(*find_setting("PUBLIC_URL"), "https://a.example/")), "https://a.example");
    for (const auto* text :
         {"https://u:p@h", "https://", "ftp://h", "https://h?q", "https://h#f", "https://h:x", "javascript:alert(1)"}) {
        EXPECT_FALSE(accepts("PUBLIC_URL", text)) << text;
    }
    for (const auto* text : {"", "smtp://u:p@h:25", "console:", "file:///tmp/mail"})
        EXPECT_TRUE(accepts("MAIL_URL", text)) << text;
    for (const auto* text : {"file:", "file://h/x", "smtp:", "http://h"}) EXPECT_FALSE(accepts("MAIL_URL", text)) << text;
    EXPECT_EQ(split_url("redis://u:p@h:1/0").password, "p");
    EXPECT_EQ(split_url("redis://u:p@@h:1/0").password, "p@");
    EXPECT_EQ(split_url("redis://h:1/u:p@x").password, "");
}

TEST(SettingsTable, ReadsKeysAddressesAndIdentifiers) {
    EXPECT_TRUE(accepts("MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
    for (const auto* text :
         {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "secret",
          "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8hIg=="}) {
        EXPECT_FALSE(accepts("MASTER_KEY", text)) << text;
    }
    for (const auto* text : {"a@b.example", "Sentinel <a@b.example>"}) EXPECT_TRUE(accepts("MAIL_FROM", text)) << text;
    for (const auto* text : {"a", "@b", "a@", "a b@c", "a@b@c", "<a@b", "a@b, c@d"})
        EXPECT_FALSE(accepts("MAIL_FROM", text)) << text;
    for (const auto* text : {"sentinel", "_s1"}) EXPECT_TRUE(accepts("DATABASE_SCHEMA", text)) << text;
    for (const auto* text : {"", "1s", "S", "s;drop", "s\"x", "s-t"}) EXPECT_FALSE(accepts("DATABASE_SCHEMA", text)) << text;
}

TEST(SettingsTable, NamesSuccessors) {
    EXPECT_EQ(successor_of("SECRET_KEY"), "use MASTER_KEY");
    EXPECT_EQ(successor_of("CORS_ORIGINS"), "use ALLOWED_ORIGINS");
    EXPECT_EQ(successor_of("ANYTHING"), "");
}

}  // namespace
}  // namespace sentinel::config
