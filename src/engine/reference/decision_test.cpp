/// Sections 4, 6 and 7 of decision-semantics.md on small tenants made by hand.

#include "engine/reference/test_tenant.hpp"

namespace sentinel::engine::reference {
namespace {

struct Fleet : Tenant {
    Resource& ops = add_resource("app", "ops");
    Resource& fleet = add_resource("service", "fleet", &ops);
    Resource& vessel = add_resource("vessel", "v1", &fleet);
};

std::string order(const Tenant& tenant, const ResourceReference& reference) {
    return candidates_of(tenant.ask(reference).value());
}

// ---- section 4 -----------------------------------------------------------------------------------------------------

TEST(ReferenceOrder, NothingMeansDeny) {
    const Tenant tenant;
    const auto answer = tenant.ask(of_type("app"))->answer;
    EXPECT_FALSE(answer.allowed);
    EXPECT_EQ(answer.reason_code, ReasonCode::no_matching_permission);
    EXPECT_EQ(answer.matched, std::nullopt);
    EXPECT_EQ(answer.revision, 7u);
}

TEST(ReferenceOrder, GuardrailsThenPriorityThenSpecificityThenDenyThenId) {
    Fleet tenant;
    const RoleId strong = tenant.add_role("strong", 500).id;
    const RoleId weak = tenant.add_role("weak", 0).id;
    tenant.assign(strong);
    tenant.assign(weak);
    tenant.allow("*", "**").key = "a1";
    tenant.allow("*", "**").key = "a2";
    tenant.deny("*", "**").key = "deny";
    tenant.allow("vessel", "vessel/*").key = "type";
    tenant.permit(strong, "*", "**").key = "strong";
    tenant.permit(weak, "*", "**", Effect::deny).key = "guardrail";
    tenant.policy.permissions.back().enforced = true;
    tenant.grant("*", "**");
    const auto answer = tenant.ask(by_id("vessel", "out")).value();
    EXPECT_EQ(candidates_of(answer), "guardrail grant strong type deny a1 a2");
    EXPECT_EQ(answer.answer.reason_code, ReasonCode::denied_by_guardrail);
    EXPECT_EQ(answer.explanation.candidates[0].because, Because::decides);
    EXPECT_EQ(answer.explanation.candidates[1].because, Because::applies);
    EXPECT_EQ(answer.explanation.candidates[1].priority, 10'000);
}

TEST(ReferenceOrder, SpecificityBelongsToThePermission) {
    Fleet tenant;
    for (const char* path :
         {"**", "/**", "/ops", "/ops/**/**", "/ops/**", "/ops/*/v1", "/ops/**/v1", "/ops/fleet", "/ops/fleet/*", "/**/v1"}) {
        tenant.allow("*", path);
    }
    tenant.allow("vessel", "vessel/*");
    tenant.allow("vessel", "vessel/v1");
    EXPECT_EQ(order(tenant, by_id("vessel", "v1")),
              "vessel/v1 /ops/fleet /ops/fleet/* /ops /ops/*/v1 /ops/**/v1 /ops/** /ops/**/** /**/v1 /** vessel/* **");
    tenant.allow("vessel", "vessel/out");
    tenant.permit(tenant.viewer, "vessel", "/ops/fleet/out");
    EXPECT_EQ(order(tenant, by_id("vessel", "out")), "vessel/out vessel/* **");
}

TEST(ReferenceOrder, ANodeByIdRanksAsItsPathAndARegisteredInstanceAsItsNode) {
    Fleet tenant;
    Permission& node = tenant.allow("vessel", "");
    node.resource_id = tenant.vessel.id;
    node.key = "node";
    tenant.deny("vessel", "/ops/fleet/v1").key = "deny";
    tenant.deny("vessel", "vessel/v1").key = "instance";
    tenant.allow("*", "/ops/fleet/v1/**").key = "pattern";
    EXPECT_EQ(order(tenant, by_id("vessel", "v1")), "deny instance node pattern");
}

TEST(ReferenceOrder, AnInheritedPermissionKeepsItsPriorityAndTheHighestCarrierCounts) {
    Tenant tenant;
    Role& parent = tenant.add_role("parent", 10);
    tenant.role(tenant.viewer).parent = parent.id;
    const PermissionId shared = tenant.permit(parent.id, "*", "**").id;
    EXPECT_EQ(tenant.ask(of_type("app"))->explanation.candidates[0].priority, 10);
    EXPECT_EQ(tenant.ask(of_type("app"))->answer.matched->held_as, "inherited:viewer");
    tenant.role(tenant.viewer).permissions.push_back(shared);
    Role& equal = tenant.add_role("equal", 100);
    equal.permissions.push_back(shared);
    tenant.assign(equal.id);
    const auto answer = tenant.ask(of_type("app")).value();
    EXPECT_EQ(answer.explanation.candidates.size(), 1u);
    EXPECT_EQ(answer.answer.matched->role_name, "viewer");
    EXPECT_EQ(answer.explanation.candidates[0].priority, 100);
}

TEST(ReferenceOrder, GrantsAreAllowsOfTheirSubjectInTheirTime) {
    Tenant tenant;
    const RoleId strong = tenant.add_role("strong", 9999).id;
    tenant.assign(strong);
    tenant.permit(strong, "*", "**", Effect::deny);
    Grant& grant = tenant.grant("app", "app/ops");
    const auto answer = tenant.ask(by_id("app", "ops"))->answer;
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.matched->grant, grant.id);
    EXPECT_EQ(answer.matched->permission, std::nullopt);
    EXPECT_EQ(answer.matched->held_as, "grant:" + grant.id.text());
    grant.request = tenant.next<RequestId>();
    EXPECT_EQ(tenant.ask(by_id("app", "ops"))->answer.matched->held_as, "grant:" + grant.request->text());
    grant.validity.expires_at = noon;
    EXPECT_FALSE(tenant.allowed(by_id("app", "ops")));
    grant.validity = {};
    grant.subject = {"bob"};
    EXPECT_FALSE(tenant.allowed(by_id("app", "ops")));
}

TEST(ReferenceOrder, AnAllowNeedsTrueConditionsADenyAppliesOnUnknownToo) {
    Tenant tenant;
    tenant.allow("*", "**").key = "fallback";
    tenant.allow("app", "app/*").conditions = object(R"({"zone": "red"})");
    Permission& deny = tenant.deny("app", "app/ops");
    deny.conditions = object(R"({"zone": "red"})");
    auto answer = tenant.ask(by_id("app", "ops")).value();
    EXPECT_EQ(answer.answer.reason_code, ReasonCode::denied_by_permission);
    EXPECT_EQ(answer.explanation.candidates[1].because, Because::conditions_unknown);
    auto reference = by_id("app", "ops");
    reference.attributes = object(R"({"zone": "blue"})");
    answer = tenant.ask(reference).value();
    EXPECT_EQ(answer.answer.matched->permission_key, "fallback");
    EXPECT_EQ(answer.explanation.candidates[0].because, Because::conditions_false);
    EXPECT_EQ(answer.explanation.candidates[0].conditions, Truth::no);
}

// ---- section 6 -----------------------------------------------------------------------------------------------------

constexpr std::size_t core_tier = 0;
constexpr std::size_t tenant_tier = 2;

TEST(ReferenceFields, TheFirstMentionDecidesByNameBeforeStar) {
    Tenant tenant;
    const RoleId strong = tenant.add_role("strong", 500).id;
    tenant.assign(strong);
    tenant.define("app", "a");
    tenant.define("app", "b");
    tenant.define("app", "c").active = false;
    tenant.define("page", "d");
    tenant.define("app", "secret").default_visibility = field_hidden;
    tenant.permit(strong, "*", "**").fields[core_tier] = {{"a", field_read}};
    tenant.allow("*", "**").fields[core_tier] = {{"*", field_write}, {"a", field_write}, {"extra", field_read}};
    const auto fields = tenant.ask(of_type("app"))->answer.fields;
    EXPECT_EQ(fields[core_tier],
              (FieldAnswer::value_type{{"a", field_read}, {"b", field_write}, {"extra", field_read}, {"secret", field_write}}));
    EXPECT_TRUE(fields[tenant_tier].empty());
}

TEST(ReferenceFields, StarMentionsUndefinedNamesOfOthersInItsTierOnly) {
    Tenant tenant;
    const RoleId strong = tenant.add_role("strong", 500).id;
    tenant.assign(strong);
    tenant.define("app", "a");
    tenant.permit(strong, "*", "**").fields[core_tier] = {{"*", field_hidden}};
    FieldMap& weak = tenant.allow("*", "**").fields;
    weak[core_tier] = {{"undefined", field_read}};
    weak[tenant_tier] = {{"a", field_write}};
    const auto fields = tenant.ask(of_type("app"))->answer.fields;
    EXPECT_EQ(fields[core_tier], (FieldAnswer::value_type{{"a", field_hidden}, {"undefined", field_hidden}}));
    EXPECT_EQ(fields[tenant_tier], (FieldAnswer::value_type{{"a", field_write}}));
}

TEST(ReferenceFields, AmongEqualsHiddenWinsElseWhatAllGive) {
    Tenant tenant;
    tenant.define("app", "untouched").default_visibility = {.write = true};
    tenant.allow("*", "**").fields[core_tier] = {{"a", field_write}, {"b", field_write}, {"c", field_write}, {"none", {}}};
    tenant.allow("*", "*/*").fields[core_tier] = {{"a", field_read}, {"b", field_hidden}, {"none", field_read}};
    tenant.allow("app", "app/*").fields[core_tier] = {{"c", field_read}};
    const auto fields = tenant.ask(of_type("app"))->answer.fields;
    EXPECT_EQ(fields[core_tier],
              (FieldAnswer::value_type{
                  {"a", field_read}, {"b", field_hidden}, {"c", field_read}, {"none", {}}, {"untouched", field_write}}));
}

TEST(ReferenceFields, OnADenyAllAreHidden) {
    Tenant tenant;
    tenant.define("app", "a");
    tenant.allow("*", "**").fields[core_tier] = {{"b", field_read}};
    tenant.deny("app", "app/*");
    EXPECT_EQ(tenant.ask(of_type("app"))->answer.fields[core_tier],
              (FieldAnswer::value_type{{"a", field_hidden}, {"b", field_hidden}}));
    tenant.policy.active = false;
    EXPECT_EQ(tenant.ask(of_type("app"))->answer.fields[core_tier], (FieldAnswer::value_type{{"a", field_hidden}}));
}

TEST(ReferenceFields, TheNearestRowsVisibilityInTheFarthestRowsTier) {
    Tenant tenant;
    tenant.allow("*", "**");
    tenant.define("app", "imo", Tier::tenant_specific).default_visibility = field_hidden;
    FieldDefinition& platform = tenant.define("app", "IMO");
    platform.platform = true;
    EXPECT_EQ(tenant.ask(of_type("app"))->answer.fields[core_tier], (FieldAnswer::value_type{{"imo", field_hidden}}));
    platform.active = false;
    EXPECT_EQ(tenant.ask(of_type("app"))->answer.fields[tenant_tier], (FieldAnswer::value_type{{"imo", field_hidden}}));
    tenant.policy.fields.front().active = false;
    platform.active = true;
    EXPECT_EQ(tenant.ask(of_type("app"))->answer.fields[core_tier], (FieldAnswer::value_type{{"IMO", field_read}}));
    AncestorTenant& parent = tenant.policy.ancestors.emplace_back();
    parent.fields = tenant.policy.fields;
    parent.fields[1].platform = false;
    tenant.policy.fields.clear();
    EXPECT_TRUE(tenant.ask(of_type("app"))->answer.fields[core_tier].empty());
    tenant.policy.inherit_permissions = true;
    EXPECT_EQ(tenant.ask(of_type("app"))->answer.fields[core_tier].size(), 1u);
    parent.fields[1].tier = Tier::tenant_specific;
    EXPECT_TRUE(tenant.ask(of_type("app"))->answer.fields[tenant_tier].empty());
}

// ---- section 7 -----------------------------------------------------------------------------------------------------

TEST(ReferenceAnswer, InactiveTenantsAndSubjectsComeFirst) {
    Tenant tenant;
    tenant.deny("*", "**").enforced = true;
    tenant.ann().active = false;
    EXPECT_EQ(tenant.ask(of_type("app"))->answer.reason_code, ReasonCode::subject_inactive);
    tenant.policy.active = false;
    const auto answer = tenant.ask(of_type("app")).value();
    EXPECT_EQ(answer.answer.reason_code, ReasonCode::tenant_inactive);
    EXPECT_TRUE(answer.explanation.candidates.empty());
    EXPECT_EQ(answer.answer.matched, std::nullopt);
}

TEST(ReferenceAnswer, MatchedNamesTheNearestNodeReached) {
    Fleet tenant;
    tenant.allow("*", "/ops");
    EXPECT_EQ(tenant.ask(by_id("vessel", "v1"))->answer.matched->resource, tenant.ops.id);
    tenant.allow("*", "/ops/**");
    tenant.policy.permissions.front().active = false;
    EXPECT_EQ(tenant.ask(by_id("vessel", "v1"))->answer.matched->resource, tenant.vessel.id);
    EXPECT_EQ(tenant.ask(by_path("vessel", "/ops/x"))->answer.matched->resource, std::nullopt);
    tenant.allow("service", "/ops/fleet/**");
    EXPECT_EQ(tenant.ask(by_id("vessel", "v1"))->answer.matched->resource, tenant.fleet.id);
    tenant.allow("vessel", "vessel/*").enforced = false;
    EXPECT_EQ(tenant.ask(by_id("vessel", "out"))->answer.matched->resource, std::nullopt);
}

TEST(ReferenceAnswer, MatchedConditionsHoldEveryPresentLeafPath) {
    Tenant tenant;
    tenant.allow("*", "**").conditions =
        object(R"({"$or": [{"context.a": 1}, {"context.b": null}, {"missing": 1}], "days_of_week": {"days": ["mon"]}})");
    Question question{{"ann"}, "read", of_type("app"), object(R"({"a": 1, "b": null})")};
    const auto answer = check(tenant.policy, question, noon)->answer;
    EXPECT_EQ(answer.matched_conditions, object(R"({"context.a": 1, "context.b": null, "env.time": "2026-01-05T12:00:00Z"})"));
}

TEST(ReferenceAnswer, LeavesAreTracedInCanonicalOrder) {
    Tenant tenant;
    tenant.allow("*", "**").conditions =
        object(R"({"b": {"$ne": 1, "$exists": true, "$not": {"$gt": 3}}, "$and": [{"c": [1, 2]}, {"a": {"$ref": "user.id"}}]})");
    std::string leaves;
    for (const LeafTrace& leaf : tenant.ask(of_type("app"))->explanation.candidates.at(0).leaves)
        leaves += leaf.path + leaf.operator_name + " ";
    EXPECT_EQ(leaves, "c$in a$eq b$exists b$ne b$gt ");
}

TEST(ReferenceAnswer, BuiltInsOfResourceAndUserCannotBeShadowed) {
    Fleet tenant;
    tenant.vessel.attributes = object(R"({"id": "mine", "type": "mine", "path": "mine", "workflow_state": "mine"})");
    tenant.ann().attributes = object(R"({"id": "mine", "groups": 1, "email_domain": "mine"})");
    tenant.ann().email_domain.reset();
    tenant.allow("*", "**").conditions = object(
        R"({"$or": [{"resource.id": 1}, {"resource.type": 1}, {"resource.path": 1}, {"resource.workflow_state": 1},
            {"attributes.id": 1}, {"user.id": 1}, {"subject.groups": 1}, {"user.email_domain": 1}, {"user_attributes.id": 1},
            {"user.id.x": 1}, {"id": 1}]})");
    std::string actual;
    const auto answer = tenant.ask(by_id("vessel", "v1")).value();
    for (const LeafTrace& leaf : answer.explanation.candidates.at(0).leaves) {
        actual += leaf.path + "=" + (leaf.actual ? json::to_text(*leaf.actual) : "-") + " ";
    }
    const std::string path = "/" + tenant.ops.id.text() + "/" + tenant.fleet.id.text() + "/" + tenant.vessel.id.text() + "/";
    EXPECT_EQ(actual,
              "resource.id=\"" + tenant.vessel.id.text() + "\" resource.type=\"vessel\" resource.path=\"" + path +
                  "\" resource.workflow_state=- attributes.id=\"mine\" user.id=\"ann\" subject.groups=[] user.email_domain=- "
                  "user_attributes.id=\"mine\" user.id.x=- id=\"mine\" ");
}

// ---- ttl -----------------------------------------------------------------------------------------------------------

std::int32_t ttl(const Tenant& tenant, Instant now = noon) { return tenant.ask(of_type("app"), now)->answer.ttl; }

TEST(ReferenceTtl, NeverPastAStartOrEndOfTheSubjects) {
    Tenant tenant;
    EXPECT_EQ(ttl(tenant), 300);
    tenant.assign(tenant.viewer, {.starts_at = noon.plus_seconds(200), .expires_at = noon.plus_seconds(290)});
    EXPECT_EQ(ttl(tenant), 200);
    EXPECT_EQ(ttl(tenant, noon.plus_seconds(200)), 90);
    EXPECT_EQ(ttl(tenant, Instant{noon.seconds + 100, 1}), 99);
    Group& group = tenant.add_group("g");
    tenant.ann().groups.push_back({group.id, {.active = true, .starts_at = {}, .expires_at = noon.plus_seconds(150)}});
    EXPECT_EQ(ttl(tenant), 150);
    group.roles.push_back({tenant.viewer, {.active = true, .starts_at = noon.plus_seconds(120), .expires_at = {}}});
    EXPECT_EQ(ttl(tenant), 120);
    group.roles.front().validity.active = false;
    EXPECT_EQ(ttl(tenant), 150);
    tenant.grant("page", "page/*").validity.starts_at = noon.plus_seconds(10);
    EXPECT_EQ(ttl(tenant), 10);
    tenant.ann().active = false;
    EXPECT_EQ(ttl(tenant), 10);
}

std::int32_t ttl_of(std::string_view conditions, Instant now = noon) {
    Tenant tenant;
    tenant.allow("*", "**").conditions = object(conditions);
    tenant.policy.permissions.front().key.clear();
    EXPECT_TRUE(validate(tenant.policy.permissions.front()).empty()) << conditions;
    return ttl(tenant, now);
}

TEST(ReferenceTtl, NeverPastTheEdgeOfATimeLeaf) {
    EXPECT_EQ(ttl_of(R"({"env.time": {"$timeOfDay": {"from": "09:00", "to": "12:01:30"}}})"), 90);
    EXPECT_EQ(ttl_of(R"({"env.time": {"$timeOfDay": {"from": "12:00", "to": "13:00"}}})"), 300);
    EXPECT_EQ(ttl_of(R"({"time_range": {"from": "21:02", "to": "21:01", "tz": "Asia/Tokyo"}})"), 60);
    EXPECT_EQ(ttl_of(R"({"days_of_week": {"days": ["mon"]}})", at("2026-01-05T23:58:00.5Z")), 119);
    EXPECT_EQ(ttl_of(R"({"days_of_week": {"days": ["sat"], "tz": "Europe/Berlin"}})", at("2026-01-05T22:59:00Z")), 60);
    EXPECT_EQ(ttl_of(R"({"days_of_week": {"days": ["sat"], "tz": "Europe/Berlin"}})", at("2026-03-29T00:59:00Z")),
              60);  // clocks go forward
    EXPECT_EQ(ttl_of(R"({"env.time": {"$lt": "2026-01-05T12:00:07+00:00"}})"), 7);
    EXPECT_EQ(ttl_of(R"({"env.time": {"$between": ["2026-01-05T11:00:00Z", "2026-01-05T12:00:09Z"]}})"), 9);
    EXPECT_EQ(ttl_of(R"({"env.time": {"$gt": "2026-01-05T12:00:00Z"}})"), 0);  // changes just after now
    EXPECT_EQ(ttl_of(R"({"env.time": {"$gte": "2026-01-05T12:00:00Z"}})"), 300);
    EXPECT_EQ(ttl_of(R"({"$not": {"$or": [{"env.time": {"$gt": "2026-01-05T12:00:05Z"}}, {"a": 1}]}})"), 5);
    EXPECT_EQ(ttl_of(R"({"context.t": {"$timeOfDay": {"from": "12:01", "to": "13:00"}}})"), 300);
}

TEST(ReferenceTtl, IsZeroWhereAnEdgeCannotBeComputedOrTimeWasOverridden) {
    EXPECT_EQ(ttl_of(R"({"env.weekday": "mon"})"), 0);
    EXPECT_EQ(ttl_of(R"({"env.date": {"$gt": "2026-01-01"}})"), 0);
    EXPECT_EQ(ttl_of(R"({"env.time": {"$gt": "2026"}})"), 0);
    EXPECT_EQ(ttl_of(R"({"env.time": {"$gt": {"$ref": "a"}}})"), 0);
    EXPECT_EQ(ttl_of(R"({"a": {"$ref": "env.date"}})"), 0);
    EXPECT_EQ(ttl_of(R"({"a": [1, {"$ref": "env.time"}]})"), 0);
    EXPECT_EQ(ttl_of(R"({"env.time": {"$exists": true}})"), 300);
    Tenant tenant;
    const Question question{{"ann"}, "read", of_type("app"), object(R"({"time": "2026-01-06T00:00:00Z"})")};
    EXPECT_EQ(check(tenant.policy, question, noon)->answer.ttl, 0);
    tenant.assign(tenant.viewer, {.active = true, .starts_at = {}, .expires_at = at("2026-01-06T00:00:00Z")});
    tenant.ann().roles.erase(tenant.ann().roles.begin());
    EXPECT_TRUE(check(tenant.policy, question, noon)->explanation.effective_roles.empty());
}

}  // namespace
}  // namespace sentinel::engine::reference
