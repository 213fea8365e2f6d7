#include "app/access_matrix.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sentinel::app {
namespace {

TEST(AccessMatrix, EachDistinctSetBecomesOneRoleInTheOrderOfItsFirstUser) {
    const auto document = read_access_matrix("zoe p2\nann p1\n\nzoe\tp1\r\nbob p1\nzoe p2\ncid p1\ncid  p2\n", "T");
    ASSERT_TRUE(document);
    ASSERT_EQ(document->roles.size(), 2U);
    EXPECT_EQ(document->roles.at("role-00001").permissions, (std::vector<std::string>{"entitlement/p1", "entitlement/p2"}));
    EXPECT_EQ(document->roles.at("role-00002").permissions, (std::vector<std::string>{"entitlement/p1"}));
    for (const auto& [user, role] : std::vector<std::pair<std::string, std::string>>{
             {"zoe", "role-00001"}, {"ann", "role-00002"}, {"bob", "role-00002"}, {"cid", "role-00001"}}) {
        ASSERT_EQ(document->users.at(user).roles.size(), 1U) << user;
        EXPECT_EQ(document->users.at(user).roles.front().name, role) << user;
    }
}

TEST(AccessMatrix, APermissionAllowsAccessOnItsEntitlementAlone) {
    const auto document = read_access_matrix("ann P:Read\n", "T");
    ASSERT_TRUE(document);
    ASSERT_EQ(document->permissions.size(), 1U);
    const auto& [key, permission] = *document->permissions.begin();
    EXPECT_EQ(key, "permission-00001");
    EXPECT_EQ(permission.target.resource_type, "entitlement");
    EXPECT_EQ(permission.target.resource_path, "entitlement/P:Read");
    EXPECT_EQ(permission.actions, std::vector<std::string>{"access"});
    EXPECT_EQ(permission.effect, engine::Effect::allow);
}

TEST(AccessMatrix, WhatIsNoPairIsRefusedWithItsLine) {
    for (const std::string line : {"ann", "ann p1 p2", "ann *", "ann **", "ann p/q", "ann p/", "\xFF p1", "ann \xFF",
                                   "a\u202En p1", "a\x07n p1", "a\u0085n p1", "\uFEFFann p1", "ann p\u200B"}) {
        const auto document = read_access_matrix("ok p\n" + line + "\n", "T");
        ASSERT_FALSE(document) << line;
        EXPECT_EQ(document.error().line, 2U) << line;
    }
    EXPECT_FALSE(read_access_matrix(std::string(256, 'u') + " p", "T"));
    EXPECT_TRUE(read_access_matrix(std::string(255, 'u') + " p", "T"));
    EXPECT_FALSE(read_access_matrix("u " + std::string(256, 'p'), "T"));
    EXPECT_TRUE(read_access_matrix("u " + std::string(255, 'p'), "T"));
}

TEST(AccessMatrix, AByteOrderMarkIsRefusedByName) {
    const auto document = read_access_matrix("\uFEFFann p1\n", "T");
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().line, 1U);
    EXPECT_EQ(document.error().message, "begins with a byte order mark");
}

}  // namespace
}  // namespace sentinel::app
