#include "engine/model.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sentinel::engine {
namespace {

template <class AnyId>
AnyId id(std::uint8_t number) {
    AnyId made;
    made.value.bytes[15] = number;
    return made;
}

TEST(Model, TiersHaveTheNamesOfThePages) {
    EXPECT_EQ(tier_text(Tier::core), "core");
    EXPECT_EQ(tier_text(Tier::platform_dynamic), "platform_dynamic");
    EXPECT_EQ(tier_text(Tier::tenant_specific), "tenant_specific");
}

TEST(Model, ValidityIncludesItsStartAndExcludesItsEnd) {
    const auto at = [](std::int64_t seconds) { return Instant{.seconds = seconds}; };
    const Validity window{.starts_at = at(10), .expires_at = at(20)};
    EXPECT_FALSE(window.holds_at(at(9)));
    EXPECT_TRUE(window.holds_at(at(10)));
    EXPECT_TRUE(window.holds_at(at(19)));
    EXPECT_FALSE(window.holds_at(at(20)));
    EXPECT_TRUE(Validity{}.holds_at(at(-1'000'000)));
    EXPECT_FALSE(Validity{.active = false}.holds_at(at(10)));
}

/// Puts two rows, replaces the first, removes the second; the revision counts each.
template <class Row, class Put, class Remove, class RowId>
void expect_put_and_remove(std::vector<Row> TenantPolicy::* rows, const Row& first, const Row& second, const Row& replacement,
                           const RowId& second_id) {
    TenantPolicy policy;
    apply(policy, Put{first});
    apply(policy, Put{second});
    EXPECT_EQ((policy.*rows).size(), 2U);
    apply(policy, Put{replacement});
    ASSERT_EQ((policy.*rows).size(), 2U);
    EXPECT_EQ((policy.*rows)[0].active, replacement.active);
    EXPECT_NE((policy.*rows)[1].active, replacement.active);
    apply(policy, Remove{second_id});
    ASSERT_EQ((policy.*rows).size(), 1U);
    EXPECT_EQ((policy.*rows)[0].id, replacement.id);
    apply(policy, Remove{second_id});
    EXPECT_EQ((policy.*rows).size(), 1U) << "removing what is absent has no effect";
    EXPECT_EQ(policy.revision, 6U);
}

template <class Row, class Put, class Remove>
void expect_put_and_remove(std::vector<Row> TenantPolicy::* rows) {
    using RowId = decltype(Row::id);
    Row first;
    first.id = id<RowId>(1);
    Row second;
    second.id = id<RowId>(2);
    Row replacement = first;
    replacement.active = false;
    expect_put_and_remove<Row, Put, Remove>(rows, first, second, replacement, second.id);
}

TEST(Apply, PutsReplacesAndRemovesEachKindOfRowById) {
    expect_put_and_remove<Resource, PutResource, RemoveResource>(&TenantPolicy::resources);
    expect_put_and_remove<FieldDefinition, PutField, RemoveField>(&TenantPolicy::fields);
    expect_put_and_remove<Permission, PutPermission, RemovePermission>(&TenantPolicy::permissions);
    expect_put_and_remove<Role, PutRole, RemoveRole>(&TenantPolicy::roles);
    expect_put_and_remove<Group, PutGroup, RemoveGroup>(&TenantPolicy::groups);
    Subject off{.id = {"a"}, .active = false};
    expect_put_and_remove<Subject, PutSubject, RemoveSubject>(&TenantPolicy::subjects, {.id = {"a"}}, {.id = {"b"}}, off,
                                                              SubjectId{"b"});
}

TEST(Apply, PutsReplacesAndRemovesGrants) {
    TenantPolicy policy;
    apply(policy, PutGrant{{.id = id<GrantId>(1), .actions = {"read"}}});
    apply(policy, PutGrant{{.id = id<GrantId>(1), .actions = {"write"}}});
    ASSERT_EQ(policy.grants.size(), 1U);
    EXPECT_EQ(policy.grants[0].actions.front(), "write");
    apply(policy, RemoveGrant{id<GrantId>(1)});
    EXPECT_TRUE(policy.grants.empty());
}

TEST(Apply, SetsWhetherTheTenantIsActive) {
    TenantPolicy policy;
    apply(policy, SetTenantActive{false});
    EXPECT_FALSE(policy.active);
    apply(policy, SetTenantActive{true});
    EXPECT_TRUE(policy.active);
    EXPECT_EQ(policy.revision, 3U);
}

}  // namespace
}  // namespace sentinel::engine
