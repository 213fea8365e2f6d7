#include "platform/crypto/key_ring.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/random.hpp"

namespace {

using namespace sentinel;
using namespace sentinel::crypto;

core::TenantId tenant_of(std::uint8_t number) {
    core::TenantId tenant;
    tenant.value.bytes[15] = number;
    return tenant;
}

std::vector<WrappedServerKey> server_rows(const MasterKey& master) {
    std::vector<WrappedServerKey> rows;
    for (const ServerKeyPurpose purpose : all_server_key_purposes) rows.push_back(make_server_key(master, purpose, 1));
    return rows;
}

class KeyRings : public testing::Test {
protected:
    KeyRing load(const NewTenantKeys& keys, core::TenantId tenant) {
        return KeyRing::load(master_, *server_, tenant, keys.keys, keys.salt_encrypted).value();
    }
    MasterKey master_ = MasterKey::generate();
    std::vector<WrappedServerKey> server_rows_ = server_rows(master_);
    std::optional<ServerKeys> server_ = ServerKeys::load(master_, server_rows_).value();
    NewTenantKeys keys_ = make_tenant_keys(master_, tenant_of(1));
    core::Uuid row_ = tenant_of(77).value;
};

TEST_F(KeyRings, BindAValueToItsPlace) {
    const KeyRing ring = load(keys_, tenant_of(1));
    const std::string sealed = ring.seal({"users", "email_encrypted", row_}, "a@b.example");
    EXPECT_EQ(ring.open({"users", "email_encrypted", row_}, sealed), "a@b.example");
    EXPECT_EQ(ring.open({"users", "attributes_encrypted", row_}, sealed).error(), OpenFault::forged);
    EXPECT_EQ(ring.open({"sessions", "email_encrypted", row_}, sealed).error(), OpenFault::forged);
    EXPECT_EQ(ring.open({"users", "email_encrypted", core::Uuid{}}, sealed).error(), OpenFault::forged);
    EXPECT_EQ(ring.open({"usersemail", "_encrypted", row_}, sealed).error(), OpenFault::forged);
}

TEST_F(KeyRings, OfTwoTenantsShareNothing) {
    const KeyRing first = load(keys_, tenant_of(1));
    const KeyRing second = load(make_tenant_keys(master_, tenant_of(2)), tenant_of(2));
    EXPECT_FALSE(same(first.index("users.email", "a"), second.index("users.email", "a").text()));
    EXPECT_FALSE(same(first.hash("srt_", "a"), second.hash("srt_", "a").text()));
    const std::string sealed = first.seal({"users", "email_encrypted", row_}, "text");
    EXPECT_EQ(second.open({"users", "email_encrypted", row_}, sealed).error(), OpenFault::forged);
    const auto foreign = KeyRing::load(master_, *server_, tenant_of(2), keys_.keys, keys_.salt_encrypted);
    EXPECT_EQ(foreign.error(), "data key version 1 of tenant 00000000-0000-0000-0000-000000000002 does not open (damaged)");
}

TEST_F(KeyRings, IndexAndHashDependOnTheirDomain) {
    const KeyRing ring = load(keys_, tenant_of(1));
    EXPECT_TRUE(same(ring.index("users.email", "a"), ring.index("users.email", "a").text()));
    EXPECT_FALSE(same(ring.index("users.email", "a"), ring.index("users.emai", "la").text()));
    EXPECT_FALSE(same(ring.hash("users.email", "a"), ring.index("users.email", "a").text()));
    EXPECT_TRUE(ring.matches("srt_", "text", ring.hash("srt_", "text").text()));
    EXPECT_FALSE(ring.matches("srp_", "text", ring.hash("srt_", "text").text()));
    EXPECT_FALSE(ring.matches("srt_", "text", ""));
}

TEST_F(KeyRings, RotateWithoutLosingWhatWasSealed) {
    const std::string sealed = load(keys_, tenant_of(1)).seal({"users", "email_encrypted", row_}, "text");
    keys_.keys.push_back(make_tenant_key(master_, tenant_of(1), TenantKeyPurpose::data, 2));
    keys_.keys[0].retired = true;
    const KeyRing rotated = load(keys_, tenant_of(1));
    EXPECT_EQ(rotated.open({"users", "email_encrypted", row_}, sealed), "text");
    EXPECT_EQ(sealed_version(rotated.seal({"users", "email_encrypted", row_}, "text")), 2U);
    EXPECT_EQ(rotated.data_version(), 2U);
}

TEST_F(KeyRings, CannotOpenOnceAKeyIsDestroyed) {
    const KeyRing before = load(keys_, tenant_of(1));
    const std::string sealed = before.seal({"users", "email_encrypted", row_}, "text");
    keys_.keys.push_back(make_tenant_key(master_, tenant_of(1), TenantKeyPurpose::data, 2));
    const std::string salt = keys_.salt_encrypted;
    keys_.keys.erase(keys_.keys.begin());
    const auto erased = KeyRing::load(master_, *server_, tenant_of(1), keys_.keys, salt);
    EXPECT_EQ(erased.error(), "the salt of tenant 00000000-0000-0000-0000-000000000001 does not open (unknown_key)");
    keys_.keys.clear();
    EXPECT_FALSE(KeyRing::load(master_, *server_, tenant_of(1), keys_.keys, salt).has_value());
}

TEST_F(KeyRings, HashesOfAnOlderTokenKeyStayValid) {
    const std::string stored = load(keys_, tenant_of(1)).hash("srt_", "text").text();
    server_rows_.push_back(make_server_key(master_, ServerKeyPurpose::token, 2));
    server_ = ServerKeys::load(master_, server_rows_).value();
    const KeyRing ring = load(keys_, tenant_of(1));
    EXPECT_FALSE(same(ring.hash("srt_", "text"), stored));
    EXPECT_TRUE(ring.matches("srt_", "text", stored));
}

TEST_F(KeyRings, SurviveAChangeOfTheMasterKey) {
    const KeyRing before = load(keys_, tenant_of(1));
    const std::string sealed = before.seal({"users", "email_encrypted", row_}, "text");
    const MasterKey successor = MasterKey::generate();
    for (auto& row : keys_.keys) row = rewrap(row, tenant_of(1), master_, successor).value();
    std::vector<WrappedServerKey> servers;
    for (const auto& row : server_rows_) servers.push_back(rewrap(row, master_, successor).value());
    const auto after =
        KeyRing::load(successor, ServerKeys::load(successor, servers).value(), tenant_of(1), keys_.keys, keys_.salt_encrypted);
    EXPECT_EQ(after->open({"users", "email_encrypted", row_}, sealed), "text");
    EXPECT_TRUE(same(after->hash("srt_", "a"), before.hash("srt_", "a").text()));
    EXPECT_TRUE(same(after->index("users.email", "a"), before.index("users.email", "a").text()));
}

}  // namespace
