#include "engine/merged_table.hpp"

#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sentinel::engine {
namespace {

using namespace testing;

/// What ann holds, merged.
struct Merging : ::testing::Test {
    MergedTable merged(Instant now = noon) {
        snapshot = tenant.snapshot();
        const Subjects& subjects = snapshot->subjects;
        return {*snapshot, *subjects.role_set(subjects.set_at(subjects.record(subjects.find("ann")), now)), now};
    }
    static Texts keys_of(const MergedTable& table) {
        Texts keys;
        for (const Entry& entry : table.entries()) keys.push_back(entry.compiled().source.key);
        return keys;
    }
    /// `name held_as` of each role.
    static Texts roles_of(const MergedTable& table) {
        Texts roles;
        for (const EffectiveRole& role : table.roles()) roles.push_back(role.name + " " + role.held_as);
        return roles;
    }
    static Texts texts_in(const json::Value& names) {
        Texts texts;
        for (const json::Value& name : *names.array()) texts.push_back(*name.text());
        return texts;
    }

    World tenant;
    SnapshotPointer snapshot;
};

TEST_F(Merging, EntriesStandInTheTotalOrder) {
    const RoleId strong = tenant.add_role("strong", 500).id;
    tenant.assign(strong);
    tenant.allow("*", "**").key = "all-1";
    tenant.allow("*", "**").key = "all-2";
    tenant.deny("*", "**").key = "all-deny";
    tenant.allow("app", "app/*").key = "type";
    tenant.allow("*", "/ops/*").key = "pattern";
    tenant.allow("*", "/ops").key = "node";
    tenant.allow("app", "app/x").key = "instance";
    tenant.permit(strong, "*", "**").key = "strong";
    tenant.deny("*", "**").key = "guardrail";
    tenant.policy.permissions.back().enforced = true;
    const MergedTable table = merged();
    EXPECT_EQ(keys_of(table),
              (Texts{"guardrail", "strong", "instance", "node", "pattern", "type", "all-deny", "all-1", "all-2"}));
    EXPECT_EQ(table.guardrails(), 1U);
}

TEST_F(Merging, AGuardrailOfALowRoleStandsBeforeThatOfNone) {
    const RoleId strong = tenant.add_role("strong", 500).id;
    tenant.assign(strong);
    for (const RoleId role : {tenant.viewer, strong}) {
        tenant.permit(role, "*", "**", Effect::deny).key = role == strong ? "strong" : "weak";
        tenant.policy.permissions.back().enforced = true;
    }
    EXPECT_EQ(keys_of(merged()), (Texts{"strong", "weak"}));
}

TEST_F(Merging, APermissionOfSeveralRolesCountsOnceAtTheHighestPriority) {
    const PermissionId shared = tenant.allow("*", "**").id;
    const RoleId second = tenant.add_role("second", 500).id;
    const RoleId third = tenant.add_role("third", 500).id;
    for (const RoleId role : {second, third}) {
        tenant.role(role).permissions.push_back(shared);
        tenant.assign(role);
    }
    const MergedTable table = merged();
    ASSERT_EQ(table.entries().size(), 1U);
    EXPECT_EQ(table.entries()[0].priority, 500);
    EXPECT_EQ(table.role(table.entries()[0].role).name, "second") << "the lowest id among roles of that priority";
}

TEST_F(Merging, RolesAreHeldInTheNearestWay) {
    Role& top = tenant.add_role("top", 900);
    Role& middle = tenant.add_role("middle", 800);
    middle.parent = top.id;
    Role& low = tenant.add_role("low", 700);
    low.parent = middle.id;
    Role& by_group = tenant.add_role("by-group", 600);
    Role& all = tenant.add_role("everyone", 500);
    all.everyone = true;
    all.parent = top.id;
    Group& crew = tenant.add_group("crew");
    crew.roles = {{by_group.id, {}}, {middle.id, {}}, {tenant.viewer, {}}};
    Group& apac = tenant.add_group("apac");
    apac.roles = {{by_group.id, {}}};
    crew.parent = apac.id;
    tenant.ann().groups.push_back({crew.id, {}});
    tenant.assign(low.id);
    EXPECT_EQ(roles_of(merged()), (Texts{"top inherited:everyone", "middle inherited:low", "low direct", "by-group group:apac",
                                         "everyone everyone", "viewer direct"}));
    EXPECT_EQ(texts_in(merged().role_names(0)), (Texts{"by-group", "low", "middle", "top", "viewer"})) << "but everyone";
    EXPECT_EQ(texts_in(merged().group_names()), (Texts{"apac", "crew"}));
}

TEST_F(Merging, InactiveRolesAndGroupsPassNothingOn) {
    Role& top = tenant.add_role("top", 900);
    Role& middle = tenant.add_role("middle", 800);
    middle.parent = top.id;
    middle.active = false;
    Role& low = tenant.add_role("low", 700);
    low.parent = middle.id;
    tenant.assign(low.id);
    tenant.assign(tenant.next<RoleId>());
    Group& outer = tenant.add_group("outer");
    outer.roles = {{top.id, {}}};
    Group& inner = tenant.add_group("inner");
    inner.parent = outer.id;
    inner.active = false;
    tenant.ann().groups.push_back({inner.id, {}});
    EXPECT_EQ(roles_of(merged()), (Texts{"low direct", "viewer direct"}));
    EXPECT_TRUE(texts_in(merged().group_names()).empty());
}

TEST_F(Merging, CyclesEndWhereTheyMeetThemselves) {
    Role& first = tenant.add_role("first", 900);
    Role& second = tenant.add_role("second", 800);
    first.parent = second.id;
    second.parent = first.id;
    Group& left = tenant.add_group("left");
    Group& right = tenant.add_group("right");
    left.parent = right.id;
    right.parent = left.id;
    tenant.assign(first.id);
    tenant.ann().groups = {{left.id, {}}};
    EXPECT_EQ(roles_of(merged()), (Texts{"first direct", "second inherited:first", "viewer direct"}));
    EXPECT_EQ(texts_in(merged().group_names()), (Texts{"left", "right"}));
}

TEST_F(Merging, AnAncestorsRolesKeepToTheirOwner) {
    Role far{.id = tenant.next<RoleId>(), .name = "far", .priority = 400, .parent = tenant.viewer};
    Role far_everyone{.id = tenant.next<RoleId>(), .name = "everyone", .priority = 300, .everyone = true};
    tenant.policy.ancestors.push_back({.id = tenant.next<TenantId>(), .roles = {far, far_everyone}});
    tenant.policy.inherit_permissions = true;
    tenant.ann().roles.clear();
    tenant.assign(far.id);
    tenant.assign(far_everyone.id);
    const MergedTable table = merged();
    EXPECT_EQ(roles_of(table), Texts{"far direct"}) << "neither our viewer by inheritance nor the ancestor's everyone";
    EXPECT_EQ(table.roles()[0].tenant, tenant.policy.ancestors[0].id);
    EXPECT_EQ(texts_in(table.role_names(0)), Texts{"far"});
    EXPECT_EQ(texts_in(table.role_names(1)), Texts{"far"});
    tenant.assign(tenant.viewer);
    EXPECT_EQ(texts_in(merged().role_names(0)), (Texts{"far", "viewer"}));
    EXPECT_EQ(texts_in(merged().role_names(1)), Texts{"far"}) << "an ancestor's permission sees that ancestor's roles only";
}

TEST_F(Merging, AGroupsAssignmentsBoundHowLongTheTableHolds) {
    Role& night = tenant.add_role("night", 900);
    Group& crew = tenant.add_group("crew");
    crew.roles.push_back({night.id, between("2026-01-05T10:00:00Z", "2026-01-05T14:00:00Z")});
    crew.roles.push_back({night.id, between("2026-01-05T08:00:00Z", "2026-01-05T13:00:00Z")});
    Validity off = between("2026-01-05T11:59:00Z", "2026-01-05T12:01:00Z");
    off.active = false;
    crew.roles.push_back({night.id, off});
    tenant.ann().groups = {{crew.id, {}}};
    const MergedTable table = merged();
    EXPECT_EQ(roles_of(table), (Texts{"night group:crew", "viewer direct"}));
    EXPECT_EQ(table.next_edge(), at("2026-01-05T13:00:00Z"));
    EXPECT_FALSE(table.holds_at(at("2026-01-05T09:59:59Z")));
    EXPECT_TRUE(table.holds_at(at("2026-01-05T10:00:00Z")));
    EXPECT_TRUE(table.holds_at(at("2026-01-05T12:59:59Z")));
    EXPECT_FALSE(table.holds_at(at("2026-01-05T13:00:00Z")));
    const MergedTable later = merged(at("2026-01-05T14:00:00Z"));
    EXPECT_EQ(roles_of(later), Texts{"viewer direct"});
    EXPECT_EQ(later.next_edge(), std::nullopt);
    EXPECT_TRUE(later.holds_at(at("2099-01-01T00:00:00Z")));
    EXPECT_FALSE(later.holds_at(at("2026-01-05T13:59:59Z")));
}

TEST_F(Merging, LeavesOutPermissionsThatAreInactiveOrUnknown) {
    tenant.allow("*", "**").active = false;
    tenant.role(tenant.viewer).permissions.push_back(tenant.next<PermissionId>());
    EXPECT_TRUE(merged().entries().empty());
}

// ---- tables of one action -------------------------------------------------------------------------------------------

Texts keys_at(const MergedTable& table, std::span<const Reach> reaches) {
    Texts keys;
    for (const Reach& reach : reaches) keys.push_back(table.entries()[reach.position].compiled().source.key);
    return keys;
}

TEST_F(Merging, AnActionTableListsByTypeInstanceAndBase) {
    const Resource& ops = tenant.add_resource("app", "ops");
    tenant.deny("*", "**").key = "all-deny";
    tenant.allow("*", "**").key = "all";
    tenant.allow("app", "app/*").key = "type";
    tenant.deny("app", "app/*").key = "type-deny";
    tenant.allow("vessel", "vessel/v1").key = "instance";
    tenant.allow("*", "/ops/**").key = "below";
    tenant.allow("*", "/*").key = "any-root";
    tenant.allow("page", "page/*").actions = {"write"};
    tenant.allow("page", "page/*").actions = {"*"};
    tenant.policy.permissions.back().key = "every-action";
    MergedTable table = merged();
    const std::size_t bytes_before = table.bytes();
    const ActionTable& read = table.action(snapshot->name("read"), *snapshot);
    EXPECT_GT(table.bytes(), bytes_before);
    EXPECT_EQ(&table.action(snapshot->name("read"), *snapshot), &read) << "made once";
    EXPECT_EQ(keys_at(table, read.of_type(snapshot->name("app"))), (Texts{"type-deny", "type", "all-deny", "all"}));
    EXPECT_EQ(keys_at(table, read.of_type(snapshot->name("page"))), (Texts{"every-action", "all-deny", "all"}));
    EXPECT_EQ(keys_at(table, read.of_type(snapshot->name("vessel"))), (Texts{"all-deny", "all"}));
    EXPECT_EQ(keys_at(table, read.of_type(no_name)), (Texts{"all-deny", "all"}));
    EXPECT_EQ(keys_at(table, read.of_instance("vessel", "v1")), Texts{"instance"});
    EXPECT_TRUE(read.of_instance("vessel", "v2").empty());
    EXPECT_EQ(keys_at(table, read.of_base(snapshot->tree.find(ops.id))), Texts{"below"});
    EXPECT_EQ(keys_at(table, read.of_base(no_node)), Texts{"any-root"});
    EXPECT_EQ(keys_at(table, table.action(no_name, *snapshot).of_type(snapshot->name("page"))), Texts{"every-action"});
}

TEST_F(Merging, AllStandsAlsoBeforeATypeOfLowerPriority) {
    const RoleId strong = tenant.add_role("strong", 500).id;
    tenant.assign(strong);
    tenant.permit(strong, "*", "**").key = "strong-all";
    tenant.allow("app", "app/*").key = "type";
    tenant.allow("page", "page/*").key = "page";
    tenant.allow("*", "**").key = "all";
    MergedTable table = merged();
    const ActionTable& read = table.action(snapshot->name("read"), *snapshot);
    EXPECT_EQ(keys_at(table, read.of_type(snapshot->name("app"))), (Texts{"strong-all", "type", "all"}));
    EXPECT_EQ(keys_at(table, read.of_type(snapshot->name("page"))), (Texts{"strong-all", "page", "all"}));
}

TEST_F(Merging, NotesTimeLeavesAndFieldsPerAction) {
    tenant.allow("app", "app/*").conditions = object(R"({"env.time": {"$timeOfDay": {"from": "08:00", "to": "17:00"}}})");
    tenant.allow("app", "app/*").fields[0]["name"] = field_read;
    tenant.policy.permissions.back().actions = {"write"};
    tenant.allow("app", "app/*").conditions = object(R"({"env.weekday": "mon"})");
    tenant.policy.permissions.back().actions = {"approve"};
    tenant.allow("app", "app/*").conditions = object(R"({"a": 1})");
    tenant.policy.permissions.back().actions = {"reject"};
    MergedTable table = merged();
    const auto of = [&](std::string_view action) -> const ActionTable& {
        return table.action(snapshot->name(action), *snapshot);
    };
    EXPECT_TRUE(of("read").has_time_leaf);
    EXPECT_FALSE(of("read").names_fields);
    EXPECT_TRUE(of("write").names_fields);
    EXPECT_FALSE(of("write").has_time_leaf);
    EXPECT_TRUE(of("approve").has_time_leaf);
    EXPECT_FALSE(of("reject").has_time_leaf);
}

}  // namespace
}  // namespace sentinel::engine
