#include "platform/crypto/server_keys.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sentinel::crypto;

std::vector<WrappedServerKey> rows_of(const MasterKey& master) {
    std::vector<WrappedServerKey> rows;
    for (const ServerKeyPurpose purpose : all_server_key_purposes) rows.push_back(make_server_key(master, purpose, 1));
    return rows;
}

TEST(ServerKeys, PurposesHaveTheirTexts) {
    for (const ServerKeyPurpose purpose : all_server_key_purposes) EXPECT_EQ(parse_server_key_purpose(text_of(purpose)), purpose);
    EXPECT_EQ(parse_server_key_purpose("tokens"), std::nullopt);
}

TEST(ServerKeys, KeepEveryVersionAndMakeWithTheNewest) {
    const MasterKey master = MasterKey::generate();
    auto rows = rows_of(master);
    const auto first = ServerKeys::load(master, rows);
    rows.insert(rows.begin(), make_server_key(master, ServerKeyPurpose::cursor, 2));
    const auto second = ServerKeys::load(master, rows);
    EXPECT_EQ(second->current_version(ServerKeyPurpose::cursor), 2U);
    EXPECT_EQ(second->current_version(ServerKeyPurpose::audit), 1U);
    const Digest made = first->current(ServerKeyPurpose::cursor).mac("cursor");
    EXPECT_FALSE(second->current(ServerKeyPurpose::cursor).verify("cursor", made.view()));
    EXPECT_TRUE(second->find(ServerKeyPurpose::cursor, 1)->verify("cursor", made.view()));
    EXPECT_EQ(second->find(ServerKeyPurpose::cursor, 3), nullptr);
    EXPECT_FALSE(second->current(ServerKeyPurpose::audit).verify("cursor", made.view()));
}

TEST(ServerKeys, SurviveAChangeOfTheMasterKey) {
    const MasterKey old_key = MasterKey::generate();
    const MasterKey new_key = MasterKey::generate();
    const auto rows = rows_of(old_key);
    std::vector<WrappedServerKey> rewrapped;
    for (const auto& row : rows) rewrapped.push_back(rewrap(row, old_key, new_key).value());
    const auto before = ServerKeys::load(old_key, rows);
    const auto after = ServerKeys::load(new_key, rewrapped);
    const Digest made = before->current(ServerKeyPurpose::audit).mac("record");
    EXPECT_TRUE(after->current(ServerKeyPurpose::audit).verify("record", made.view()));
    EXPECT_EQ(ServerKeys::load(new_key, rows).error(), "server key token version 1 does not open (another master key)");
}

TEST(ServerKeys, NameWhatIsMissingOrMoved) {
    const MasterKey master = MasterKey::generate();
    auto rows = rows_of(master);
    std::swap(rows[0].wrapped, rows[1].wrapped);
    EXPECT_EQ(ServerKeys::load(master, rows).error(), "server key token version 1 does not open (damaged)");
    std::swap(rows[0].wrapped, rows[1].wrapped);
    rows.pop_back();
    EXPECT_EQ(ServerKeys::load(master, rows).error(), "there is no server key incoming_state");
}

}  // namespace
