#include "platform/crypto/master_key.hpp"

#include <gtest/gtest.h>

#include "core/encoding.hpp"
#include "platform/crypto/random.hpp"

namespace {

using namespace sentinel;
using namespace sentinel::crypto;
using platform::Secret;

constexpr KeyPlace place{"server_keys", "token", core::platform_tenant, "1"};

TEST(MasterKey, UnwrapsAtTheSamePlaceAlone) {
    const MasterKey master = MasterKey::generate();
    const std::string wrapped = master.wrap(Secret("a key of some sort"), place);
    EXPECT_EQ(master.unwrap(wrapped, place)->reveal(), "a key of some sort");
    core::TenantId other;
    other.value.bytes[15] = 1;
    for (const KeyPlace& elsewhere :
         {KeyPlace{"tenant_keys", "token", core::platform_tenant, "1"},
          KeyPlace{"server_keys", "audit", core::platform_tenant, "1"}, KeyPlace{"server_keys", "token", other, "1"},
          KeyPlace{"server_keys", "token", core::platform_tenant, "2"}}) {
        EXPECT_EQ(master.unwrap(wrapped, elsewhere).error(), OpenFault::forged);
    }
}

TEST(MasterKey, TellsAnotherMasterKeyFromDamage) {
    const MasterKey master = MasterKey::generate();
    std::string wrapped = master.wrap(Secret("key"), place);
    EXPECT_EQ(MasterKey::generate().unwrap(wrapped, place).error(), OpenFault::unknown_key);
    wrapped.back() = static_cast<char>(wrapped.back() ^ 1);
    EXPECT_EQ(master.unwrap(wrapped, place).error(), OpenFault::forged);
}

TEST(MasterKey, RewrapsForItsSuccessor) {
    const MasterKey old_key = MasterKey::generate();
    const MasterKey new_key = MasterKey::generate();
    const auto wrapped = rewrap(old_key.wrap(Secret("key"), place), place, old_key, new_key);
    EXPECT_EQ(new_key.unwrap(*wrapped, place)->reveal(), "key");
    EXPECT_FALSE(rewrap(*wrapped, place, old_key, new_key).has_value());
}

TEST(MasterKey, IsReadFromBase64) {
    const MasterKey master = MasterKey::generate();
    const auto again = MasterKey::parse(Secret(master.text().reveal() + "\n"));
    EXPECT_EQ(again->unwrap(master.wrap(Secret("key"), place), place)->reveal(), "key");
    for (const std::string& text :
         {std::string(), std::string("secret"), core::to_base64(std::string(31, 'x')), core::to_base64(std::string(33, 'x')),
          core::to_base64url(random_bytes(32)), master.text().reveal() + "\n\n", " " + master.text().reveal()}) {
        EXPECT_FALSE(MasterKey::parse(Secret(text)).has_value()) << text.size();
    }
}

TEST(MasterKey, KnowsWeakOnes) {
    std::string counting;
    for (int value = 0; value < 32; ++value) counting.push_back(static_cast<char>(3 * value + 250));
    for (const std::string& bytes :
         {std::string(32, '\0'), std::string(32, '\xFF'), counting, std::string("0123456789abcdef0123456789abcdef"),
          std::string("correct horse battery staple, ok"), random_bytes(8) + random_bytes(4) + std::string(20, 'x')}) {
        EXPECT_TRUE(MasterKey(Secret(bytes)).is_weak()) << core::to_hex(bytes);
    }
    for (int round = 0; round < 200; ++round) EXPECT_FALSE(MasterKey::generate().is_weak());
}

}  // namespace
