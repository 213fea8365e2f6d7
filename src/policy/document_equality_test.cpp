/// That what is written is read again as the same document is only as good a proof as the documents' equality.

#include <gtest/gtest.h>

#include <functional>

#include "policy/document.hpp"

namespace sentinel::policy {
namespace {

using engine::Instant;

Document full() {
    Document document{.tenant = "A"};
    document.resources["app/a"];
    document.fields["vessel/name"];
    document.permissions["p"].actions = {"read"};
    document.roles["r"];
    document.groups["g"].roles.push_back({.name = "r", .validity = {}});
    document.users["u"].roles.push_back({.name = "r", .validity = {}});
    document.grants["n"].user = "u";
    document.tests["t"].subject = ImaginedSubject{};
    document.ancestors.push_back({.tenant = "B"});
    return document;
}

ImaginedSubject& imagined(Document& document) { return std::get<ImaginedSubject>(document.tests["t"].subject); }

using Change = std::function<void(Document&)>;

const std::vector<Change>& changes() {
    static const std::vector<Change> all{
        [](Document& d) { d.tenant = "C"; },
        [](Document& d) { d.inherit_permissions = true; },
        [](Document& d) { d.status = TenantStatus::suspended; },
        [](Document& d) { d.menu.set("a", 1); },
        [](Document& d) { d.policy = "other.yaml"; },
        [](Document& d) { d.ancestors.clear(); },
        [](Document& d) { d.ancestors[0].tenant = "C"; },

        [](Document& d) { d.resources["app/b"]; },
        [](Document& d) { d.resources["app/a"].parent = "app/b"; },
        [](Document& d) { d.resources["app/a"].attributes.set("a", 1); },
        [](Document& d) { d.resources["app/a"].workflow_state = "draft"; },
        [](Document& d) { d.resources["app/a"].is_active = false; },

        [](Document& d) { d.fields.clear(); },
        [](Document& d) { d.fields["vessel/name"].tier = engine::Tier::tenant_specific; },
        [](Document& d) { d.fields["vessel/name"].default_visibility = engine::field_write; },
        [](Document& d) { d.fields["vessel/name"].default_visibility = engine::field_hidden; },
        [](Document& d) { d.fields["vessel/name"].is_authoritative = true; },
        [](Document& d) { d.fields["vessel/name"].is_active = false; },
        [](Document& d) { d.fields["vessel/name"].platform = true; },

        [](Document& d) { d.permissions["q"]; },
        [](Document& d) { d.permissions["p"].target.resource_type = "app"; },
        [](Document& d) { d.permissions["p"].target.resource = "app/a"; },
        [](Document& d) { d.permissions["p"].target.resource_path = "/a"; },
        [](Document& d) { d.permissions["p"].actions = {"write"}; },
        [](Document& d) { d.permissions["p"].effect = engine::Effect::deny; },
        [](Document& d) { d.permissions["p"].enforced = true; },
        [](Document& d) { d.permissions["p"].applies_to_descendants = false; },
        [](Document& d) { d.permissions["p"].is_active = false; },
        [](Document& d) { d.permissions["p"].conditions.set("a", 1); },
        [](Document& d) { d.permissions["p"].fields[0]["a"] = engine::field_read; },

        [](Document& d) { d.roles["s"]; },
        [](Document& d) { d.roles["r"].priority = 1; },
        [](Document& d) { d.roles["r"].parent = "s"; },
        [](Document& d) { d.roles["r"].permissions = {"p"}; },
        [](Document& d) { d.roles["r"].scopes = {"p"}; },
        [](Document& d) { d.roles["r"].is_active = false; },

        [](Document& d) { d.groups.clear(); },
        [](Document& d) { d.groups["g"].parent = "h"; },
        [](Document& d) { d.groups["g"].roles[0].name = "s"; },
        [](Document& d) { d.groups["g"].roles[0].validity.active = false; },
        [](Document& d) { d.groups["g"].roles[0].validity.starts_at = Instant{}; },
        [](Document& d) { d.groups["g"].roles[0].validity.expires_at = Instant{}; },
        [](Document& d) { d.groups["g"].rule.set("a", 1); },
        [](Document& d) { d.groups["g"].is_active = false; },

        [](Document& d) { d.users["v"]; },
        [](Document& d) { d.users["u"].status = UserStatus::locked; },
        [](Document& d) { d.users["u"].is_service_account = true; },
        [](Document& d) { d.users["u"].email_domain = "a.example"; },
        [](Document& d) { d.users["u"].attributes.set("a", 1); },
        [](Document& d) { d.users["u"].roles.clear(); },
        [](Document& d) { d.users["u"].groups.push_back({.name = "g", .validity = {}}); },

        [](Document& d) { d.grants.clear(); },
        [](Document& d) { d.grants["n"].user = "v"; },
        [](Document& d) { d.grants["n"].target.resource_path = "/a"; },
        [](Document& d) { d.grants["n"].actions = {"read"}; },
        [](Document& d) { d.grants["n"].validity.active = false; },
        [](Document& d) { d.grants["n"].request = engine::RequestId{}; },
        [](Document& d) { d.grants["n"].applies_to_descendants = false; },

        [](Document& d) { d.tests.clear(); },
        [](Document& d) { d.tests["t"].suite = "s"; },
        [](Document& d) { d.tests["t"].subject = "u"; },
        [](Document& d) { imagined(d).roles.push_back({.name = "r", .validity = {}}); },
        [](Document& d) { imagined(d).groups.push_back({.name = "g", .validity = {}}); },
        [](Document& d) { imagined(d).attributes.set("a", 1); },
        [](Document& d) { d.tests["t"].action = "read"; },
        [](Document& d) { d.tests["t"].resource.type = "app"; },
        [](Document& d) { d.tests["t"].resource.id = "a"; },
        [](Document& d) { d.tests["t"].resource.path = "/a"; },
        [](Document& d) { d.tests["t"].resource.parent = "a"; },
        [](Document& d) { d.tests["t"].resource.attributes.set("a", 1); },
        [](Document& d) { d.tests["t"].context.set("a", 1); },
        [](Document& d) { d.tests["t"].now = Instant{}; },
        [](Document& d) { d.tests["t"].expected.set("allowed", true); },
    };
    return all;
}

TEST(DocumentEquality, EveryMemberCounts) {
    const Document document = full();
    EXPECT_TRUE(document == full());
    for (std::size_t index = 0; index < changes().size(); ++index) {
        Document changed = full();
        changes()[index](changed);
        EXPECT_FALSE(changed == document) << "change " << index;
        EXPECT_FALSE(document == changed) << "change " << index;
        EXPECT_TRUE(changed == Document(changed)) << "change " << index;
    }
}

}  // namespace
}  // namespace sentinel::policy
