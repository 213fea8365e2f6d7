#include "policy/document.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sentinel::policy {
namespace {

constexpr std::string_view everything = R"(version: 1
tenant: PSL-001
inherit_permissions: true
status: suspended
resources:
  product_family/fleet-mgmt: {}
  app/vessel-ops:
    parent: product_family/fleet-mgmt
    attributes: {region: APAC, "no": [yes, 017, null, {a: 1.5}]}
    workflow_state: draft
    is_active: false
fields:
  vessel/imo_number: {tier: core, default_visibility: write, is_authoritative: true, is_active: false}
  vessel/hazard: {tier: platform_dynamic, default_visibility: hidden, platform: true}
permissions:
  inspect:
    resource_type: vessel
    resource_path: vessel/*
    actions: [update, read]
    conditions: {vessel_status: [In Port, Docked], region: APAC}
    fields: {core: {imo_number: [read]}, tenant_specific: {"*": [write]}, platform_dynamic: {hazard: [hidden]}}
    is_active: false
  no-delete: {resource_type: vessel, resource_path: vessel/*, actions: [delete], effect: deny, enforced: true}
  app:read: {resource_type: app, resource: app/vessel-ops, actions: ["*"], applies_to_descendants: false}
roles:
  everyone: {permissions: [no-delete]}
  port_inspector: {priority: 500, parent: viewer, permissions: [inspect, app:read], scopes: [b, a], is_active: false}
  port.child: {parent: port_inspector}
groups:
  operations: {}
  apac-operations:
    parent: operations
    roles: [port_inspector, {name: lent, expires_at: 2027-01-01T00:00:00Z}]
    rule: {user.department: ports}
    is_active: false
menu: {fleet: {url: /fleet}}
users:
  inspector@psl-001.example:
    status: locked
    is_service_account: true
    email_domain: psl-001.example
    attributes: {department: ports}
    roles: [viewer, {name: port_inspector, starts_at: 2026-01-01T00:00:00+01:00, is_active: false}]
    groups: [operations, apac-operations]
  "idle user": {status: inactive}
grants:
  night-shift:
    user: idle user
    resource_type: vessel
    resource_path: vessel/vessel-002
    actions: [update]
    starts_at: 2026-01-01T00:00:00Z
    expires_at: 2026-01-02T00:00:00Z
    request: 0190A000-0000-7000-8000-000000000001
    is_active: false
  node: {user: idle user, resource_type: app, resource: app/vessel-ops, actions: [read], applies_to_descendants: false}
ancestors:
  - version: 1
    tenant: PARENT
    inherit_permissions: true
    roles: {lent: {priority: 7, permissions: [p]}}
    permissions: {p: {resource_type: "*", resource_path: "**", actions: [read]}}
    fields: {vessel/name: {tier: core}}
tests:
  one:
    suite: fields
    now: 2026-01-05T09:00:00Z
    question:
      as: {roles: [port_inspector, lent], groups: [operations], attributes: {a: 1}}
      action: update
      resource: {type: vessel, id: v, attributes: {a: null}}
      context: {time: "2026-01-05T10:00:00Z"}
    expected:
      allowed: true
      matched_permission: null
      matched: {role: port_inspector, held_as: direct, resource: null}
      fields: {core: {imo_number: [write], name: null}}
      who_can: [b, a]
      because: {inspect: decides}
  two: {question: {user_id: x, action: a, resource: {type: t, path: /a, parent: p}}, expected: {error: not_found}}
  three: {question: {user_id: x, action: a, resource: {type: t}}, expected: {error: {kind: forbidden, pointer: /context/time}}}
)";

std::string shown(const std::vector<Problem>& problems) {
    std::string text;
    for (const Problem& problem : problems) text += problem_text(problem) + "\n";
    return text;
}

/// All problems, each as `line pointer code`.
std::vector<std::string> problems(std::string_view text, const ReadOptions& options = {}) {
    const auto document = read(text, Format::yaml, options);
    std::vector<std::string> lines;
    if (document) return lines;
    for (const Problem& problem : document.error())
        lines.push_back(std::to_string(problem.line) + " " + problem.pointer + " " + problem.code);
    return lines;
}

using Lines = std::vector<std::string>;

Document valid(std::string_view text, Format format = Format::yaml) {
    auto document = read(text, format);
    EXPECT_TRUE(document) << shown(document ? std::vector<Problem>{} : document.error());
    return document.value_or(Document{});
}

TEST(Document, ReadsEveryMember) {
    const Document document = valid(everything);
    EXPECT_EQ(document.tenant, "PSL-001");
    EXPECT_TRUE(document.inherit_permissions);
    EXPECT_EQ(document.status, TenantStatus::suspended);
    const ResourceRow& app = document.resources.at("app/vessel-ops");
    EXPECT_EQ(app.parent, "product_family/fleet-mgmt");
    EXPECT_EQ(app.attributes, *json::parse(R"({"region":"APAC","no":["yes","017",null,{"a":1.5}]})")->object());
    EXPECT_EQ(app.workflow_state, "draft");
    EXPECT_FALSE(app.is_active);
    const FieldRow& imo = document.fields.at("vessel/imo_number");
    EXPECT_EQ(imo, (FieldRow{.tier = engine::Tier::core,
                             .default_visibility = engine::field_write,
                             .is_authoritative = true,
                             .is_active = false,
                             .platform = false}));
    EXPECT_EQ(document.fields.at("vessel/hazard").default_visibility, engine::field_hidden);
    EXPECT_TRUE(document.fields.at("vessel/hazard").platform);
    const PermissionRow& inspect = document.permissions.at("inspect");
    EXPECT_EQ(inspect.target, (Target{.resource_type = "vessel", .resource = {}, .resource_path = "vessel/*"}));
    EXPECT_EQ(inspect.actions, (std::vector<std::string>{"update", "read"}));
    EXPECT_EQ(inspect.fields[0].at("imo_number"), engine::field_read);
    EXPECT_EQ(inspect.fields[1].at("hazard"), engine::field_hidden);
    EXPECT_EQ(inspect.fields[2].at("*"), engine::field_write);
    EXPECT_EQ(json::to_text(inspect.conditions), R"({"region":"APAC","vessel_status":["In Port","Docked"]})");
    EXPECT_EQ(document.permissions.at("no-delete").effect, engine::Effect::deny);
    EXPECT_TRUE(document.permissions.at("no-delete").enforced);
    EXPECT_EQ(document.permissions.at("app:read").target.resource, "app/vessel-ops");
    const RoleRow& inspector = document.roles.at("port_inspector");
    EXPECT_EQ(inspector.priority, 500);
    EXPECT_EQ(inspector.parent, "viewer");
    EXPECT_EQ(inspector.permissions, (std::vector<std::string>{"app:read", "inspect"}));
    EXPECT_EQ(inspector.scopes, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(document.groups.at("apac-operations").roles[0].name, "lent");
    EXPECT_EQ(document.groups.at("apac-operations").roles[0].validity.expires_at, Instant::parse("2027-01-01T00:00:00Z"));
    const UserRow& user = document.users.at("inspector@psl-001.example");
    EXPECT_EQ(user.status, UserStatus::locked);
    EXPECT_TRUE(user.is_service_account);
    EXPECT_EQ(user.roles[0].validity.starts_at, Instant::parse("2025-12-31T23:00:00Z"));
    EXPECT_EQ(user.groups[0].name, "apac-operations");
    EXPECT_EQ(document.grants.at("night-shift").request->text(), "0190a000-0000-7000-8000-000000000001");
    EXPECT_EQ(document.ancestors.at(0).roles.at("lent").priority, 7);
    const TestRow& one = document.tests.at("one");
    EXPECT_EQ(std::get<ImaginedSubject>(one.subject).roles[0].name, "lent");
    EXPECT_EQ(json::to_text(*one.expected.find("fields")), R"({"core":{"imo_number":["read","write"],"name":null}})");
    EXPECT_EQ(json::to_text(*one.expected.find("who_can")), R"(["a","b"])");
    EXPECT_EQ(json::to_text(document.tests.at("two").expected), R"({"error":{"kind":"not_found"}})");
}

TEST(Document, WritesTheSameBytesAfterReadingThemBack) {
    const Document document = valid(everything);
    const std::string yaml = write_yaml(document);
    const std::string json = write_json(document);
    const Document from_yaml = valid(yaml);
    const Document from_json = valid(json, Format::json);
    EXPECT_EQ(from_yaml, document);
    EXPECT_EQ(from_json, document);
    EXPECT_EQ(write_yaml(from_yaml), yaml);
    EXPECT_EQ(write_json(from_json), json);
    EXPECT_EQ(write_yaml(from_json), yaml);
    const Document least = valid("version: 1");
    EXPECT_EQ(write_yaml(least), "version: 1\n");
    EXPECT_EQ(write_json(least), "{\n  \"version\": 1\n}\n");
    EXPECT_EQ(write_yaml(valid("{version: 1, roles: {everyone: {}}, users: {}, status: active, menu: {}}")), "version: 1\n");
}

TEST(Document, SaysEveryFaultAtOnce) {
    EXPECT_EQ(problems(R"(version: 2
tenant: 7
bogus: 1
resources:
  app: {}
  App/x: {}
  app/0190a000-0000-7000-8000-000000000001: {}
  app/ok: {parent: app/none, attributes: [], workflow_state: no, is_active: "no", extra: 1}
roles:
  Upper: {}
  tenant_admin: {}
  super_admin: {}
  x: {priority: 1001, parent: y, permissions: [a, b], scopes: {}}
  z: {priority: 1.5}
  everyone: {priority: 5}
)"),
              (Lines{"1 /version format",
                     "2 /tenant type",
                     "3 /bogus unknown_member",
                     "5 /resources/app format",
                     "6 /resources/App~1x format",
                     "7 /resources/app~10190a000-0000-7000-8000-000000000001 format",
                     "8 /resources/app~1ok/attributes type",
                     "8 /resources/app~1ok/extra unknown_member",
                     "8 /resources/app~1ok/is_active type",
                     "8 /resources/app~1ok/parent reference",
                     "10 /roles/Upper format",
                     "11 /roles/tenant_admin reserved",
                     "12 /roles/super_admin reserved",
                     "13 /roles/x/parent reference",
                     "13 /roles/x/permissions/0 reference",
                     "13 /roles/x/permissions/1 reference",
                     "13 /roles/x/priority range",
                     "13 /roles/x/scopes type",
                     "14 /roles/z/priority type",
                     "15 /roles/everyone/priority unknown_member"}));
}

TEST(Document, RefusesWhatIsNoDocument) {
    EXPECT_EQ(problems(""), Lines{"1  type"});
    EXPECT_EQ(problems("[]"), Lines{"1  type"});
    EXPECT_EQ(problems("{}"), Lines{"1 /version required"});
    EXPECT_EQ(problems("version: '1'"), Lines{"1 /version format"});
    EXPECT_EQ(problems("version: 1\nroles: []\nusers: {a: 1}\ngroups:\n"),
              (Lines{"2 /roles type", "3 /users/a type", "4 /groups type"}));
    EXPECT_EQ(problems("version: 1\nroles: {a: {}, a: {}}\n"), Lines{"2 /roles/a duplicate"});
}

TEST(Document, ChecksFields) {
    EXPECT_EQ(problems(R"(version: 1
fields:
  vessel/Name: {tier: core}
  vessel/name: {tier: core}
  vessel/0: {tier: core}
  vessel/a: {}
  vessel/b: {tier: none, default_visibility: all}
)"),
              (Lines{"4 /fields/vessel~1name duplicate", "5 /fields/vessel~10 format", "6 /fields/vessel~1a/tier required",
                     "7 /fields/vessel~1b/default_visibility format", "7 /fields/vessel~1b/tier format"}));
}

TEST(Document, ChecksPermissions) {
    EXPECT_EQ(problems(R"(version: 1
resources: {app/x: {}}
permissions:
  Key: {resource_type: "*", resource_path: "**", actions: [read]}
  nothing: {}
  both: {resource_type: app, resource_path: app/x, resource: app/x, actions: [read]}
  unknown: {resource_type: app, resource: app/y, actions: [read]}
  type: {resource_type: page, resource: app/x, actions: [read]}
  effect: {resource_type: app, resource: app/x, actions: [read], effect: maybe}
  fields: {resource_type: app, resource: app/x, actions: [read], fields: {core: {a: [all], b: [read, hidden], "1": [read], c: []}, other: {}}}
  number: {resource_type: app, resource: app/x, actions: [1]}
)"),
              (Lines{"4 /permissions/Key format", "5 /permissions/nothing/actions required",
                     "5 /permissions/nothing/resource required", "5 /permissions/nothing/resource_type required",
                     "6 /permissions/both/resource_path format", "7 /permissions/unknown/resource reference",
                     "8 /permissions/type/resource format", "9 /permissions/effect/effect format",
                     "10 /permissions/fields/fields/core/1 format", "10 /permissions/fields/fields/core/a format",
                     "10 /permissions/fields/fields/core/b format", "10 /permissions/fields/fields/core/c format",
                     "10 /permissions/fields/fields/other unknown_member", "11 /permissions/number/actions/0 type"}));
}

TEST(Document, MapsTheEnginesFaultsIntoTheDocument) {
    EXPECT_EQ(problems(R"(version: 1
permissions:
  conditions:
    resource_type: vessel
    resource_path: vessel/*
    actions: [read]
    conditions:
      a: 1
      b:
        $in: []
        $bogus: 1
  path: {resource_type: vessel, resource_path: "/a//b", actions: [read]}
  actions:
    resource_type: vessel
    resource_path: vessel/*
    actions:
      - read
      - Read
    enforced: true
    extra: 1
ancestors:
  - version: 1
    tenant: P
    permissions:
      p: {resource_type: "*", resource_path: "**", actions: [read], applies_to_descendants: false}
grants:
  g: {user: u, resource_type: vessel, resource_path: "vessel/**/x", actions: [read]}
users: {u: {}}
)"),
              (Lines{"10 /permissions/conditions/conditions/b/$in range", "11 /permissions/conditions/conditions/b/$bogus format",
                     "12 /permissions/path/resource_path format", "18 /permissions/actions/actions/1 format",
                     "19 /permissions/actions/enforced format", "20 /permissions/actions/extra unknown_member",
                     "25 /ancestors/0/permissions/p/applies_to_descendants format", "27 /grants/g/resource_path format"}));
}

TEST(Document, ChecksReferencesOfPeople) {
    EXPECT_EQ(problems(R"(version: 1
groups:
  a: {parent: none, roles: [none, everyone]}
  Big: {}
users:
  "": {}
  u:
    roles: [viewer, {name: none}, {starts_at: x}, 7, {name: viewer, is_active: false, expires_at: 5}]
    groups:
      - a
      - none
    status: gone
grants:
  g: {user: nobody, resource_type: app, resource: app/x, actions: [read], request: r, starts_at: 2026-01-01}
  h: {resource_type: app, resource_path: app/x, actions: [read]}
)"),
              (Lines{"3 /groups/a/parent reference", "3 /groups/a/roles/0 reference", "3 /groups/a/roles/1 reference",
                     "4 /groups/Big format", "6 /users/ format", "8 /users/u/roles/1 reference",
                     "8 /users/u/roles/2/name required", "8 /users/u/roles/2/starts_at format", "8 /users/u/roles/3 type",
                     "8 /users/u/roles/4/expires_at type", "11 /users/u/groups/1 reference", "12 /users/u/status format",
                     "14 /grants/g/request format", "14 /grants/g/resource reference", "14 /grants/g/starts_at format",
                     "14 /grants/g/user reference", "15 /grants/h/user required"}));
}

TEST(Document, RefusesNamesThatAreListedTwice) {
    EXPECT_EQ(problems("version: 1\nroles:\n  r: {scopes: [a, a]}\nusers:\n  u: {roles: [r, {name: r, is_active: false}]}\n  "
                       "v:\n    roles: [r, viewer, r]\n"),
              (Lines{"3 /roles/r/scopes duplicate", "7 /users/v/roles duplicate"}));
}

TEST(Document, RefusesCyclesAndChainsThatAreTooLong) {
    EXPECT_EQ(problems("version: 1\nroles:\n  a: {parent: b}\n  b: {parent: c}\n  c: {parent: b}\n  d: {parent: d}\n"),
              (Lines{"4 /roles/b/parent cycle", "6 /roles/d/parent cycle"}));
    EXPECT_EQ(problems("version: 1\ngroups:\n  a: {parent: a}\nresources:\n  app/a: {parent: app/a}\n"),
              (Lines{"3 /groups/a/parent cycle", "5 /resources/app~1a/parent cycle"}));
    std::string chain = "version: 1\nresources:\n";
    for (int i = 10; i < 42; ++i)
        chain += "  app/r" + std::to_string(i) + ": {" + (i == 10 ? "" : "parent: app/r" + std::to_string(i - 1)) + "}\n";
    EXPECT_EQ(problems(chain), Lines{});
    EXPECT_EQ(problems(chain + "  app/r42: {parent: app/r41}\n"), Lines{"35 /resources/app~1r42/parent limit"});
    std::string roles = "version: 1\nroles:\n";
    for (int i = 10; i < 41; ++i)
        roles += "  r" + std::to_string(i) + ": {parent: " + (i == 10 ? "viewer" : "r" + std::to_string(i - 1)) + "}\n";
    EXPECT_EQ(problems(roles), Lines{});
    EXPECT_EQ(problems(roles + "  r41: {parent: r40}\n"), Lines{"34 /roles/r41/parent limit"});
    EXPECT_EQ(problems("version: 1\nroles: {a: {parent: everyone}}\n"), Lines{"2 /roles/a/parent reference"});
}

TEST(Document, ChecksAncestorsAsDocuments) {
    EXPECT_EQ(
        problems(R"(version: 1
tenant: A
ancestors:
  - {tenant: A, roles: {r: {parent: none, permissions: [p]}}}
  - {version: 1, tenant: B, ancestors: []}
  - {version: 1, tenant: B, policy: x}
  - 7
)"),
        (Lines{"4 /ancestors/0/roles/r/parent reference", "4 /ancestors/0/roles/r/permissions/0 reference",
               "4 /ancestors/0/tenant duplicate", "4 /ancestors/0/version required", "5 /ancestors/1/ancestors unknown_member",
               "6 /ancestors/2/policy unknown_member", "6 /ancestors/2/tenant duplicate", "7 /ancestors/3 type"}));
    std::string many = "version: 1\nancestors:\n";
    for (int i = 0; i < 31; ++i) many += "  - {version: 1, tenant: T" + std::to_string(i) + "}\n";
    EXPECT_EQ(problems(many), Lines{});
    EXPECT_EQ(problems(many + "  - {version: 1, tenant: X}\n"), Lines{"2 /ancestors limit"});
}

TEST(Document, KeepsOfflineKindsFromTheServer) {
    const ReadOptions server{.limits = server_limits, .offline = false};
    EXPECT_EQ(problems("version: 1\nusers: {}\ngrants: {}\nancestors: []\nstatus: active\ninherit_permissions: false\npolicy: x\n"
                       "fields: {a/b: {tier: core, platform: false}}\n",
                       server),
              (Lines{"2 /users conflict", "2 /users offline_only", "3 /grants conflict", "3 /grants offline_only",
                     "4 /ancestors conflict", "4 /ancestors offline_only", "5 /status conflict", "5 /status offline_only",
                     "6 /inherit_permissions conflict", "6 /inherit_permissions offline_only", "7 /policy offline_only",
                     "8 /fields conflict", "8 /fields/a~1b/platform offline_only"}));
}

TEST(Document, ChecksTests) {
    EXPECT_EQ(problems(R"(version: 1
tests:
  "": {}
  a:
    question: {action: read}
    expected: {}
  A:
    question: {user_id: u, as: {roles: [none], groups: [none], x: 1}, action: 1, resource: {id: 5, x: 1}, context: []}
    expected: {allowed: "yes", bogus: 1, matched: {role: 1, x: 1}, fields: {core: {a: [x]}}, error: conflict, ttl: soon}
    now: yesterday
    x: 1
  b:
    question: {user_id: u, action: read, resource: {type: t}}
    expected: {error: {kind: x, pointer: 1}, candidates: a, because: {a: 1}, matched_permission: 1, who_can: {}, matched_conditions: 1, matched: {}}
)"),
              (Lines{"3 /tests/ format",
                     "3 /tests//expected required",
                     "3 /tests//question required",
                     "4 /tests/a duplicate",
                     "5 /tests/a/question/resource required",
                     "5 /tests/a/question/user_id required",
                     "6 /tests/a/expected required",
                     "8 /tests/A/question/action type",
                     "8 /tests/A/question/as/groups/0 reference",
                     "8 /tests/A/question/as/roles/0 reference",
                     "8 /tests/A/question/as/x unknown_member",
                     "8 /tests/A/question/context type",
                     "8 /tests/A/question/resource/id type",
                     "8 /tests/A/question/resource/type required",
                     "8 /tests/A/question/resource/x unknown_member",
                     "8 /tests/A/question/user_id format",
                     "9 /tests/A/expected/allowed type",
                     "9 /tests/A/expected/bogus unknown_member",
                     "9 /tests/A/expected/error format",
                     "9 /tests/A/expected/fields/core/a format",
                     "9 /tests/A/expected/fields/core/a reference",
                     "9 /tests/A/expected/matched/role type",
                     "9 /tests/A/expected/matched/x unknown_member",
                     "9 /tests/A/expected/ttl type",
                     "10 /tests/A/now format",
                     "11 /tests/A/x unknown_member",
                     "14 /tests/b/expected/because/a reference",
                     "14 /tests/b/expected/because/a type",
                     "14 /tests/b/expected/candidates type",
                     "14 /tests/b/expected/error/kind format",
                     "14 /tests/b/expected/error/pointer type",
                     "14 /tests/b/expected/matched required",
                     "14 /tests/b/expected/matched_conditions type",
                     "14 /tests/b/expected/matched_permission type",
                     "14 /tests/b/expected/who_can type"}));
}

TEST(Document, NamesEveryValueOfAWrongType) {
    const std::vector<std::pair<std::string_view, std::string_view>> cases{
        {"users: {u: {roles: 5}}", "2 /users/u/roles type"},
        {"users: {u: {groups: {g: 1}}}", "2 /users/u/groups type"},
        {"groups: {g: {roles: r}}", "2 /groups/g/roles type"},
        {"roles: {r: {priority: 1.5}}", "2 /roles/r/priority type"},
        {"roles: {r: {priority: high}}", "2 /roles/r/priority type"},
        {"roles: {r: {priority: -1}}", "2 /roles/r/priority range"},
        {"roles: {r: {priority: 1001}}", "2 /roles/r/priority range"},
        {"roles: {r: 5}", "2 /roles/r type"},
        {"tenant: 5", "2 /tenant type"},
        {"tenant: true", "2 /tenant type"},
        {"tenant: [a]", "2 /tenant type"},
        {"ancestors: {a: 1}", "2 /ancestors type"},
        {"permissions: {p: 5}", "2 /permissions/p type"},
        {"permissions: {p: {resource_type: a, resource_path: a/*, actions: [read], fields: {core: {f: read}}}}",
         "2 /permissions/p/fields/core/f type"},
        {"permissions: {p: {resource_type: a, resource_path: a/*, actions: [read], fields: {core: {f: []}}}}",
         "2 /permissions/p/fields/core/f format"},
    };
    for (const auto& [line, problem] : cases) {
        EXPECT_EQ(problems("version: 1\n" + std::string(line)), Lines{std::string(problem)}) << line;
    }
}

TEST(Document, AsksForQuotesWhereATextLooksLikeAnotherValue) {
    for (const std::string_view written : {"5", "true"}) {
        const auto document = read("version: 1\ntenant: " + std::string(written), Format::yaml);
        ASSERT_FALSE(document);
        EXPECT_TRUE(document.error().front().message.ends_with("; put it in quotes")) << document.error().front().message;
    }
    EXPECT_FALSE(read("version: 1\ntenant: [a]", Format::yaml).error().front().message.contains("quotes"));
}

TEST(Document, ListsNoMoreProblemsThanAreOfUse) {
    std::string text = "version: 1\nroles:\n  a:\n    permissions:\n";
    for (int i = 0; i < 1001; ++i) text += "      - p" + std::to_string(i) + "\n";
    const Lines lines = problems(text);
    ASSERT_EQ(lines.size(), 1001U);
    EXPECT_EQ(lines.front(), "5 /roles/a/permissions/0 reference");
    EXPECT_EQ(lines.back(), "1004  limit");
}

TEST(Document, BoundsWhatHostileListsCost) {
    std::string actions = "a0";
    for (int i = 1; i < 150'000; ++i) actions += ", a" + std::to_string(i);
    EXPECT_EQ(problems("version: 1\npermissions: {p: {resource_type: a, resource_path: a/*, actions: [" + actions + "]}}"),
              Lines{"2 /permissions/p/actions limit"});
    std::string users = "version: 1\nusers:\n  " + std::string(1000, 'u') + ":\n";
    for (int i = 0; i < 50'000; ++i) users += "    x" + std::to_string(i) + ": 1\n";
    const auto document = read(users, Format::yaml);
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().back().code, "limit");
}

TEST(Document, KeepsTheBuiltInRoles) {
    ASSERT_EQ(built_in_roles().size(), 10U);
    EXPECT_TRUE(is_built_in_role("everyone"));
    EXPECT_FALSE(is_built_in_role("super_admin"));
}

}  // namespace
}  // namespace sentinel::policy
