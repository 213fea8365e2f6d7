#include "platform/config/show.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "core/json.hpp"
#include "platform/config/config_testing.hpp"

namespace sentinel::config {
namespace {

const std::string random_key = "q8Zs1vN0hVx2mJ7oY5b3KfWc9TgUeLRa4DiPzHn6XjE=";

Loaded loaded() {
    return must_load({"/dev/null",
                      {{"SENTINEL_MASTER_KEY", random_key},
                       {"DATABASE_URL", "postgresql://u:hunter2@h/d"},
                       {"DB_POOL_SIZE", "7"},
                       {"BCRYPT_ROUNDS", "1"}},
                      {{"LOG_LEVEL", "DEBUG"}}});
}

TEST(ShowSettings, AsText) {
    const std::string text = to_text(loaded());
    EXPECT_TRUE(text.contains("DB_POOL_SIZE = 7  [environment: DB_POOL_SIZE]\n"));
    EXPECT_TRUE(text.contains("LOG_LEVEL = DEBUG  [flag: --log-level]\n"));
    EXPECT_TRUE(text.contains("CACHE_TTL = 300  [default]\n"));
    EXPECT_TRUE(text.contains("MASTER_KEY = ********  [environment: SENTINEL_MASTER_KEY]\n"));
    EXPECT_TRUE(text.contains("LISTEN = 0.0.0.0:8000  [default]\n"));
    EXPECT_TRUE(text.contains("warning: BCRYPT_ROUNDS"));
    EXPECT_FALSE(text.contains("hunter2") || text.contains(random_key));
}

TEST(ShowSettings, AsJson) {
    const std::string text = to_json(loaded());
    EXPECT_FALSE(text.contains("hunter2") || text.contains(random_key));
    const auto value = core::json::parse(text);
    ASSERT_TRUE(value);
    const auto& settings = *value->object()->find("settings")->array();
    EXPECT_EQ(settings.size(), all_settings().size());
    EXPECT_EQ(core::json::to_text(settings[0]),
              R"({"name":"APP_NAME","origin":null,"secret":false,"source":"default","value":"Sentinel Access Platform"})");
    EXPECT_EQ(value->object()->find("warnings")->array()->size(), 1U);
}

TEST(ShowSettings, AsTheExampleThatIsShipped) {
    std::ifstream file(SENTINEL_SOURCE_DIR "/deploy/sentinel.toml.example");
    const std::string shipped{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_EQ(shipped, example_file()) << "write it anew: sentinel config --example > deploy/sentinel.toml.example";
}

TEST(ShowSettings, AsAnExampleThatIsEqualToTheDefaults) {
    std::string text = example_file();
    const SettingsFolder folder;
    // With every setting in force, the example must load and change nothing.
    for (auto at = text.find("\n#"); at != std::string::npos; at = text.find("\n#", at + 1)) {
        if (text[at + 2] != ' ') text.erase(at + 1, 1);
    }
    const Loaded example = must_load({folder.write("sentinel.toml", text), {}, {}});
    const Loaded standard = must_load({"/dev/null", {}, {}});
    ASSERT_EQ(example.values.size(), standard.values.size());
    for (std::size_t index = 0; index < standard.values.size(); ++index) {
        EXPECT_EQ(example.values[index].text, standard.values[index].text) << standard.values[index].setting->name;
    }
}

}  // namespace
}  // namespace sentinel::config
