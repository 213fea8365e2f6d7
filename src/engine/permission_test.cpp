#include "engine/permission.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "engine/engine_testing.hpp"

namespace sentinel::engine {
namespace {

using testing::Texts;
using testing::texts_of;

Permission plain() {
    Permission permission;
    permission.resource_type = "app";
    permission.resource_path = "/ops";
    permission.actions = {"read"};
    return permission;
}

Texts faults_with(const std::function<void(Permission&)>& change) {
    Permission permission = plain();
    change(permission);
    const core::Faults faults = validate(permission);
    const auto compiled = compile(permission, false);
    EXPECT_EQ(compiled.has_value(), faults.empty()) << "compile refuses what validate refuses";
    if (!compiled) { EXPECT_EQ(texts_of(compiled.error()), texts_of(faults)); }
    return texts_of(faults);
}

auto& core_fields(Permission& permission) { return permission.fields[0]; }

std::vector<std::string> numbered(std::string_view stem, std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t number = 0; number < count; ++number) names.push_back(std::string(stem) + std::to_string(number));
    return names;
}

// ---- validate -------------------------------------------------------------------------------------------------------

TEST(Validate, TakesAPlainPermission) { EXPECT_EQ(validate(plain()), core::Faults{}); }

TEST(Validate, ReportsAllFaultsAtOnce) {
    EXPECT_EQ(
        faults_with([](Permission& p) {
            p.key = "A";
            p.resource_type = "App";
            p.actions = {"Read", "write"};
            p.enforced = true;
            p.conditions = testing::object(R"({"a": {"$foo": 1}})");
        }),
        (Texts{"/key format", "/resource_type format", "/actions/0 format", "/enforced format", "/conditions/a/$foo format"}));
}

TEST(Validate, TakesKeysOfTheirGrammarUpTo128) {
    for (const std::string& key : {std::string("a"), std::string("0.a_b:c/d-e"), std::string(128, 'k')}) {
        EXPECT_EQ(faults_with([&](Permission& p) { p.key = key; }), Texts{}) << key;
    }
    for (const std::string& key :
         {std::string("A"), std::string(".a"), std::string("a b"), std::string("a|"), std::string(129, 'k')}) {
        EXPECT_EQ(faults_with([&](Permission& p) { p.key = key; }), Texts{"/key format"}) << key;
    }
}

TEST(Validate, WantsOneTo32DistinctActionsOrTheStarAlone) {
    const auto with = [](std::vector<std::string> actions) { return faults_with([&](Permission& p) { p.actions = actions; }); };
    EXPECT_EQ(with({"*"}), Texts{});
    EXPECT_EQ(with(numbered("a", 32)), Texts{});
    EXPECT_EQ(with(numbered("a", 33)), Texts{"/actions limit"});
    EXPECT_EQ(with({}), Texts{"/actions limit"});
    EXPECT_EQ(with({"read", "*"}), Texts{"/actions/1 format"});
    EXPECT_EQ(with({"read", "read"}), Texts{"/actions/1 duplicate"});
    EXPECT_EQ(with({"read", ""}), Texts{"/actions/1 format"});
}

TEST(Validate, WantsFieldNamesAndSoundRights) {
    const auto with = [](const std::string& name, FieldRights rights) {
        return faults_with([&](Permission& p) { core_fields(p)[name] = rights; });
    };
    for (const std::string& name : {std::string("*"), std::string("a"), std::string("Zz-9_"), std::string(100, 'n')}) {
        EXPECT_EQ(with(name, field_read), Texts{}) << name;
    }
    for (const std::string& name : {std::string(), std::string("9a"), std::string("_a"), std::string("a.b"), std::string("a*"),
                                    std::string("a{"), std::string("[a"), std::string(101, 'n')}) {
        EXPECT_EQ(with(name, field_read), Texts{"/fields/core/" + name + " format"}) << name;
    }
    EXPECT_EQ(with("a/b", field_read), Texts{"/fields/core/a~1b format"}) << "pointers are escaped";
    EXPECT_EQ(with("a", {.read = true, .hidden = true}), Texts{"/fields/core/a format"});
    EXPECT_EQ(with("a", {.write = true, .hidden = true}), Texts{"/fields/core/a format"});
    EXPECT_EQ(with("a", {}), Texts{"/fields/core/a required"});
    EXPECT_EQ(faults_with([](Permission& p) { p.fields[2]["9"] = field_hidden; }), Texts{"/fields/tenant_specific/9 format"});
}

TEST(Validate, TakesAtMost500FieldsInAllTiersTogether) {
    const auto with = [](std::size_t first, std::size_t second) {
        return faults_with([&](Permission& p) {
            for (const std::string& name : numbered("f", first)) p.fields[0][name] = field_read;
            for (const std::string& name : numbered("g", second)) p.fields[1][name] = field_read;
        });
    };
    EXPECT_EQ(with(250, 250), Texts{});
    EXPECT_EQ(with(250, 251), Texts{"/fields limit"});
}

TEST(Validate, ADenyCarriesNoFieldRights) {
    EXPECT_EQ(faults_with([](Permission& p) {
                  p.effect = Effect::deny;
                  core_fields(p)["a"] = field_hidden;
              }),
              Texts{"/fields format"});
}

TEST(Validate, OnlyADenyIsEnforced) {
    EXPECT_EQ(faults_with([](Permission& p) { p.enforced = true; }), Texts{"/enforced format"});
    EXPECT_EQ(faults_with([](Permission& p) {
                  p.enforced = true;
                  p.effect = Effect::deny;
              }),
              Texts{});
}

TEST(Validate, NoDescendantsHasAMeaningOnPlacesAlone) {
    const auto with = [](std::string type, std::string path) {
        return faults_with([&](Permission& p) {
            p.applies_to_descendants = false;
            p.resource_type = type;
            p.resource_path = path;
        });
    };
    EXPECT_EQ(with("*", "/a/*"), Texts{});
    EXPECT_EQ(with("*", "**"), Texts{"/applies_to_descendants format"});
    EXPECT_EQ(with("app", "app/*"), Texts{"/applies_to_descendants format"});
    EXPECT_EQ(with("app", "app/x"), Texts{"/applies_to_descendants format"});
    EXPECT_EQ(with("app", "/a//"), Texts{"/resource_path format"}) << "a broken selector is the fault";
}

// ---- compile --------------------------------------------------------------------------------------------------------

TEST(Compile, WriteImpliesRead) {
    Permission permission = plain();
    permission.fields[1]["f"] = {.write = true};
    const auto compiled = compile(permission, false).value();
    EXPECT_TRUE(compiled->names_fields);
    EXPECT_EQ(compiled->source.fields[1].at("f"), field_write);
    EXPECT_FALSE(compile(plain(), false).value()->names_fields);
}

TEST(Compile, KnowsWhatKindOfPermissionItIs) {
    Permission deny = plain();
    deny.effect = Effect::deny;
    deny.actions = {"*"};
    const auto compiled = compile(deny, true).value();
    EXPECT_TRUE(compiled->every_action);
    EXPECT_TRUE(compiled->foreign);
    EXPECT_TRUE(compiled->is_deny());
    EXPECT_FALSE(compiled->is_guardrail());
    EXPECT_TRUE(compiled->resolves());
    deny.enforced = true;
    EXPECT_TRUE(compile(deny, false).value()->is_guardrail());
    deny.resource_type = "*";
    deny.resource_path = "**";
    EXPECT_FALSE(compile(deny, false).value()->resolves());
    deny.resource_type = "app";
    deny.resource_path = "app/*";
    EXPECT_FALSE(compile(deny, false).value()->resolves());
}

TEST(Compile, CountsWhatItHolds) {
    Permission big = plain();
    big.conditions.set("a", std::string(1'000, 'x'));
    big.fields[0]["f"] = field_read;
    big.actions = numbered("action_of_some_length_", 32);
    EXPECT_GT(compile(big, false).value()->bytes(), compile(plain(), false).value()->bytes() + 2'000);
}

// ---- resolve --------------------------------------------------------------------------------------------------------

/// ops ─┬─ fleet ─── v1      (service, vessel)
///      └─ fleet (page)      the code fits two children
struct Resolving : ::testing::Test {
    Resolving() {
        fleet_page.type = "page";
        snapshot = tenant.snapshot();
    }
    ResolvedSelector resolved(std::string_view type, std::string_view path, bool follow_all = false) const {
        return resolve(parse_selector(type, std::nullopt, path).value(), true, follow_all, snapshot->tree, snapshot->names);
    }
    NodeIndex node(const Resource& resource) const { return snapshot->tree.find(resource.id); }

    testing::World tenant;
    Resource& ops = tenant.add_resource("app", "ops");
    Resource& fleet = tenant.add_resource("service", "fleet", &ops);
    Resource& vessel = tenant.add_resource("vessel", "v1", &fleet);
    Resource& fleet_page = tenant.add_resource("page", "fleet", &ops);
    SnapshotPointer snapshot;
};

TEST_F(Resolving, APathWithoutWildcardsBecomesTheNodeOfAnyType) {
    const ResolvedSelector selector = resolved("page", "/ops");
    ASSERT_EQ(selector.targets.size(), 1U);
    EXPECT_EQ(selector.targets[0].base, node(ops));
    EXPECT_TRUE(selector.targets[0].rest.empty());
    EXPECT_EQ(selector.type, "*");
}

TEST_F(Resolving, LiteralsAreIdsInAnyCaseElseCodesElseText) {
    std::string upper = ops.id.text();
    std::ranges::transform(upper, upper.begin(), [](char letter) { return static_cast<char>(std::toupper(letter)); });
    EXPECT_EQ(resolved("*", "/" + upper + "/" + fleet.id.text() + "/v1").targets[0].base, node(vessel));
    const ResolvedSelector text = resolved("*", "/ops/none/v1");
    ASSERT_EQ(text.targets.size(), 1U);
    EXPECT_EQ(text.targets[0].base, node(ops));
    EXPECT_EQ(text.targets[0].rest.size(), 2U);
    EXPECT_EQ(resolved("*", "/" + vessel.id.text()).targets[0].base, no_node) << "an id of something that is no child is text";
}

TEST_F(Resolving, APatternKeepsWhatFollowsItsLeadingLiterals) {
    const ResolvedSelector selector = resolved("vessel", "/ops/*/v1");
    ASSERT_EQ(selector.targets.size(), 1U);
    EXPECT_EQ(selector.targets[0].base, node(ops));
    EXPECT_EQ(selector.targets[0].rest.size(), 2U);
    EXPECT_EQ(selector.type, "vessel");
}

TEST_F(Resolving, AnAmbiguousLiteralReachesNothingForAnAllowAndBothForADeny) {
    EXPECT_TRUE(resolved("*", "/ops/fleet/**").targets.empty());
    const ResolvedSelector both = resolved("*", "/ops/fleet", true);
    ASSERT_EQ(both.targets.size(), 2U);
    const std::set<NodeIndex> bases{both.targets[0].base, both.targets[1].base};
    EXPECT_EQ(bases, (std::set<NodeIndex>{node(fleet), node(fleet_page)}));
    const ResolvedSelector deeper = resolved("*", "/ops/fleet/v1", true);
    ASSERT_EQ(deeper.targets.size(), 2U) << "below one it is v1, below the other text";
    EXPECT_EQ(deeper.specificity, resolved("*", "/ops/fleet/v1").specificity) << "an ambiguous deny keeps its rank";
}

TEST_F(Resolving, ARegisteredInstanceBecomesItsNodeWithoutDescendants) {
    const ResolvedSelector registered = resolved("vessel", "vessel/v1");
    EXPECT_EQ(registered.form, SelectorForm::path);
    EXPECT_FALSE(registered.descendants);
    ASSERT_EQ(registered.targets.size(), 1U);
    EXPECT_EQ(registered.targets[0].base, node(vessel));
    EXPECT_EQ(registered.specificity, resolved("*", "/ops/" + fleet.id.text() + "/v1").specificity);
    EXPECT_EQ(resolved("vessel", "vessel/v2").form, SelectorForm::instance);
    EXPECT_EQ(resolved("barge", "barge/v1").form, SelectorForm::instance);
}

TEST_F(Resolving, ANodeThatIsNotRegisteredReachesNothing) {
    const Selector unknown{.form = SelectorForm::node, .resource = ResourceId::parse("0190a000-0000-7000-8000-000000000001")};
    EXPECT_TRUE(resolve(unknown, true, false, snapshot->tree, snapshot->names).targets.empty());
    const Selector known{.form = SelectorForm::node, .resource = vessel.id};
    const ResolvedSelector selector = resolve(known, false, false, snapshot->tree, snapshot->names);
    EXPECT_EQ(selector.targets.at(0).base, node(vessel));
    EXPECT_FALSE(selector.descendants);
}

TEST_F(Resolving, SpecificityFallsFromInstanceToAll) {
    const std::string fleet_id = fleet.id.text();
    const std::vector<ResolvedSelector> falling{
        resolved("vessel", "vessel/outside"),
        resolved("*", "/ops/" + fleet_id + "/v1"),   // NODE, three leading literals
        resolved("*", "/ops/" + fleet_id),           // NODE, two
        resolved("*", "/ops/" + fleet_id + "/*/x"),  // PATTERN, two leading, three in all
        resolved("*", "/ops/" + fleet_id + "/*"),    // PATTERN, two
        resolved("*", "/ops"),                       // NODE, one
        resolved("*", "/ops/*/v1"),                  // PATTERN, one leading, two in all, no `**`
        resolved("*", "/ops/**/v1"),                 // one `**`
        resolved("*", "/ops/**/v1/**"),              // two
        resolved("*", "/ops/**"),
        resolved("*", "/**/v1"),
        resolved("*", "/*"),
        resolved("*", "/**"),
        resolved("vessel", "vessel/*"),
        resolved("*", "**"),
    };
    for (std::size_t index = 1; index < falling.size(); ++index) {
        EXPECT_GT(falling[index - 1].specificity, falling[index].specificity) << "at " << index;
    }
    EXPECT_EQ(resolved("*", "/*").specificity, resolved("*", "/*/*").specificity) << "a `*` more makes nothing more specific";
}

TEST_F(Resolving, AnAncestorsPlacesReachNothingHereButItsInstancesDo) {
    const auto resolve_foreign = [&](std::string type, std::string path) {
        Permission permission = plain();
        permission.resource_type = std::move(type);
        permission.resource_path = std::move(path);
        return resolve(compile(permission, true).value(), snapshot->tree, snapshot->names);
    };
    EXPECT_TRUE(resolve_foreign("app", "/ops")->selector.targets.empty());
    EXPECT_TRUE(resolve_foreign("*", "/**")->selector.targets.empty());
    EXPECT_EQ(resolve_foreign("vessel", "vessel/v1")->selector.targets.size(), 1U);
    EXPECT_EQ(resolve_foreign("vessel", "vessel/*")->selector.form, SelectorForm::type);
}

TEST_F(Resolving, ASelectorMentionsAResourceByIdCodeOrInstance) {
    const auto says = [&](std::string_view type, std::string_view path) {
        return mentions(parse_selector(type, std::nullopt, path).value(), vessel);
    };
    EXPECT_TRUE(says("vessel", "vessel/v1"));
    EXPECT_FALSE(says("vessel", "vessel/v2"));
    EXPECT_FALSE(says("barge", "barge/v1"));
    EXPECT_TRUE(says("*", "/ops/*/v1"));
    EXPECT_TRUE(says("*", "/" + vessel.id.text() + "/x"));
    EXPECT_FALSE(says("*", "/ops/**"));
    EXPECT_FALSE(says("*", "**"));
    EXPECT_FALSE(says("vessel", "vessel/*"));
    EXPECT_TRUE(mentions(Selector{.form = SelectorForm::node, .resource = vessel.id}, vessel));
    EXPECT_FALSE(mentions(Selector{.form = SelectorForm::node, .resource = fleet.id}, vessel));
}

}  // namespace
}  // namespace sentinel::engine
