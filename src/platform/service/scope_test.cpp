#include "platform/service/scope.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sentinel::platform;

ScopeSet set_of(std::initializer_list<Scope> scopes) {
    ScopeSet set;
    for (const Scope scope : scopes) set.add(scope);
    return set;
}

TEST(Scope, TextAndParseAreInverse) {
    for (std::size_t index = 0; index < scope_count; ++index) {
        const auto scope = static_cast<Scope>(index);
        EXPECT_EQ(parse_scope(text_of(scope)), scope) << text_of(scope);
    }
    EXPECT_EQ(parse_scope("user:Admin"), std::nullopt);
    EXPECT_EQ(parse_scope("user"), std::nullopt);
    EXPECT_EQ(parse_scope(""), std::nullopt);
}

TEST(Scope, AHigherLevelIncludesTheLowerOnesOfItsFamilyAlone) {
    const ScopeSet admin = set_of({Scope::user_admin});
    EXPECT_TRUE(admin.has(Scope::user_read));
    EXPECT_TRUE(admin.has(Scope::user_write));
    EXPECT_FALSE(admin.has(Scope::service_account_read));
    EXPECT_FALSE(set_of({Scope::role_admin}).has(Scope::user_read));
    EXPECT_FALSE(set_of({Scope::user_read}).has(Scope::user_write));
    EXPECT_FALSE(set_of({Scope::platform_admin}).has(Scope::system_read));
}

TEST(Scope, CheckIsWithinReadAndSimulateWithinWrite) {
    EXPECT_EQ(set_of({Scope::permission_read}).texts(), (std::vector<std::string>{"permission:check", "permission:read"}));
    EXPECT_TRUE(set_of({Scope::permission_write}).has(Scope::permission_simulate));
    EXPECT_FALSE(set_of({Scope::permission_read}).has(Scope::permission_simulate));
    EXPECT_EQ(set_of({Scope::permission_simulate}).texts(), (std::vector<std::string>{"permission:simulate"}));
    EXPECT_EQ(set_of({Scope::permission_check}).texts(), (std::vector<std::string>{"permission:check"}));
}

TEST(Scope, SetsUniteCutAndCompare) {
    const ScopeSet both = set_of({Scope::user_read, Scope::role_write});
    EXPECT_TRUE(both.includes(set_of({Scope::role_read})));
    EXPECT_FALSE(both.includes(set_of({Scope::role_admin})));
    EXPECT_EQ(both.cut_to(set_of({Scope::role_admin})).texts(), (std::vector<std::string>{"role:read", "role:write"}));
    EXPECT_EQ(set_of({Scope::user_read}).united(set_of({Scope::role_write})), both);
}

}  // namespace
