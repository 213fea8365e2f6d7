/// Sections 1, 2 and 3 of decision-semantics.md, clause by clause, on small tenants made by hand.

#include "engine/reference/test_tenant.hpp"

namespace sentinel::engine::reference {
namespace {

/// app `ops` > service `fleet` > (entity vessel `v1`, page `v1`); a second app `shore`.
struct Fleet : Tenant {
    Resource& ops = add_resource("app", "ops");
    Resource& fleet = add_resource("service", "fleet", &ops);
    Resource& vessel = add_resource("vessel", "v1", &fleet);
    Resource& page = add_resource("page", "v1", &fleet);
    Resource& shore = add_resource("app", "shore");
};

std::string upper(std::string text) {
    for (char& letter : text) letter = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
    return text;
}

// ---- section 1: form -----------------------------------------------------------------------------------------------

TEST(ReferenceQuestion, ChecksFormInOrderBeforeAnythingElse) {
    const Fleet tenant;
    Question question{{""}, "Read", {"App", "", {}, {}, {}}, object(R"({"time": "soon"})")};
    const auto ask = [&] { return error_of(check(tenant.policy, question, noon)); };
    EXPECT_EQ(ask(), "malformed /user_id");
    question.subject.text = std::string(256, 'a');
    EXPECT_EQ(ask(), "malformed /user_id");
    question.subject.text = "\xff";
    EXPECT_EQ(ask(), "malformed /user_id");
    question.subject.text = "nobody";
    EXPECT_EQ(ask(), "malformed /action");
    question.action = "*";
    EXPECT_EQ(ask(), "malformed /action");
    question.action = "read";
    EXPECT_EQ(ask(), "malformed /resource/type");
    question.resource.type = "app";
    EXPECT_EQ(ask(), "malformed /resource/id");
    question.resource.id = "ops";
    question.resource.path = "/ops";
    EXPECT_EQ(ask(), "malformed /resource/path");
    question.resource.id.reset();
    question.resource.parent = "shore";
    EXPECT_EQ(ask(), "malformed /resource/parent");
    question.resource.path.reset();
    EXPECT_EQ(ask(), "malformed /context/time");
    question.context = object(R"({"time": "2026-01-05T10:00:00Z"})");
    EXPECT_EQ(error_of(check(tenant.policy, question, noon, {.may_override_time = false})), "forbidden /context/time");
    EXPECT_EQ(ask(), "not_found /user_id");
    question.subject.text = "ann";
    EXPECT_EQ(ask(), "answered");
}

TEST(ReferenceQuestion, TakesOnlyCanonicalPaths) {
    const Fleet tenant;
    for (const char* path : {"",     "/",  "ops", "//",  "/a//b", "/.",     "/a/..",   "/ a",     "/a ",      "/a%2f",
                             "/a;b", "/*", "/a?", "/a#", "/a\\b", "/a\x01", "/\u200b", "/\u2028", "/e\u0301", "/a//"}) {
        EXPECT_EQ(error_of(tenant.ask(by_path("app", path))), "malformed /resource/path") << path;
    }
    EXPECT_EQ(error_of(tenant.ask(by_path("app", "/" + std::string(256, 'a')))), "malformed /resource/path");
    EXPECT_EQ(error_of(tenant.ask(by_path("app", "/" + std::string(255, 'a')))), "answered");
    std::string deep;
    for (int segment = 0; segment < 64; ++segment) deep += "/x";
    EXPECT_EQ(error_of(tenant.ask(by_path("app", deep))), "answered");
    EXPECT_EQ(error_of(tenant.ask(by_path("app", deep + "/x"))), "malformed /resource/path");
    EXPECT_EQ(error_of(tenant.ask(by_path("app", "/ops/"))), "answered");
}

// ---- section 1: which resource is meant ----------------------------------------------------------------------------

TEST(ReferenceQuestion, IdsAreUuidsInAnyCaseThenCodesThenOutsideInstances) {
    Fleet tenant;
    tenant.permit(tenant.viewer, "app", "").resource_id = tenant.ops.id;
    tenant.ops.id.value.bytes[0] = 0xab;
    tenant.fleet.parent = tenant.ops.id;
    tenant.policy.permissions.back().resource_id = tenant.ops.id;
    EXPECT_TRUE(tenant.allowed(by_id("app", tenant.ops.id.text())));
    EXPECT_TRUE(tenant.allowed(by_id("app", upper(tenant.ops.id.text()))));
    EXPECT_TRUE(tenant.allowed(by_id("app", "ops")));
    EXPECT_FALSE(tenant.allowed(by_id("app", "Ops")));
    EXPECT_FALSE(tenant.allowed(by_id("page", "ops")));
    EXPECT_EQ(error_of(tenant.ask(by_id("page", tenant.ops.id.text()))), "malformed /resource/id");
}

TEST(ReferenceQuestion, WalksPathsFromTheRoot) {
    Fleet tenant;
    tenant.permit(tenant.viewer, "service", "/ops/fleet");
    EXPECT_TRUE(tenant.allowed(by_path("service", "/ops/fleet")));
    EXPECT_TRUE(tenant.allowed(by_path("service", "/" + upper(tenant.ops.id.text()) + "/fleet/")));
    EXPECT_TRUE(tenant.allowed(by_path("vessel", "/ops/fleet/unknown")));
    EXPECT_FALSE(tenant.allowed(by_path("service", "/fleet")));
    EXPECT_EQ(error_of(tenant.ask(by_path("page", "/ops/fleet"))), "malformed /resource/path");
    EXPECT_TRUE(tenant.allowed(by_path("vessel", "/ops/fleet/v1")));
    EXPECT_EQ(error_of(tenant.ask(by_path("entity", "/ops/fleet/v1"))), "malformed /resource/path");
    EXPECT_EQ(error_of(tenant.ask(by_path("vessel", "/ops/fleet/v1/x"))), "malformed /resource/path");
    EXPECT_EQ(tenant.ask(by_path("vessel", "/ops/fleet/v1"))->answer.matched->resource, tenant.fleet.id);
}

TEST(ReferenceQuestion, ATailIsOfTheTypeButNoInstance) {
    Fleet tenant;
    tenant.allow("cargo", "cargo/c1").key = "instance";
    EXPECT_FALSE(tenant.allowed(by_path("cargo", "/ops/c1")));
    EXPECT_TRUE(tenant.allowed(by_id("cargo", "c1")));
    tenant.allow("cargo", "cargo/*");
    EXPECT_TRUE(tenant.allowed(by_path("cargo", "/ops/c1")));
    EXPECT_FALSE(tenant.allowed(by_path("crane", "/ops/c1/part")));
}

TEST(ReferenceQuestion, ParentsAreNeverGuessed) {
    Fleet tenant;
    tenant.permit(tenant.viewer, "*", "/ops/**").resource_type = "*";
    EXPECT_FALSE(tenant.allowed(by_id("cargo", "c1")));
    EXPECT_TRUE(tenant.allowed(below("cargo", "c1", "fleet")));
    EXPECT_TRUE(tenant.allowed(new_below("cargo", upper(tenant.fleet.id.text()))));
    EXPECT_EQ(error_of(tenant.ask(below("cargo", "c1", "nowhere"))), "not_found /resource/parent");
    EXPECT_EQ(error_of(tenant.ask(below("cargo", "c1", "v1"))), "malformed /resource/parent");
    EXPECT_EQ(error_of(tenant.ask(below("service", "fleet", "ops"))), "answered");
    EXPECT_EQ(error_of(tenant.ask(below("service", "fleet", "shore"))), "malformed /resource/parent");
    EXPECT_EQ(error_of(tenant.ask(below("app", "ops", "shore"))), "malformed /resource/parent");
}

TEST(ReferenceQuestion, TypeAloneIsReachedByTypeAndAllOnly) {
    Fleet tenant;
    tenant.allow("*", "/**");
    EXPECT_FALSE(tenant.allowed(of_type("vessel")));
    tenant.allow("vessel", "vessel/*");
    EXPECT_TRUE(tenant.allowed(of_type("vessel")));
    EXPECT_FALSE(tenant.allowed(of_type("app")));
    tenant.allow("*", "**");
    EXPECT_TRUE(tenant.allowed(of_type("app")));
}

TEST(ReferenceQuestion, OverlaidAttributesReplaceMembersButNotAuthoritativeOnes) {
    Fleet tenant;
    tenant.vessel.attributes = object(R"({"region": "APAC", "size": {"length": 10, "beam": 2}})");
    tenant.allow("vessel", "vessel/*").conditions = object(R"({"resource.region": "APAC", "size.beam": {"$exists": false}})");
    auto reference = by_id("vessel", "v1");
    EXPECT_FALSE(tenant.allowed(reference));
    reference.attributes = object(R"({"size": {"length": 9}})");
    EXPECT_TRUE(tenant.allowed(reference));
    reference.attributes = object(R"({"size": null})");
    EXPECT_TRUE(tenant.allowed(reference));
    reference.attributes = object(R"({"region": null, "size": null})");
    EXPECT_FALSE(tenant.allowed(reference));
    tenant.define("vessel", "region").authoritative = true;
    EXPECT_EQ(error_of(tenant.ask(reference)), "malformed /resource/attributes/region");
    EXPECT_EQ(tenant.ask(reference).error().fault.code, "immutable");
    reference.id = "elsewhere";
    EXPECT_EQ(error_of(tenant.ask(reference)), "answered");
}

// ---- section 2 -----------------------------------------------------------------------------------------------------

std::string held(const Tenant& tenant, Instant now = noon) {
    std::string roles;
    const auto answer = tenant.ask(of_type("app"), now);
    for (const EffectiveRole& role : answer->explanation.effective_roles) roles += role.name + "=" + role.held_as + " ";
    return roles;
}

TEST(ReferenceRoles, AssignmentsHoldFromStartUntilBeforeTheirEnd) {
    Tenant tenant;
    tenant.ann().roles.clear();
    tenant.assign(tenant.viewer, {.starts_at = noon, .expires_at = noon.plus_seconds(60)});
    EXPECT_EQ(held(tenant, noon.plus_seconds(-1)), "");
    EXPECT_EQ(held(tenant), "viewer=direct ");
    EXPECT_EQ(held(tenant, noon.plus_seconds(59)), "viewer=direct ");
    EXPECT_EQ(held(tenant, noon.plus_seconds(60)), "");
    tenant.ann().roles.front().validity.active = false;
    tenant.ann().roles.front().validity.expires_at.reset();
    EXPECT_EQ(held(tenant), "");
}

TEST(ReferenceRoles, GroupsBringWhatTheirActiveAncestorsHave) {
    Tenant tenant;
    tenant.ann().roles.clear();
    Group& operations = tenant.add_group("operations");
    Group& apac = tenant.add_group("apac-operations");
    apac.parent = operations.id;
    operations.roles.push_back({tenant.viewer, {}});
    tenant.ann().groups.push_back({apac.id, {}});
    EXPECT_EQ(held(tenant), "viewer=group:operations ");
    apac.roles.push_back({tenant.viewer, {}});
    EXPECT_EQ(held(tenant), "viewer=group:apac-operations ");
    apac.active = false;
    EXPECT_EQ(held(tenant), "");
    apac.active = true;
    apac.roles.clear();
    operations.active = false;
    EXPECT_EQ(held(tenant), "");
}

TEST(ReferenceRoles, AChildHasWhatItsParentHasAndTheBestHoldingIsNamed) {
    Tenant tenant;
    Role& base = tenant.add_role("base", 50);
    Role& top = tenant.add_role("top", 10);
    base.parent = top.id;
    tenant.role(tenant.viewer).parent = base.id;
    EXPECT_EQ(held(tenant), "viewer=direct base=inherited:viewer top=inherited:base ");
    Role& author = tenant.add_role("author", 60);
    author.parent = base.id;
    tenant.assign(author.id);
    EXPECT_EQ(held(tenant), "viewer=direct author=direct base=inherited:author top=inherited:base ");
    base.active = false;
    EXPECT_EQ(held(tenant), "viewer=direct author=direct ");
    base.active = true;
    base.parent = tenant.viewer;  // a cycle
    EXPECT_EQ(held(tenant), "viewer=direct author=direct base=inherited:author ");
}

TEST(ReferenceRoles, EveryoneIsHeldByActiveSubjectsOnly) {
    Tenant tenant;
    tenant.add_role("everyone", 0).everyone = true;
    EXPECT_EQ(held(tenant), "viewer=direct everyone=everyone ");
    tenant.ann().active = false;
    EXPECT_EQ(held(tenant), "");  // nothing is effective for the inactive
}

struct Child : Tenant {
    Child() {
        policy.inherit_permissions = true;
        AncestorTenant& parent = policy.ancestors.emplace_back();
        parent.id = next<TenantId>();
        parent.roles.resize(2);
        parent.roles[0].id = next<RoleId>();
        parent.roles[0].name = "group-auditor";
        parent.roles[0].priority = 900;
        parent.roles[1].id = next<RoleId>();
        parent.roles[1].name = "everyone";
        parent.roles[1].everyone = true;
        assign(parent.roles[0].id);
    }
    Permission& lend(std::string path) {
        Permission& permission = policy.ancestors[0].permissions.emplace_back();
        permission.id = next<PermissionId>();
        permission.key = path;
        permission.resource_type = "*";
        permission.resource_path = std::move(path);
        permission.actions = {"*"};
        policy.ancestors[0].roles[0].permissions = {permission.id};
        return permission;
    }
};

TEST(ReferenceRoles, AncestorsLendRolesOverAnUnbrokenChain) {
    Child tenant;
    EXPECT_EQ(held(tenant), "group-auditor=direct viewer=direct ");
    tenant.policy.inherit_permissions = false;
    EXPECT_EQ(held(tenant), "viewer=direct ");
    tenant.policy.inherit_permissions = true;
    AncestorTenant middle;
    middle.id = tenant.next<TenantId>();
    tenant.policy.ancestors.insert(tenant.policy.ancestors.begin(), middle);
    EXPECT_EQ(held(tenant), "viewer=direct ");
    tenant.policy.ancestors[0].inherit_permissions = true;
    EXPECT_EQ(held(tenant), "group-auditor=direct viewer=direct ");
}

TEST(ReferenceRoles, LentSelectorsReachByAllTypeAndInstanceOnly) {
    Child tenant;
    const Resource& app = tenant.add_resource("app", "ops");
    for (const char* path : {"**", "app/*", "app/ops"}) {
        tenant.lend(path).resource_type = path[0] == '*' ? "*" : "app";
        EXPECT_TRUE(tenant.allowed(by_id("app", "ops"))) << path;
    }
    for (const char* path : {"/ops", "/**", "/*"}) {
        tenant.lend(path);
        EXPECT_FALSE(tenant.allowed(by_id("app", "ops"))) << path;
    }
    Permission& node = tenant.lend("");
    node.resource_id = app.id;
    EXPECT_FALSE(tenant.allowed(by_id("app", "ops")));
}

TEST(ReferenceRoles, UserRolesInALentPermissionAreThatAncestorsOnly) {
    Child tenant;
    tenant.add_role("everyone", 0).everyone = true;
    tenant.lend("**").conditions = object(R"({"user.roles": ["ignored"], "$not": {"user.roles": {"$exists": false}}})");
    auto answer = tenant.ask(of_type("app")).value();
    EXPECT_EQ(answer.explanation.candidates.at(0).leaves.back().actual, value(R"(["group-auditor"])"));
    tenant.allow("*", "**").conditions = object(R"({"user.roles": {"$containsAll": ["group-auditor", "viewer"]}})");
    answer = tenant.ask(of_type("app")).value();
    EXPECT_EQ(answer.answer.matched_conditions, object(R"({"user.roles": ["group-auditor", "viewer"]})"));
}

// ---- section 3 -----------------------------------------------------------------------------------------------------

bool reaches(Fleet& tenant, std::string type, std::string path, const ResourceReference& reference, bool descendants = true) {
    tenant.role(tenant.viewer).permissions.clear();
    tenant.policy.permissions.clear();
    tenant.allow(std::move(type), std::move(path)).applies_to_descendants = descendants;
    return tenant.allowed(reference);
}

TEST(ReferenceSelectors, AllAndTypeAndInstance) {
    Fleet tenant;
    EXPECT_TRUE(reaches(tenant, "*", "**", by_id("vessel", "out")));
    EXPECT_TRUE(reaches(tenant, "*", "*/*/", by_path("vessel", "/x")));
    EXPECT_TRUE(reaches(tenant, "service", "service/*", by_id("service", "fleet")));
    EXPECT_FALSE(reaches(tenant, "service", "service/*", by_id("vessel", "v1")));
    EXPECT_TRUE(reaches(tenant, "entity", "vessel/*/", by_id("vessel", "v1")));
    EXPECT_TRUE(reaches(tenant, "service", "service/fleet/", by_id("service", "fleet")));
    EXPECT_FALSE(reaches(tenant, "service", "service/fleet", by_id("vessel", "v1")));
    EXPECT_TRUE(reaches(tenant, "vessel", "vessel/out", by_id("vessel", "out")));
    EXPECT_TRUE(reaches(tenant, "vessel", "vessel/out", below("vessel", "out", "fleet")));
    EXPECT_FALSE(reaches(tenant, "vessel", "vessel/out", by_id("vessel", "Out")));
    EXPECT_FALSE(reaches(tenant, "vessel", "vessel/out", new_below("vessel", "fleet")));
}

TEST(ReferenceSelectors, NodesFilterNoTypeAndReachBelow) {
    Fleet tenant;
    EXPECT_TRUE(reaches(tenant, "page", "/ops", by_id("vessel", "v1")));
    EXPECT_FALSE(reaches(tenant, "page", "/ops", by_id("vessel", "v1"), false));
    EXPECT_TRUE(reaches(tenant, "page", "/ops/", by_id("app", "ops"), false));
    EXPECT_FALSE(reaches(tenant, "app", "/ops", by_id("app", "shore")));
    EXPECT_TRUE(reaches(tenant, "app", "/ops/x/y", by_path("vessel", "/ops/x/y/z")));
    EXPECT_FALSE(reaches(tenant, "app", "/ops/x/y", by_path("vessel", "/ops/x")));
    EXPECT_FALSE(reaches(tenant, "app", "/ops/x", below("vessel", "x", "ops")));
    EXPECT_TRUE(reaches(tenant, "app", "/ops", below("vessel", "x", "ops")));
    EXPECT_FALSE(reaches(tenant, "app", "/Ops", by_id("app", "ops")));
}

TEST(ReferenceSelectors, PatternsMatchTheWholePathOfTheirType) {
    Fleet tenant;
    EXPECT_TRUE(reaches(tenant, "vessel", "/ops/*/v1", by_id("vessel", "v1")));
    EXPECT_FALSE(reaches(tenant, "page", "/ops/*/v1", by_id("vessel", "v1")));
    EXPECT_TRUE(reaches(tenant, "*", "/ops/*/*", by_id("vessel", "v1"), false));
    EXPECT_FALSE(reaches(tenant, "*", "/ops/*", by_id("vessel", "v1"), false));
    EXPECT_TRUE(reaches(tenant, "service", "/ops/*", by_id("vessel", "v1")));
    EXPECT_FALSE(reaches(tenant, "vessel", "/ops/*", by_id("vessel", "v1")));
    EXPECT_TRUE(reaches(tenant, "app", "/ops/**", by_id("app", "ops"), false));
    EXPECT_TRUE(reaches(tenant, "vessel", "/**/v1", by_id("vessel", "v1"), false));
    EXPECT_TRUE(reaches(tenant, "vessel", "/**/" + upper(tenant.vessel.id.text()), by_id("vessel", "v1"), false));
    EXPECT_TRUE(reaches(tenant, "vessel", "/ops/**/**", by_id("vessel", "v1"), false));
    EXPECT_FALSE(reaches(tenant, "vessel", "/*", by_id("vessel", "out")));
    EXPECT_FALSE(reaches(tenant, "cargo", "/ops/**/x", below("cargo", "x", "fleet")));
    EXPECT_TRUE(reaches(tenant, "cargo", "/ops/*/*", below("cargo", "x", "fleet"), false));
    EXPECT_TRUE(reaches(tenant, "cargo", "/ops/*/**", new_below("cargo", "fleet"), false));
    EXPECT_TRUE(reaches(tenant, "*", "/ops/*/x", by_path("cargo", "/ops/fleet/x/y")));
    EXPECT_FALSE(reaches(tenant, "cargo", "/ops/*/x", by_path("cargo", "/ops/fleet/x/y")));
    EXPECT_TRUE(reaches(tenant, "cargo", "/ops/*/x/y", by_path("cargo", "/ops/fleet/x/y"), false));
    EXPECT_FALSE(reaches(tenant, "app", "/op*", by_id("app", "ops")));
}

TEST(ReferenceSelectors, OfTwoFittingChildrenAnAllowReachesNeitherAndADenyBoth) {
    Fleet tenant;
    tenant.allow("*", "**");
    const Permission& allow = tenant.allow("*", "/ops/fleet/v1");
    EXPECT_EQ(candidates_of(*tenant.ask(by_id("vessel", "v1"))), "**");
    tenant.deny("*", "/ops/fleet/v1");
    EXPECT_EQ(candidates_of(*tenant.ask(by_id("vessel", "v1"))), "/ops/fleet/v1! **");
    EXPECT_EQ(candidates_of(*tenant.ask(by_id("page", "v1"))), "/ops/fleet/v1! **");
    EXPECT_EQ(tenant.ask(by_id("page", "v1"))->answer.matched->resource, tenant.page.id);
    tenant.page.code = "v2";
    EXPECT_EQ(candidates_of(*tenant.ask(by_id("vessel", "v1"))), "/ops/fleet/v1! " + allow.key + " **");
}

TEST(ReferenceSelectors, NoAllowAppliesAtOrBelowAnInactiveResource) {
    Fleet tenant;
    tenant.allow("*", "**");
    tenant.deny("page", "page/*");
    tenant.grant("*", "**");
    tenant.ops.active = false;
    const auto answer = tenant.ask(by_id("vessel", "v1")).value();
    EXPECT_EQ(answer.answer.reason_code, ReasonCode::no_matching_permission);
    EXPECT_EQ(candidates_of(answer), "grant **");
    EXPECT_EQ(answer.explanation.candidates[0].because, Because::resource_inactive);
    EXPECT_FALSE(tenant.allowed(below("cargo", "c", "fleet")));
    EXPECT_EQ(tenant.ask(by_id("page", "v1"))->answer.reason_code, ReasonCode::denied_by_permission);
    EXPECT_TRUE(tenant.allowed(by_id("app", "shore")));
}

TEST(ReferenceSelectors, CandidatesAreActiveAndListTheAction) {
    Tenant tenant;
    tenant.allow("*", "**").active = false;
    tenant.allow("app", "app/*").actions = {"update"};
    tenant.add_role("unheld", 1);
    tenant.permit(tenant.policy.roles.back().id, "*", "**");
    EXPECT_EQ(candidates_of(*tenant.ask(of_type("app"))), "");
    tenant.allow("app", "app/*").actions = {"*"};
    EXPECT_EQ(candidates_of(*tenant.ask(of_type("app"))), "app/*");
}

}  // namespace
}  // namespace sentinel::engine::reference
