#include "policy/tenant_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sentinel::policy {
namespace {

constexpr std::string_view text = R"(version: 1
tenant: SUB
inherit_permissions: true
status: suspended
resources:
  app/a: {attributes: {x: 1}, workflow_state: draft}
  page/b: {parent: app/a, is_active: false}
fields: {vessel/name: {tier: tenant_specific, default_visibility: hidden, is_authoritative: true, is_active: false}}
permissions:
  p: {resource_type: app, resource: app/a, actions: [read], conditions: {a: 1}, fields: {core: {f: [write]}}, is_active: false}
  deny: {resource_type: "*", resource_path: "**", actions: [delete], effect: deny, enforced: true}
roles:
  everyone: {permissions: [deny]}
  worker: {priority: 5, parent: viewer, permissions: [p]}
  lent: {is_active: false}
groups:
  g: {}
  h: {parent: g, roles: [worker, from-b], is_active: false}
users:
  u: {roles: [lent, {name: from-a, expires_at: 2027-01-01T00:00:00Z}], groups: [h], attributes: {y: 1}, email_domain: x.example}
  locked: {status: locked, is_service_account: true}
grants:
  night: {user: u, resource_type: app, resource: app/a, actions: [read], applies_to_descendants: false, request: 0190a000-0000-7000-8000-000000000001}
ancestors:
  - {version: 1, tenant: A, inherit_permissions: true, roles: {lent: {}, from-a: {permissions: [p]}}, permissions: {p: {resource_type: "*", resource_path: "**", actions: [read]}}}
  - {version: 1, tenant: B, roles: {from-a: {}, from-b: {}}, fields: {vessel/name: {tier: core, platform: true}}}
)";

NamedPolicy named() { return to_tenant_policy(read(text, Format::yaml).value()); }

template <class Row>
const Row& by_name(const std::vector<Row>& rows, std::string_view name) {
    return *std::ranges::find(rows, name, &Row::name);
}

TEST(TenantPolicy, DerivesIdsFromTenantKindAndKey) {
    const auto tenant = core::Uuid::v5(core::Uuid::parse("5e971e11-0d0c-4b5a-9d35-6b1f2c0e7a48").value(), "SUB");
    const engine::TenantPolicy policy = named().policy;
    EXPECT_EQ(policy.id.value, tenant);
    EXPECT_EQ(policy.resources[0].id.value, core::Uuid::v5(tenant, "resource\napp/a"));
    EXPECT_EQ(by_name(policy.roles, "worker").id.value, core::Uuid::v5(tenant, "role\nworker"));
    EXPECT_EQ(by_name(policy.groups, "g").id.value, core::Uuid::v5(tenant, "group\ng"));
    EXPECT_EQ(policy.grants[0].id.value, core::Uuid::v5(tenant, "grant\nnight"));
    EXPECT_EQ(policy.fields[0].id.value, core::Uuid::v5(tenant, "field\nvessel/name"));
    EXPECT_EQ(policy.permissions.back().id.value, core::Uuid::v5(tenant, "permission\np"));
}

TEST(TenantPolicy, HasTheBuiltInRolesOfItsOwnAndOfEachAncestor) {
    const engine::TenantPolicy policy = named().policy;
    EXPECT_EQ(policy.roles.size(), 12U);
    EXPECT_EQ(by_name(policy.roles, "security_admin").priority, 950);
    const engine::Role& admin = by_name(policy.roles, "tenant_admin");
    ASSERT_EQ(admin.permissions.size(), 1U);
    const auto all = std::ranges::find(policy.permissions, admin.permissions[0], &engine::Permission::id);
    ASSERT_NE(all, policy.permissions.end());
    EXPECT_EQ(all->resource_path, "**");
    EXPECT_EQ(all->actions, std::vector<std::string>{"*"});
    EXPECT_EQ(all->fields[2].at("*"), engine::field_write);
    EXPECT_EQ(all->key, "");
    const engine::Role& everyone = by_name(policy.roles, "everyone");
    EXPECT_TRUE(everyone.everyone);
    EXPECT_EQ(everyone.permissions.size(), 1U);
    EXPECT_EQ(std::ranges::count(policy.roles, true, &engine::Role::everyone), 1);
    EXPECT_EQ(policy.ancestors.at(0).roles.size(), 12U);
    EXPECT_NE(by_name(policy.ancestors[0].roles, "tenant_admin").id, admin.id);
}

TEST(TenantPolicy, CarriesEveryMember) {
    const engine::TenantPolicy policy = named().policy;
    EXPECT_FALSE(policy.active);
    EXPECT_TRUE(policy.inherit_permissions);
    const engine::Resource& page = policy.resources[1];
    EXPECT_EQ(page.type + "|" + page.code, "page|b");
    EXPECT_EQ(page.parent, policy.resources[0].id);
    EXPECT_FALSE(page.active);
    EXPECT_EQ(policy.resources[0].workflow_state, "draft");
    EXPECT_EQ(json::to_text(policy.resources[0].attributes), R"({"x":1})");
    const engine::FieldDefinition& field = policy.fields[0];
    EXPECT_EQ(field.entity_type + "|" + field.name, "vessel|name");
    EXPECT_EQ(field.tier, engine::Tier::tenant_specific);
    EXPECT_EQ(field.default_visibility, engine::field_hidden);
    EXPECT_TRUE(field.authoritative && !field.active && !field.platform);
    const engine::Permission& permission = policy.permissions.back();
    EXPECT_EQ(permission.key, "p");
    EXPECT_EQ(permission.resource_id, policy.resources[0].id);
    EXPECT_EQ(permission.resource_path, "");
    EXPECT_FALSE(permission.active);
    EXPECT_EQ(permission.fields[0].at("f"), engine::field_write);
    EXPECT_EQ(json::to_text(permission.conditions), R"({"a":1})");
    EXPECT_TRUE(policy.permissions[1].enforced);
    const engine::Role& worker = by_name(policy.roles, "worker");
    EXPECT_EQ(worker.parent, by_name(policy.roles, "viewer").id);
    EXPECT_EQ(worker.permissions, std::vector{permission.id});
    EXPECT_EQ(by_name(policy.groups, "h").parent, by_name(policy.groups, "g").id);
    EXPECT_FALSE(by_name(policy.groups, "h").active);
    const engine::Subject& subject = policy.subjects[1];
    EXPECT_EQ(subject.id.text, "u");
    EXPECT_TRUE(subject.active);
    EXPECT_EQ(subject.email_domain, "x.example");
    EXPECT_EQ(subject.groups.at(0).group, by_name(policy.groups, "h").id);
    EXPECT_FALSE(policy.subjects[0].active);
    EXPECT_TRUE(policy.subjects[0].is_service_account);
    const engine::Grant& grant = policy.grants[0];
    EXPECT_EQ(grant.subject.text, "u");
    EXPECT_EQ(grant.resource_id, policy.resources[0].id);
    EXPECT_FALSE(grant.applies_to_descendants);
    EXPECT_EQ(grant.request->text(), "0190a000-0000-7000-8000-000000000001");
    EXPECT_EQ(policy.ancestors[1].fields.at(0).platform, true);
    EXPECT_TRUE(policy.ancestors[0].inherit_permissions && !policy.ancestors[1].inherit_permissions);
}

TEST(TenantPolicy, TakesTheNearestRoleOfAName) {
    const engine::TenantPolicy policy = named().policy;
    const engine::Subject& subject = policy.subjects[1];
    EXPECT_EQ(subject.roles.at(0).role, by_name(policy.ancestors[0].roles, "from-a").id);
    EXPECT_EQ(subject.roles.at(0).validity.expires_at, Instant::parse("2027-01-01T00:00:00Z"));
    EXPECT_EQ(subject.roles.at(1).role, by_name(policy.roles, "lent").id);
    EXPECT_EQ(by_name(policy.groups, "h").roles.at(0).role, by_name(policy.ancestors[1].roles, "from-b").id);
}

TEST(TenantPolicy, GoesBackFromIdsToKeys) {
    const NamedPolicy both = named();
    EXPECT_EQ(both.names.permissions.at(both.policy.permissions.back().id), "p");
    EXPECT_EQ(both.names.permissions.at(both.policy.permissions.front().id), "$tenant_admin");
    EXPECT_EQ(both.names.permissions.at(both.policy.ancestors[0].permissions.back().id), "p");
    EXPECT_EQ(both.names.roles.at(by_name(both.policy.ancestors[1].roles, "from-b").id), "from-b");
    EXPECT_EQ(both.names.resources.at(both.policy.resources[1].id), "page/b");
    EXPECT_EQ(both.names.grants.at(both.policy.grants[0].id), "night");
}

TEST(TenantPolicy, ImaginesASubjectUnderAFreeId) {
    const Document document =
        read("{version: 1, roles: {r: {}}, groups: {g: {}}, users: {(imagined): {}}}", Format::yaml).value();
    const engine::Subject subject =
        imagined_subject(document, {.roles = {{"r", {}}}, .groups = {{"g", {}}}, .attributes = {{"a", 1}}});
    EXPECT_EQ(subject.id.text, "(imagined)*");
    const engine::TenantPolicy policy = to_tenant_policy(document).policy;
    EXPECT_EQ(subject.roles.at(0).role, by_name(policy.roles, "r").id);
    EXPECT_EQ(subject.groups.at(0).group, policy.groups.at(0).id);
    EXPECT_EQ(json::to_text(subject.attributes), R"({"a":1})");
}

}  // namespace
}  // namespace sentinel::policy
