#include "engine/snapshot.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include "engine/engine_testing.hpp"

namespace sentinel::engine {
namespace {

using namespace testing;

// ---- faults of build ------------------------------------------------------------------------------------------------

TEST(Build, TakesAnEmptyPolicy) {
    const SnapshotPointer snapshot = compiled({.revision = 12});
    EXPECT_EQ(revision_of(*snapshot), 12U);
    EXPECT_EQ(role_sets_of(*snapshot), 0U);
    EXPECT_TRUE(snapshot->action_names().empty());
    EXPECT_EQ(snapshot->grants_of("ann"), nullptr);
}

TEST(Build, TakesResourcesInAnyOrder) {
    World tenant;
    Resource& ops = tenant.add_resource("app", "ops");
    Resource& fleet = tenant.add_resource("service", "fleet", &ops);
    tenant.add_resource("vessel", "v1", &fleet);
    std::ranges::reverse(tenant.policy.resources);
    EXPECT_EQ(tenant.snapshot()->tree.size(), 3U);
}

TEST(Build, RefusesAnIdUsedTwice) {
    World tenant;
    Resource& ops = tenant.add_resource("app", "ops");
    tenant.add_resource("app", "other").id = ops.id;
    EXPECT_EQ(faults_of(tenant.policy), Texts{"/resources/1/id duplicate"});
}

TEST(Build, RefusesATypeAndCodeUsedTwiceWhereverTheyLie) {
    World tenant;
    Resource& ops = tenant.add_resource("app", "ops");
    tenant.add_resource("page", "ops", &ops);
    EXPECT_EQ(faults_of(tenant.policy), Texts{}) << "another type may bear the code";
    tenant.add_resource("app", "ops", &ops);
    EXPECT_EQ(faults_of(tenant.policy), Texts{"/resources/2/code duplicate"});
}

TEST(Build, RefusesCodesLikeUuidsAndTypesThatAreNone) {
    World tenant;
    tenant.add_resource("app", "0190A000-0000-7000-8000-000000000001");
    tenant.add_resource("App", "b");
    Texts faults = faults_of(tenant.policy);
    std::ranges::sort(faults);
    EXPECT_EQ(faults, (Texts{"/resources/0/code format", "/resources/1/type format"}));
}

TEST(Build, RefusesAParentThatDoesNotExist) {
    World tenant;
    Resource& ops = tenant.add_resource("app", "ops");
    ops.parent = tenant.next<ResourceId>();
    tenant.add_resource("app", "below", &ops);
    EXPECT_EQ(faults_of(tenant.policy), (Texts{"/resources/0/parent reference", "/resources/1/parent reference"}));
}

TEST(Build, RefusesCycles) {
    World tenant;
    Resource& first = tenant.add_resource("app", "a");
    Resource& second = tenant.add_resource("app", "b", &first);
    first.parent = second.id;
    Resource& own = tenant.add_resource("app", "c");
    own.parent = own.id;
    EXPECT_EQ(faults_of(tenant.policy),
              (Texts{"/resources/0/parent reference", "/resources/1/parent reference", "/resources/2/parent reference"}));
}

void add_chain(World& tenant, unsigned length, std::string_view stem = "r") {
    const Resource* above = nullptr;
    for (unsigned depth = 0; depth < length; ++depth)
        above = &tenant.add_resource("app", std::string(stem) + std::to_string(depth), above);
}

TEST(Build, TakesAChainOf32AndRefusesOneOf33) {
    World tenant;
    add_chain(tenant, 32);
    EXPECT_EQ(faults_of(tenant.policy), Texts{});
    tenant.add_resource("app", "too-deep", &tenant.policy.resources.back());
    EXPECT_EQ(faults_of(tenant.policy), Texts{"/resources/32/parent limit"});
}

TEST(Build, RefusesPrioritiesOutsideOf0To1000) {
    World tenant;
    tenant.add_role("low", 0);
    tenant.add_role("high", 1'000);
    EXPECT_EQ(faults_of(tenant.policy), Texts{});
    tenant.add_role("lower", -1);
    tenant.add_role("higher", 1'001);
    EXPECT_EQ(faults_of(tenant.policy), (Texts{"/roles/3/priority range", "/roles/4/priority range"}));
}

TEST(Build, NamesTheRowOfABadPermissionOrGrantAlsoInAnAncestor) {
    World tenant;
    tenant.allow("*", "**");
    tenant.allow("app", "**");
    tenant.grant("App", "**");
    Permission lent{.resource_type = "*", .resource_path = "**", .actions = {"read"}};
    lent.conditions = object(R"({"a": {"$foo": 1}})");
    AncestorTenant ancestor{.roles = {Role{.id = tenant.next<RoleId>(), .priority = 2'000}}, .permissions = {lent}};
    tenant.policy.inherit_permissions = true;
    tenant.policy.ancestors.push_back({.inherit_permissions = true});
    tenant.policy.ancestors.push_back(ancestor);
    EXPECT_EQ(faults_of(tenant.policy),
              (Texts{"/permissions/1/resource_type reference", "/ancestors/1/permissions/0/conditions/a/$foo format",
                     "/ancestors/1/roles/0/priority range", "/grants/0/resource_type format"}));
    tenant.policy.ancestors[0].inherit_permissions = false;
    EXPECT_EQ(faults_of(tenant.policy), (Texts{"/permissions/1/resource_type reference", "/grants/0/resource_type format"}))
        << "beyond a broken chain nothing is read";
}

// ---- changes --------------------------------------------------------------------------------------------------------

/// A tenant with something of everything. `apply` changes data and snapshot alike and compares.
struct Changing : ::testing::Test {
    Changing() {
        Role& parent = tenant.add_role("parent", 300);
        Role& worker = tenant.add_role("worker", 200);
        worker.parent = parent.id;
        Role& everyone = tenant.add_role("everyone", 0);
        everyone.everyone = true;
        tenant.permit(parent.id, "*", "/ops/fleet");
        tenant.permit(worker.id, "vessel", "vessel/v1", Effect::deny);
        tenant.permit(everyone.id, "page", "page/*");
        tenant.allow("*", "/ops/*/v1").actions = {"read", "write"};
        tenant.allow("*", "").resource_id = fleet.id;
        tenant.allow("*", "/ops/late/**");
        Group& group = tenant.add_group("crew");
        group.roles.push_back({worker.id, between("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")});
        tenant.policy.subjects.push_back({.id = {"ben"}, .groups = {{group.id, {}}}});
        tenant.policy.subjects.push_back({.id = {"cyd"}, .active = false, .roles = {{worker.id, {}}}});
        tenant.define("vessel", "name");
        tenant.grant("vessel", "vessel/v9").actions = {"write"};
        lend();
        snapshot = tenant.snapshot();
    }

    void lend() {
        AncestorTenant ancestor{.id = tenant.next<TenantId>()};
        lent_permission = {
            .id = tenant.next<PermissionId>(), .key = "lent", .resource_type = "*", .resource_path = "**", .actions = {"audit"}};
        lent_role = {.id = tenant.next<RoleId>(), .name = "lent", .priority = 50, .permissions = {lent_permission.id}};
        lent_field = {.id = tenant.next<FieldId>(), .entity_type = "vessel", .name = "flag"};
        platform_field = {.id = tenant.next<FieldId>(), .entity_type = "vessel", .name = "imo", .platform = true};
        ancestor.permissions.push_back(lent_permission);
        ancestor.roles.push_back(lent_role);
        ancestor.fields = {lent_field, platform_field};
        tenant.policy.ancestors.push_back(ancestor);
        tenant.policy.inherit_permissions = true;
        tenant.assign(lent_role.id);
    }

    /// Everything that can be asked about the policy, answered by a snapshot.
    std::vector<std::string> answers_of(const SnapshotPointer& asked) const {
        Evaluator evaluator(asked);
        std::vector<std::string> answers;
        for (const Question& question : questions()) {
            const auto explained = evaluator.explain(question, noon);
            std::string text = error_of(explained);
            if (explained) {
                const Answer& answer = explained->answer;
                text = std::string(reason_code_text(answer.reason_code)) + " " + candidates_of(*explained) + " ttl " +
                       std::to_string(answer.ttl) + matched_text(answer) + " fields";
                for (const auto& tier : answer.fields) {
                    for (const auto& [name, rights] : tier) text += " " + name + (rights.hidden ? "-" : rights.write ? "+" : "=");
                }
            }
            answers.push_back(question.subject.text + " " + question.action + " " + text);
        }
        return answers;
    }
    static std::string matched_text(const Answer& answer) {
        if (!answer.matched) return {};
        return " " + answer.matched->held_as + " at " +
               (answer.matched->resource ? answer.matched->resource->text() : "no place");
    }
    static std::vector<Question> questions() {
        std::vector<Question> all;
        const std::vector<ResourceReference> resources{
            by_path("service", "/ops/late"),
            by_id("barge", "v9"),
            by_id("app", "ops"),
            by_id("service", "fleet"),
            by_id("vessel", "v1"),
            by_id("vessel", "v9"),
            by_path("vessel", "/ops/fleet/v1"),
            by_path("vessel", "/ops/late/v1"),
            by_path("page", "/other/fleet"),
            by_id("page", "p"),
            below("vessel", "x", "ops"),
            new_below("vessel", "fleet"),
            of_type("vessel"),
            of_type("app"),
        };
        for (const char* subject : {"ann", "ben", "cyd", "dan"}) {
            for (const char* action : {"read", "write", "audit"}) {
                for (const ResourceReference& resource : resources) all.push_back({{subject}, action, resource, {}});
            }
        }
        return all;
    }

    /// Patched, built anew, and the old snapshot as it was.
    void change(const Change& step) {
        const std::vector<std::string> before = answers_of(snapshot);
        const SnapshotPointer next = patched(snapshot, {step});
        EXPECT_EQ(answers_of(snapshot), before) << "the old snapshot stays what it was";
        engine::apply(tenant.policy, step);
        const SnapshotPointer fresh = tenant.snapshot();
        EXPECT_EQ(answers_of(next), answers_of(fresh));
        EXPECT_EQ(next->action_names(), fresh->action_names());
        EXPECT_EQ(revision_of(*next), revision_of(*snapshot) + 1);
        EXPECT_EQ(role_sets_of(*next), role_sets_of(*fresh));
        snapshot = next;
    }
    /// The change must also change some answer.
    void telling_change(const Change& step) {
        const std::vector<std::string> before = answers_of(snapshot);
        change(step);
        EXPECT_NE(answers_of(snapshot), before) << "the change is to be seen";
    }

    World tenant;
    Resource& ops = tenant.add_resource("app", "ops");
    Resource& fleet = tenant.add_resource("service", "fleet", &ops);
    Resource& vessel = tenant.add_resource("vessel", "v1", &fleet);
    Resource& other = tenant.add_resource("app", "other");
    Permission lent_permission;
    Role lent_role;
    FieldDefinition lent_field;
    FieldDefinition platform_field;
    SnapshotPointer snapshot;
};

TEST_F(Changing, ResourcesComeAndGo) {
    Resource late{.id = tenant.next<ResourceId>(), .type = "service", .code = "late", .parent = ops.id};
    telling_change(PutResource{late});
    Resource registered{.id = tenant.next<ResourceId>(), .type = "vessel", .code = "v9", .parent = late.id};
    telling_change(PutResource{registered});
    telling_change(RemoveResource{registered.id});
    telling_change(RemoveResource{late.id});
    change(RemoveResource{late.id});
}

TEST_F(Changing, ResourcesAreRenamedAndSwitchedOff) {
    Resource renamed = vessel;
    renamed.code = "v9";
    telling_change(PutResource{renamed});
    const Resource on = ops;
    Resource off = on;
    off.active = false;
    telling_change(PutResource{off});
    telling_change(PutResource{on});
    Resource retyped = renamed;
    retyped.type = "barge";
    telling_change(PutResource{retyped});
}

TEST_F(Changing, ResourcesMoveWithAllBelow) {
    Resource moved = fleet;
    moved.parent = other.id;
    telling_change(PutResource{moved});
    moved.parent.reset();
    telling_change(PutResource{moved});
    moved.parent = ops.id;
    telling_change(PutResource{moved});
    Resource leaf = vessel;
    leaf.parent = ops.id;
    telling_change(PutResource{leaf});
}

TEST_F(Changing, ASecondBearerMakesALiteralAmbiguousUntilItGoes) {
    const Resource twin{.id = tenant.next<ResourceId>(), .type = "page", .code = "fleet", .parent = ops.id};
    telling_change(PutResource{twin});
    telling_change(RemoveResource{twin.id});
}

TEST_F(Changing, PermissionsRolesAndGroups) {
    Permission permission{.id = tenant.next<PermissionId>(),
                          .key = "new",
                          .resource_type = "app",
                          .resource_path = "app/*",
                          .actions = {"approve", "read"}};
    change(PutPermission{permission});
    Role role{.id = tenant.next<RoleId>(), .name = "new", .priority = 900, .permissions = {permission.id}, .everyone = true};
    telling_change(PutRole{role});
    permission.effect = Effect::deny;
    telling_change(PutPermission{permission});
    telling_change(RemovePermission{permission.id});
    change(RemovePermission{permission.id});
    telling_change(PutPermission{permission});
    telling_change(RemoveRole{role.id});
    change(RemoveRole{role.id});

    Group crew = tenant.policy.groups.front();
    Group fresh{.id = tenant.next<GroupId>(), .name = "fresh", .roles = {{tenant.viewer, {}}}};
    change(PutGroup{fresh});
    crew.parent = fresh.id;
    telling_change(PutGroup{crew});
    telling_change(RemoveGroup{crew.id});
    change(RemoveGroup{crew.id});
}

TEST_F(Changing, SubjectsGrantsFieldsAndTheTenantItself) {
    telling_change(PutSubject{{.id = {"dan"}, .roles = {{tenant.viewer, {}}}}});
    telling_change(PutSubject{{.id = {"dan"}, .active = false}});
    telling_change(RemoveSubject{{"dan"}});
    change(RemoveSubject{{"dan"}});

    Grant grant{
        .id = tenant.next<GrantId>(), .subject = {"ben"}, .resource_type = "*", .resource_path = "**", .actions = {"audit"}};
    telling_change(PutGrant{grant});
    Grant second = grant;
    second.id = tenant.next<GrantId>();
    second.actions = {"write"};
    telling_change(PutGrant{second});
    grant.subject = {"ann"};
    telling_change(PutGrant{grant});
    telling_change(RemoveGrant{grant.id});
    telling_change(RemoveGrant{second.id});
    change(RemoveGrant{second.id});

    FieldDefinition field{
        .id = tenant.next<FieldId>(), .entity_type = "vessel", .name = "length", .default_visibility = field_write};
    telling_change(PutField{field});
    telling_change(RemoveField{field.id});
    change(RemoveField{field.id});

    telling_change(SetTenantActive{false});
    telling_change(SetTenantActive{true});
}

TEST_F(Changing, AnAncestorsRowsAreNotOursToRemove) {
    change(RemovePermission{lent_permission.id});
    change(RemoveRole{lent_role.id});
    change(RemoveField{lent_field.id});
    change(RemoveField{platform_field.id});
    EXPECT_NE(snapshot->roles.get(lent_role.id), nullptr);
}

TEST_F(Changing, AnOwnPlatformWideFieldMayBeRemoved) {
    FieldDefinition field{.id = tenant.next<FieldId>(), .entity_type = "vessel", .name = "wide", .platform = true};
    telling_change(PutField{field});
    telling_change(RemoveField{field.id});
}

TEST_F(Changing, SeveralChangesHoldTogetherOrNotAtAll) {
    Resource late{.id = tenant.next<ResourceId>(), .type = "service", .code = "late", .parent = ops.id};
    const std::vector<Change> good{PutResource{late}, SetTenantActive{false}, SetTenantActive{true}};
    EXPECT_EQ(revision_of(*patched(snapshot, good)), revision_of(*snapshot) + 3);
    const std::vector<Change> bad{PutResource{late}, PutRole{{.id = tenant.next<RoleId>(), .priority = -1}}};
    const auto refused = engine::apply(snapshot, bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(texts_of(refused.error()), Texts{"/1/priority range"});
    EXPECT_EQ(snapshot->tree.find(late.id), no_node);
}

// ---- faults of changes ----------------------------------------------------------------------------------------------

TEST_F(Changing, RefusesWhatBuildRefuses) {
    const Resource next{.id = tenant.next<ResourceId>(), .type = "app", .code = "next"};
    const auto with = [&](auto field, auto value) {
        Resource changed = next;
        changed.*field = value;
        return faults_of(snapshot, PutResource{changed});
    };
    EXPECT_EQ(with(&Resource::code, "ops"), Texts{"/0/code duplicate"});
    EXPECT_EQ(with(&Resource::code, "0190a000-0000-7000-8000-000000000001"), Texts{"/0/code format"});
    EXPECT_EQ(with(&Resource::type, "App"), Texts{"/0/type format"});
    EXPECT_EQ(with(&Resource::parent, tenant.next<ResourceId>()), Texts{"/0/parent reference"});
    EXPECT_EQ(with(&Resource::parent, fleet.id), Texts{});

    Resource cycle = ops;
    cycle.parent = vessel.id;
    EXPECT_EQ(faults_of(snapshot, PutResource{cycle}), Texts{"/0/parent cycle"});
    cycle.parent = cycle.id;
    EXPECT_EQ(faults_of(snapshot, PutResource{cycle}), Texts{"/0/parent cycle"});
    EXPECT_EQ(faults_of(snapshot, RemoveResource{fleet.id}), Texts{"/0/id conflict"});
    EXPECT_EQ(faults_of(snapshot, PutPermission{{.resource_type = "*", .resource_path = "**"}}), Texts{"/0/actions limit"});
    EXPECT_EQ(faults_of(snapshot, PutGrant{{.resource_type = "*", .resource_path = ""}}), Texts{"/0/resource_path required"});
}

TEST(Moving, CountsTheWholeSubtreeAgainstTheDepth) {
    World tenant;
    add_chain(tenant, 30, "r");
    add_chain(tenant, 3, "s");
    const SnapshotPointer snapshot = tenant.snapshot();
    const auto moved_below = [&](std::size_t depth) {
        Resource top = tenant.policy.resources[30];
        top.parent = tenant.policy.resources[depth].id;
        const Texts patched_faults = faults_of(snapshot, PutResource{top});
        TenantPolicy policy = tenant.policy;
        policy.resources[30] = top;
        EXPECT_EQ(patched_faults.empty(), faults_of(policy).empty()) << "a move is refused exactly when the whole would be";
        return patched_faults;
    };
    EXPECT_EQ(moved_below(28), Texts{});
    EXPECT_EQ(moved_below(29), Texts{"/0/parent limit"});
}

// ---- what a snapshot knows --------------------------------------------------------------------------------------------

TEST_F(Changing, KnowsTheNamesThatThePolicyBears) {
    for (const char* name : {"read", "write", "audit", "vessel", "service"}) EXPECT_NE(snapshot->name(name), no_name) << name;
    EXPECT_EQ(snapshot->name("fly"), no_name);
    EXPECT_EQ(snapshot->action_names(), (Texts{"audit", "read", "write"}));
    EXPECT_EQ(snapshot->owners.size(), 2U);
}

TEST_F(Changing, MergedTablesStayValidWhereOnlySubjectsGrantsOrAttributesChange) {
    Resource same = vessel;
    same.attributes.set("x", 1);
    const SnapshotPointer next =
        patched(snapshot, {PutSubject{{.id = {"dan"}}}, RemoveGrant{tenant.policy.grants.front().id}, PutResource{same}});
    EXPECT_EQ(next->merge_generation, snapshot->merge_generation);
    EXPECT_NE(patched(snapshot, {RemoveGroup{tenant.policy.groups.front().id}})->merge_generation, snapshot->merge_generation);
}

// ---- memory ---------------------------------------------------------------------------------------------------------

TEST_F(Changing, BytesReturnToWhatTheyWereWhenWhatCameGoes) {
    Role role{.id = tenant.next<RoleId>(), .name = "a role with a rather long name", .priority = 1};
    role.name.reserve(1'000);
    role.permissions.resize(10);
    role.permissions.reserve(500);
    Group group{.id = tenant.next<GroupId>(), .name = "a group with a rather long name", .roles = {{role.id, {}}}};
    group.roles.reserve(500);
    Permission permission{
        .id = tenant.next<PermissionId>(), .resource_type = "*", .resource_path = "/ops/late", .actions = {"read"}};
    Permission waiting{.id = tenant.next<PermissionId>(), .resource_type = "*", .actions = {"read"}};
    const Resource late{.id = tenant.next<ResourceId>(), .type = "service", .code = "late", .parent = ops.id};
    waiting.resource_id = late.id;
    const Grant grant{
        .id = tenant.next<GrantId>(), .subject = {"ann"}, .resource_type = "*", .resource_path = "/a", .actions = {"read"}};
    const Subject dan{.id = {"dan"}, .attributes = {{"x", "y"}}, .roles = {{role.id, {}}}};
    const FieldDefinition field{.id = tenant.next<FieldId>(), .entity_type = "vessel", .name = "length"};

    // Once there and gone, so that names and places that are kept for good are there before.
    const auto come_and_go = [&](const SnapshotPointer& from) {
        const SnapshotPointer full =
            patched(from, {PutPermission{waiting}, PutPermission{permission}, PutRole{role}, PutRole{role}, PutGroup{group},
                           PutGroup{group}, PutResource{late}, PutGrant{grant}, PutSubject{dan}, PutField{field}});
        EXPECT_GT(bytes_of(*full), bytes_of(*from));
        return patched(
            full, {RemovePermission{waiting.id}, RemoveResource{late.id}, RemovePermission{permission.id}, RemoveRole{role.id},
                   RemoveGroup{group.id}, RemoveGrant{grant.id}, RemoveSubject{dan.id}, RemoveField{field.id}});
    };
    const SnapshotPointer once = come_and_go(snapshot);
    const SnapshotPointer twice = come_and_go(once);
    EXPECT_EQ(bytes_of(*twice), bytes_of(*once));
}

// The sanitizers' allocators keep no mallinfo.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

std::size_t bytes_in_use() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// Roles, groups and people as in a company; `size` people.
TenantPolicy company(unsigned size) {
    World tenant;
    TenantPolicy& policy = tenant.policy;
    for (unsigned number = 0; number < size / 10; ++number) {
        Resource resource{.id = tenant.next<ResourceId>(), .type = "vessel", .code = "vessel-" + std::to_string(number)};
        resource.attributes = json::Object{{"flag", "NL"}, {"length", static_cast<int>(number)}};
        policy.resources.push_back(std::move(resource));
    }
    for (unsigned number = 0; number < 100; ++number) {
        Permission permission{
            .id = tenant.next<PermissionId>(), .resource_type = "*", .resource_path = "/vessel-" + std::to_string(number)};
        permission.actions = {"read", "update"};
        permission.conditions = object(R"({"user.team": "blue", "length": {"$gte": 10}})");
        Role role{.id = tenant.next<RoleId>(),
                  .name = "role-" + std::to_string(number),
                  .priority = 10,
                  .permissions = {permission.id}};
        policy.permissions.push_back(std::move(permission));
        policy.roles.push_back(std::move(role));
    }
    for (unsigned number = 0; number < size; ++number) {
        core::Uuid uuid;
        uuid.bytes[0] = 1;
        uuid.bytes[14] = static_cast<std::uint8_t>(number >> 8);
        uuid.bytes[15] = static_cast<std::uint8_t>(number);
        Subject subject{.id = {uuid.text()}, .email_domain = "psl.example"};
        subject.attributes = json::Object{{"team", number % 2 == 0 ? "blue" : "red"}, {"level", static_cast<int>(number % 7)}};
        for (unsigned held = 0; held < 3; ++held) subject.roles.push_back({policy.roles[1 + (number * (held + 1)) % 100].id, {}});
        policy.subjects.push_back(std::move(subject));
    }
    return policy;
}

TEST(Bytes, AreThoseThatMallocGaveWithinAFactor) {
    for (const unsigned size : {2'000U, 20'000U}) {
        const TenantPolicy policy = company(size);
        const std::size_t before = bytes_in_use();
        SnapshotPointer snapshot = compiled(policy);
        const double measured = static_cast<double>(bytes_in_use() - before);
        const double counted = static_cast<double>(bytes_of(*snapshot));
        EXPECT_GT(counted, measured * 0.6) << size << " subjects, " << measured << " bytes measured";
        EXPECT_LT(counted, measured * 1.6) << size << " subjects, " << measured << " bytes measured";

        const std::size_t full = bytes_in_use();
        std::vector<Change> removals;
        for (const Subject& subject : policy.subjects) removals.push_back(RemoveSubject{subject.id});
        for (const Resource& resource : policy.resources) removals.push_back(RemoveResource{resource.id});
        const SnapshotPointer emptier = patched(snapshot, removals);
        std::vector<Change>().swap(removals);
        EXPECT_LT(bytes_of(*emptier), bytes_of(*snapshot)) << "what went is no longer counted";
        snapshot.reset();
        EXPECT_LT(bytes_in_use(), full) << "and given back";
    }
}

#endif

}  // namespace
}  // namespace sentinel::engine
