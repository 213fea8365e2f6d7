#include "platform/config/checks.hpp"

#include <gtest/gtest.h>

#include <string>

#include "platform/config/config_testing.hpp"

namespace sentinel::config {
namespace {

const std::string random_key = "q8Zs1vN0hVx2mJ7oY5b3KfWc9TgUeLRa4DiPzHn6XjE=";
const std::string outside = "postgresql://sentinel_app:kLm83nQw@db.example/sentinel_db";

std::string faults(Variables variables) { return faults_of({"/dev/null", std::move(variables), {}}); }
Settings settings(Variables variables) { return must_load({"/dev/null", std::move(variables), {}}).settings; }

TEST(SettingsTogether, WorkOutDefaults) {
    const Settings bare = settings({});
    EXPECT_TRUE(bare.is_production());
    EXPECT_EQ(bare.listen.at(0).text(), "0.0.0.0:8000");
    EXPECT_EQ(bare.public_url, "http://localhost:8000");
    EXPECT_EQ(bare.jwt_issuer, "http://localhost:8000");
    EXPECT_TRUE(bare.auto_migrate);
    EXPECT_EQ(bare.ai_model_path, "./data/models");
    EXPECT_EQ(bare.metrics_endpoint->text(), "127.0.0.1:9090");
    const Settings outer = settings({{"DATABASE_URL", outside},
                                     {"SENTINEL_MASTER_KEY", random_key},
                                     {"SENTINEL_LISTEN", "10.0.0.1:443"},
                                     {"SENTINEL_TLS_CERT_FILE", "c"},
                                     {"SENTINEL_TLS_KEY_FILE", "k"},
                                     {"SENTINEL_DATA_DIR", "/srv"}});
    EXPECT_FALSE(outer.auto_migrate);
    EXPECT_EQ(outer.public_url, "https://10.0.0.1:443");
    EXPECT_EQ(outer.ai_model_path, "/srv/models");
    EXPECT_EQ(settings({{"SENTINEL_PUBLIC_URL", "https://s.example/"}}).jwt_issuer, "https://s.example");
    EXPECT_EQ(settings({{"SENTINEL_JWT_ISSUER", "urn:x"}}).jwt_issuer, "urn:x");
}

/// The table of page 00 section 8: what production and the others differ in.
TEST(SettingsTogether, DifferBetweenProductionAndTheOthers) {
    for (const std::string environment : {"development", "test"}) {
        const std::pair<std::string, std::string> named = {"ENVIRONMENT", environment};
        EXPECT_EQ(settings({named}).listen.at(0).text(), "127.0.0.1:8000");
        EXPECT_EQ(faults({named, {"DEBUG", "true"}}), "");
        EXPECT_EQ(faults({named, {"DATABASE_URL", outside}}), "");
        EXPECT_EQ(faults({named, {"SENTINEL_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}), "");
        EXPECT_EQ(faults({named, {"SENTINEL_MAIL_URL", "console:"}, {"SENTINEL_MAIL_FROM", "a@b.example"}}), "");
        EXPECT_EQ(faults({named, {"SENTINEL_ADMIN_EMAIL", "a@b.example"}, {"SENTINEL_ADMIN_PASSWORD", "Changeme123!"}}), "");
    }
    EXPECT_EQ(faults({{"DEBUG", "true"}}), "DEBUG: is refused in production\n");
    EXPECT_EQ(faults({}), "");  // a private database makes its own key
    EXPECT_TRUE(faults({{"DATABASE_URL", outside}}).starts_with("MASTER_KEY: is required in production"));
    EXPECT_EQ(faults({{"DATABASE_URL", outside}, {"SENTINEL_MASTER_KEY", random_key}}), "");
    EXPECT_EQ(faults({{"DATABASE_URL", outside}, {"SENTINEL_MASTER_KEY_COMMAND", "kms get"}}), "");
    EXPECT_TRUE(faults({{"SENTINEL_MAIL_URL", "console:"}, {"SENTINEL_MAIL_FROM", "a@b.example"}})
                    .starts_with("MAIL_URL: must be smtp:"));
}

TEST(SettingsTogether, S42RefuseWeakSecretsInProduction) {
    EXPECT_TRUE(faults({{"SENTINEL_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}})
                    .starts_with("MASTER_KEY: is not random"));
    EXPECT_TRUE(faults({{"SENTINEL_ADMIN_EMAIL", "a@b.example"}, {"SENTINEL_ADMIN_PASSWORD", "Changeme123!"}})
                    .starts_with("ADMIN_PASSWORD: is a well-known"));
    EXPECT_TRUE(faults({{"DATABASE_URL", "postgresql://u:postgres@h/d"}, {"SENTINEL_MASTER_KEY", random_key}})
                    .starts_with("DATABASE_URL: has a well-known"));
    EXPECT_TRUE(faults({{"REDIS_URL", "redis://:secret@h"}}).starts_with("REDIS_URL: has a well-known"));
}

TEST(SettingsTogether, KnowWeakKeys) {
    EXPECT_FALSE(is_weak_key(random_key));
    EXPECT_TRUE(is_weak_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));  // counting
    EXPECT_TRUE(is_weak_key("Y2hhbmdlbWUtY2hhbmdlbWUtY2hhbmdlbWUtMTIzNDU="));  // changeme-changeme-…
    EXPECT_TRUE(is_weak_key("dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIDE="));  // the quick brown fox…
}

TEST(SettingsTogether, KnowWeakPasswords) {
    for (const auto* text :
         {"password", "Password1", "CHANGEME!", "changeme2026", "12345678", "aaaaaaaaaaaa", "abababababab", "Sentinel_1"}) {
        EXPECT_TRUE(is_weak_password(text)) << text;
    }
    for (const auto* text : {"kLm83nQw-zP20x", "correct horse battery"}) EXPECT_FALSE(is_weak_password(text)) << text;
}

TEST(SettingsTogether, MustFit) {
    EXPECT_EQ(faults({{"CACHE_BACKEND", "redis"}}), "CACHE_BACKEND: is redis, which needs REDIS_ENABLED=true\n");
    EXPECT_EQ(faults({{"CACHE_BACKEND", "redis"}, {"REDIS_ENABLED", "true"}}), "");
    EXPECT_EQ(faults({{"SENTINEL_TLS_CERT_FILE", "c"}}), "TLS_KEY_FILE: is needed besides TLS_CERT_FILE\n");
    EXPECT_EQ(faults({{"SENTINEL_TLS_KEY_FILE", "k"}}), "TLS_CERT_FILE: is needed besides TLS_KEY_FILE\n");
    EXPECT_EQ(faults({{"SENTINEL_ADMIN_EMAIL", "a@b.example"}}), "ADMIN_PASSWORD: is needed besides ADMIN_EMAIL\n");
    EXPECT_EQ(faults({{"SENTINEL_ADMIN_EMAIL", "a@b.example"}, {"SENTINEL_ADMIN_PASSWORD", "kLm83nQw-zP"}}),
              "ADMIN_PASSWORD: is shorter than PASSWORD_MIN_LENGTH\n");
    EXPECT_EQ(faults({{"SENTINEL_DATABASE_OWNER_URL", outside}}), "DATABASE_OWNER_URL: is given without DATABASE_URL\n");
    EXPECT_TRUE(faults({{"DATABASE_SCHEMA", "other"}}).starts_with("DATABASE_SCHEMA: must be sentinel"));
    EXPECT_TRUE(faults({{"SENTINEL_MASTER_KEY", random_key}, {"SENTINEL_MASTER_KEY_COMMAND", "x"}})
                    .starts_with("MASTER_KEY_COMMAND: is given besides"));
    EXPECT_EQ(faults({{"SENTINEL_MAIL_URL", "smtp://h"}}), "MAIL_FROM: is needed besides MAIL_URL\n");
    EXPECT_EQ(faults({{"SENTINEL_MAX_IMPORT_KIB", "1023"}}), "MAX_IMPORT_KIB: is less than MAX_BODY_KIB\n");
    EXPECT_TRUE(
        faults({{"SENTINEL_ARGON2_MEMORY_KIB", "15"}, {"SENTINEL_ARGON2_PARALLELISM", "2"}}).starts_with("ARGON2_MEMORY_KIB: "));
}

}  // namespace
}  // namespace sentinel::config
