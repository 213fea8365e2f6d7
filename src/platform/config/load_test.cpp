#include "platform/config/load.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "platform/config/config_testing.hpp"
#include "platform/config/show.hpp"

namespace sentinel::config {
namespace {

const std::string random_key = "q8Zs1vN0hVx2mJ7oY5b3KfWc9TgUeLRa4DiPzHn6XjE=";
const std::filesystem::path no_file = "/dev/null";

/// Two values for each setting, neither its default, and what it needs besides so that the whole is sound.
std::pair<std::string, std::string> examples(const Setting& setting) {
    if (setting.name == "DATABASE_SCHEMA") return {"sentinel", "sentinel"};
    if (setting.name == "CACHE_BACKEND") return {"postgres", "memory"};
    if (setting.name == "ENVIRONMENT") return {"test", "development"};
    if (setting.name == "MAIL_URL") return {"smtp://mail.example", "smtps://mail.example"};
    if (setting.name == "ARGON2_PARALLELISM") return {"2", "3"};
    if (setting.name == "MAX_BODY_KIB") return {"2", "3"};
    if (setting.name == "MAX_IMPORT_KIB") return {"2000", "3000"};
    if (setting.name == "ADMIN_PASSWORD") return {"kLm83nQw-zP20x", "rTy55hJk-vB61n"};
    switch (setting.type) {
        case SettingType::boolean:
            return {setting.standard == "true" ? "false" : "true", setting.standard == "true" ? "true" : "false"};
        case SettingType::integer: {
            const auto most = static_cast<std::int64_t>(setting.maximum);
            return {std::to_string(most - 1), std::to_string(most)};
        }
        case SettingType::number: return {"0.25", "0.75"};
        case SettingType::choice: return {std::string(setting.allowed[0]), std::string(setting.allowed[1])};
        case SettingType::choices: return {"SOX", "HIPAA"};
        case SettingType::url:
            return {std::string(setting.allowed[0]) + "://a.example", std::string(setting.allowed[0]) + "://b.example"};
        case SettingType::base64_key: return {random_key, "Z" + random_key.substr(1)};
        case SettingType::endpoints: return {"127.0.0.1:81", "127.0.0.1:82"};
        case SettingType::port_or_endpoint: return {"91", "92"};
        case SettingType::networks: return {"10.0.0.0/8", "11.0.0.0/8"};
        case SettingType::origins: return {"https://a.example", "https://b.example"};
        case SettingType::address: return {"a@x.example", "b@x.example"};
        default: return {"one", "two"};
    }
}

/// What must stand beside a setting.
Variables companions(const Setting& setting) {
    Variables all = {{"SENTINEL_ENVIRONMENT", "development"},
                     {"SENTINEL_DATABASE_URL", "postgresql://h/d"},
                     {"SENTINEL_TLS_CERT_FILE", "c.pem"},
                     {"SENTINEL_TLS_KEY_FILE", "k.pem"},
                     {"SENTINEL_ADMIN_EMAIL", "a@b.example"},
                     {"SENTINEL_ADMIN_PASSWORD",
                      "kLm83nQw-zP20xkLm83nQw-zP20xkLm83nQw-zP20xkLm83nQw-zP20xkLm83nQw-zP20xkLm83nQw-zP20xkLm83nQw-"
                      "zP20xkLm83nQw-zP20xkLm83nQw-zP20x12"},
                     {"SENTINEL_MAIL_FROM", "a@b.example"}};
    if (setting.name == "MAX_BODY_KIB" || setting.name.starts_with("PASSWORD_MIN"))
        all.emplace_back("SENTINEL_MAX_IMPORT_KIB", "1048576");
    if (setting.name == "ARGON2_PARALLELISM") all.emplace_back("SENTINEL_ARGON2_MEMORY_KIB", "65536");
    std::erase_if(all, [&](const auto& variable) { return variable.first == "SENTINEL_" + std::string(setting.name); });
    return all;
}

class EverySetting : public testing::TestWithParam<const Setting*> {
protected:
    const Setting& setting_ = *GetParam();
    const std::string name_{setting_.name};
    const std::string first_ = examples(setting_).first;
    const std::string second_ = examples(setting_).second;
    SettingsFolder folder_;

    std::filesystem::path file(const std::string& value) const {
        return folder_.write("sentinel.toml", setting_.key() + " = \"" + value + "\"\n");
    }
    Sources sources(const std::filesystem::path& path, Variables variables = {}, Variables flags = {}) const {
        Variables all = companions(setting_);
        all.insert(all.end(), variables.begin(), variables.end());
        return {path, all, std::move(flags)};
    }
    void expect_value(const Sources& given, const std::string& text, Source source, const std::string& origin) const {
        const Loaded loaded = must_load(given);
        const EffectiveValue& value = value_of(loaded, setting_.name);
        EXPECT_EQ(value.text, setting_.secret && !text.empty() ? "********" : text);
        EXPECT_EQ(value.source, source);
        EXPECT_EQ(value.origin, origin);
        // What is stored is what parsing the text gives.
        Settings wanted = loaded.settings;
        setting_.store(wanted, parse_value(setting_, text).value());
        EXPECT_EQ(fingerprint(wanted), fingerprint(loaded.settings));
    }
    /// The setting's own member, by what storing a value changes: compared through the secrets as well.
    std::string fingerprint(const Settings& settings) const {
        std::string text;
        const auto add = [&](std::string_view part) { (text += part) += '|'; };
        for (const auto* secret : {&settings.database_url, &settings.database_owner_url, &settings.redis_url,
                                   &settings.master_key, &settings.admin_password, &settings.llm_api_key, &settings.mail_url}) {
            add(secret->reveal());
        }
        for (const auto* each : {&settings.app_name, &settings.public_url, &settings.data_dir, &settings.jwt_issuer,
                                 &settings.jwt_audience, &settings.mail_from, &settings.llm_url, &settings.traces_url}) {
            add(*each);
        }
        for (const auto number : {settings.db_pool_size, settings.max_queue, settings.max_tenants, settings.rate_limit_per_hour})
            add(std::to_string(number));
        add(std::to_string(settings.cache_ttl.count()) + std::to_string(settings.keystroke_threshold) +
            (settings.debug ? "d" : "-"));
        return text;
    }
};

TEST_P(EverySetting, IsReadFromEachSourceInItsOrder) {
    const auto path = file(first_);
    const std::string prefixed = "SENTINEL_" + name_;
    expect_value(sources(path), first_, Source::file, path.string() + ":1");
    expect_value(sources(path, {{prefixed, second_}}), second_, Source::environment, prefixed);
    expect_value(sources(path, {{prefixed, ""}}), first_, Source::file, path.string() + ":1");
    if (setting_.prefix_only) {
        expect_value(sources(path, {{name_, second_}}), first_, Source::file, path.string() + ":1");
    } else {
        expect_value(sources(path, {{name_, second_}}), second_, Source::environment, name_);
        expect_value(sources(path, {{name_, first_}, {prefixed, second_}}), second_, Source::environment, prefixed);
    }
    if (!setting_.secret) {
        expect_value(sources(path, {{prefixed, first_}}, {{name_, second_}}), second_, Source::flag, setting_.flag());
    }
}

TEST_P(EverySetting, HasItsDefault) {
    const Loaded loaded = must_load({no_file, {}, {}});
    const EffectiveValue& value = value_of(loaded, setting_.name);
    EXPECT_EQ(value.source, Source::standard);
    EXPECT_EQ(value.origin, "");
    if (setting_.worked_out.empty()) {
        EXPECT_EQ(value.text, setting_.secret && !setting_.standard.empty() ? "********" : setting_.standard);
    }
}

TEST_P(EverySetting, ReadsItsSecretFromAFile) {
    const auto secret_file = folder_.write("secret", second_ + "\n");
    const std::string variable = "SENTINEL_" + name_ + "_FILE";
    if (!setting_.secret) {
        const auto settings_file = folder_.write("other.toml", setting_.key() + "_file = \"" + secret_file.string() + "\"\n");
        EXPECT_TRUE(faults_of(sources(settings_file)).contains(setting_.key() + "_file: is no setting"));
        return;
    }
    const auto path = file(first_);
    expect_value(sources(path, {{variable, secret_file}}), second_, Source::environment, variable);
    const auto settings_file = folder_.write("other.toml", setting_.key() + "_file = \"" + secret_file.string() + "\"\n");
    expect_value(sources(settings_file), second_, Source::file, settings_file.string() + ":1");
    const std::string both = faults_of(sources(no_file, {{variable, secret_file}, {"SENTINEL_" + name_, first_}}));
    EXPECT_TRUE(both.contains(variable + ": is given besides")) << both;
    EXPECT_TRUE(faults_of(sources(no_file, {{variable, "/nowhere"}})).contains(variable + ": names a file that cannot be read"));
    EXPECT_TRUE(faults_of(sources(no_file, {{variable, folder_.path()}})).contains(variable + ": names a file that is a folder"));
    EXPECT_TRUE(faults_of(sources(no_file, {}, {{name_, first_}})).contains(name_ + ": is no flag"));
}

TEST_P(EverySetting, NamesTheKeyOfAWrongValue) {
    const std::string wrong = "wr\001ng-" + std::string(5000, 'x');
    const std::string text = faults_of(sources(no_file, {{"SENTINEL_" + name_, wrong}}));
    EXPECT_TRUE(text.starts_with(name_ + ": ")) << text;
    EXPECT_TRUE(text.contains("(SENTINEL_" + name_ + ")")) << text;
    EXPECT_FALSE(text.contains("xxx"));
}

std::vector<const Setting*> pointers() {
    std::vector<const Setting*> all;
    for (const Setting& setting : all_settings()) all.push_back(&setting);
    return all;
}
INSTANTIATE_TEST_SUITE_P(Table, EverySetting, testing::ValuesIn(pointers()),
                         [](const auto& info) { return std::string(info.param->name); });

class Load : public testing::Test {
protected:
    SettingsFolder folder_;
    Sources file(std::string_view text) const { return {folder_.write("sentinel.toml", text), {}, {}}; }
};

TEST_F(Load, TakesWhatTomlOffers) {
    const Settings settings =
        must_load(
            file("db_pool_size = 7\ndebug = true\nenvironment = 'test'\nkeystroke_threshold = 0.5\nmouse_pattern_threshold = 1\n"
                 "trusted_proxies = ['10.0.0.0/8', 'fd00::/8']\nlisten = '127.0.0.1:81,[::1]:81'\nmetrics_port = 0\n"))
            .settings;
    EXPECT_EQ(settings.db_pool_size, 7);
    EXPECT_TRUE(settings.debug);
    EXPECT_EQ(settings.keystroke_threshold, 0.5);
    EXPECT_EQ(settings.mouse_pattern_threshold, 1);
    EXPECT_EQ(settings.trusted_proxies.size(), 2U);
    EXPECT_EQ(settings.listen.size(), 2U);
    EXPECT_FALSE(settings.metrics_endpoint);
}

TEST_F(Load, S42RefusesWhatTheFileMustNotHold) {
    const auto faults = faults_of(
        file("db_pool_siz = 7\nDB_POOL_SIZE = 7\nsecret_key = 'hunter2'\ncors_origins = '*'\n[database]\nurl = 'hunter2'\n"));
    EXPECT_TRUE(faults.contains("db_pool_siz: is no setting ("));
    EXPECT_TRUE(faults.contains("DB_POOL_SIZE: is no setting ("));
    EXPECT_TRUE(faults.contains("secret_key: is no setting any more: use MASTER_KEY ("));
    EXPECT_TRUE(faults.contains("cors_origins: is no setting any more: use ALLOWED_ORIGINS ("));
    EXPECT_TRUE(faults.contains("database: is no setting ("));
    EXPECT_FALSE(faults.contains("hunter2"));
    EXPECT_TRUE(faults_of(file("listen = 1979-05-27\n")).contains("listen: is neither a text"));
    EXPECT_TRUE(faults_of(file("[debug]\nx = 1\n")).contains("debug: is neither a text"));
    EXPECT_TRUE(
        faults_of(file("allowed_origins = ['https://a.example,https://b.example']\n")).contains("allowed_origins: is neither"));
}

TEST_F(Load, S42NeverQuotesAFileThatIsNoToml) {
    for (const auto* text : {"database_url = postgres://u:hunter2@h/d\n", "master_key = 'hunter2\n", "hunter2\n",
                             "debug = true\ndebug = hunter2\n", "\xFF\xFE"}) {
        const auto faults = faults_of(file(text));
        EXPECT_TRUE(faults.contains("is no valid TOML here")) << faults;
        EXPECT_FALSE(faults.contains("hunter2")) << faults;
    }
}

TEST_F(Load, FindsItsFile) {
    const auto path = folder_.write("mine.toml", "db_pool_size = 7\n");
    EXPECT_EQ(must_load({std::nullopt, {{"SENTINEL_CONFIG", path}}, {}}).settings.db_pool_size, 7);
    EXPECT_TRUE(faults_of({"/nowhere/sentinel.toml", {}, {}}).contains("/nowhere/sentinel.toml: cannot be read"));
    EXPECT_TRUE(faults_of({folder_.path(), {}, {}}).contains("is a folder"));
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder_.path());
    EXPECT_EQ(must_load({}).settings.db_pool_size, 20);
    folder_.write("sentinel.toml", "db_pool_size = 8\n");
    EXPECT_EQ(must_load({}).settings.db_pool_size, 8);
    std::filesystem::current_path(before);
}

TEST_F(Load, WarnsOfVariablesThatAreNoSettings) {
    const Loaded loaded = must_load(
        {no_file,
         {{"SENTINEL_DB_POOL_SIZ", "hunter2"}, {"BCRYPT_ROUNDS", "12"}, {"SENTINEL_SECRET_KEY", "hunter2"}, {"HOME", "/"}},
         {}});
    std::string all;
    for (const auto& warning : loaded.warnings) all += warning + "\n";
    EXPECT_EQ(all,
              "BCRYPT_ROUNDS is no setting any more: use ARGON2_MEMORY_KIB, ARGON2_ITERATIONS and ARGON2_PARALLELISM\n"
              "SENTINEL_DB_POOL_SIZ is no setting\n"
              "SENTINEL_SECRET_KEY is no setting any more: use MASTER_KEY\n");
}

TEST_F(Load, WarnsOfASecretThatAllMayRead) {
    const auto path = folder_.write("sentinel.toml", "master_key = '" + random_key + "'\n");
    EXPECT_TRUE(must_load({path, {}, {}}).warnings.empty());
    std::filesystem::permissions(path, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
    ASSERT_EQ(must_load({path, {}, {}}).warnings.size(), 1U);
}

TEST_F(Load, TellsEverythingThatIsWrongAtOnce) {
    const auto faults = faults_of(
        {no_file, {{"DB_POOL_SIZE", "0"}, {"LOG_LEVEL", "loud"}, {"SENTINEL_MASTER_KEY", "hunter2"}}, {{"CACHE_TTL", "301"}}});
    EXPECT_EQ(faults,
              "LOG_LEVEL: 'loud' is none of DEBUG, INFO, WARNING, ERROR (LOG_LEVEL)\n"
              "DB_POOL_SIZE: '0' is outside 1 to 500 (DB_POOL_SIZE)\n"
              "CACHE_TTL: '301' is outside 1 to 300 (--cache-ttl)\n"
              "MASTER_KEY: is not the base64 of 32 bytes (SENTINEL_MASTER_KEY)\n");
}

TEST_F(Load, ReadsTheProcessEnvironment) {
    ::setenv("SENTINEL_TEST_VARIABLE", "a=b", 1);
    const auto variables = process_environment();
    EXPECT_NE(std::ranges::find(variables, std::pair<std::string, std::string>("SENTINEL_TEST_VARIABLE", "a=b")),
              variables.end());
    ::unsetenv("SENTINEL_TEST_VARIABLE");
}

}  // namespace
}  // namespace sentinel::config
