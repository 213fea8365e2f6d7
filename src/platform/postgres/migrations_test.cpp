#include "platform/postgres/migrations.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

namespace sentinel::postgres {
namespace {

std::string sha256_of(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::string out;
    for (const unsigned char byte : digest) out += fmt::format("{:02x}", byte);
    return out;
}

TEST(Migrations, AreThoseOfTheFolderWithTheirChecksums) {
    int version = 0;
    for (const Migration& migration : embedded_migrations()) {
        ++version;
        EXPECT_EQ(migration.version, version);
        std::ifstream file(fmt::format("{}/migrations/{:04}_{}.sql", SENTINEL_SOURCE_DIR, version, migration.name),
                           std::ios::binary);
        ASSERT_TRUE(file) << migration.name;
        const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        EXPECT_EQ(migration.text, text);
        EXPECT_EQ(migration.checksum, sha256_of(text));
    }
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(SENTINEL_SOURCE_DIR "/migrations")) {
        files += entry.path().extension() == ".sql" ? 1 : 0;
    }
    EXPECT_EQ(embedded_migrations().size(), files);
}

}  // namespace
}  // namespace sentinel::postgres
