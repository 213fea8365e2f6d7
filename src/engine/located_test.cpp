#include "engine/located.hpp"

#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sentinel::engine {
namespace {

using namespace testing;

// ---- form -----------------------------------------------------------------------------------------------------------

Question sound() { return {{"ann"}, "read", by_id("app", "ops"), {}}; }

/// `pointer code`, or nothing.
std::string form_fault(const Question& question) {
    const auto error = check_form(question);
    if (!error) return {};
    EXPECT_EQ(error->kind, core::ErrorKind::validation_failed);
    return error->fault.pointer + " " + error->fault.code;
}

TEST(CheckForm, TakesSoundQuestions) {
    EXPECT_EQ(form_fault(sound()), "");
    Question question = sound();
    question.subject.text = std::string(255, 'x');
    question.resource = by_path("vessel", "/a/b");
    question.context = object(R"({"time": "2026-01-01t00:00:00.5+02:00"})");
    EXPECT_EQ(form_fault(question), "");
    for (const ResourceReference& reference : {of_type("app"), new_below("app", "ops"), below("app", "x", "ops")}) {
        question.resource = reference;
        EXPECT_EQ(form_fault(question), "");
    }
}

TEST(CheckForm, NamesWhatIsMalformed) {
    const auto with = [](auto change) {
        Question question = sound();
        change(question);
        return form_fault(question);
    };
    for (const std::string& text : {std::string(), std::string(256, 'x'), std::string("\xFF")}) {
        EXPECT_EQ(with([&](Question& q) { q.subject.text = text; }), "/user_id format");
    }
    for (const char* action : {"", "*", "Read"}) EXPECT_EQ(with([&](Question& q) { q.action = action; }), "/action format");
    for (const char* type : {"", "*", "App"})
        EXPECT_EQ(with([&](Question& q) { q.resource.type = type; }), "/resource/type format");
    EXPECT_EQ(with([](Question& q) { q.resource.id = ""; }), "/resource/id format");
    EXPECT_EQ(with([](Question& q) { q.resource.path = "/a"; }), "/resource/path exclusive");
    EXPECT_EQ(with([](Question& q) { q.resource = by_path("app", "a"); }), "/resource/path format");
    EXPECT_EQ(with([](Question& q) {
                  q.resource = by_path("app", "/a");
                  q.resource.parent = "ops";
              }),
              "/resource/parent exclusive");
    EXPECT_EQ(with([](Question& q) { q.resource = new_below("app", std::string(256, 'x')); }), "/resource/parent format");
    for (const char* context : {R"({"time": 5})", R"({"time": null})", R"({"time": "today"})"}) {
        EXPECT_EQ(with([&](Question& q) { q.context = object(context); }), "/context/time format") << context;
    }
}

TEST(CheckForm, GivesTheFirstFaultInTheOrderOfTheQuestion) {
    Question question{{""}, "*", by_id("*", ""), object(R"({"time": 1})")};
    question.resource.parent = "";
    EXPECT_EQ(form_fault(question), "/user_id format");
    question.subject.text = "ann";
    EXPECT_EQ(form_fault(question), "/action format");
    question.action = "read";
    EXPECT_EQ(form_fault(question), "/resource/type format");
    question.resource.type = "app";
    EXPECT_EQ(form_fault(question), "/resource/id format");
    question.resource.id = "x";
    EXPECT_EQ(form_fault(question), "/resource/parent format");
    question.resource.parent = "ops";
    EXPECT_EQ(form_fault(question), "/context/time format");
}

// ---- which resource is meant ----------------------------------------------------------------------------------------

/// ops (app) ─┬─ fleet (service) ─── v1 (vessel)
///            ├─ fleet (page)
///            └─ desk (page)          other (app) ─── desk (api)
struct Locating : ::testing::Test {
    Locating() : snapshot(tenant.snapshot()) {}

    /// `kind pointer code` of the error, or the codes of the chain, `~text`, and `?` for what is unnamed.
    std::string locate(const ResourceReference& reference) {
        const auto error = engine::locate(reference, *snapshot, located);
        if (error) {
            const std::string_view kind = error->kind == core::ErrorKind::not_found ? "404 " : "400 ";
            return std::string(kind) + error->fault.pointer + " " + error->fault.code;
        }
        std::string chain;
        for (const ChainStep& step : located.chain) {
            chain += '/';
            if (step.kind == ChainStep::Kind::registered) chain += snapshot->tree.node(step.node).resource.code;
            if (step.kind == ChainStep::Kind::text) chain += "~" + std::string(step.text);
            if (step.kind == ChainStep::Kind::unnamed) chain += "?";
        }
        return chain;
    }
    static std::string upper(std::string text) {
        std::ranges::transform(text, text.begin(), [](char letter) { return static_cast<char>(std::toupper(letter)); });
        return text;
    }

    World tenant;
    Resource& ops = tenant.add_resource("app", "ops");
    Resource& fleet = tenant.add_resource("service", "fleet", &ops);
    Resource& vessel = tenant.add_resource("vessel", "v1", &fleet);
    Resource& fleet_page = tenant.add_resource("page", "fleet", &ops);
    Resource& desk = tenant.add_resource("page", "desk", &ops);
    Resource& other = tenant.add_resource("app", "other");
    Resource& desk_api = tenant.add_resource("api", "desk", &other);
    SnapshotPointer snapshot;
    LocatedResource located;
};

TEST_F(Locating, AnIdIsAUuidInAnyCaseElseACodeOfItsType) {
    EXPECT_EQ(locate(by_id("vessel", vessel.id.text())), "/ops/fleet/v1");
    EXPECT_EQ(located.node, snapshot->tree.find(vessel.id));
    EXPECT_EQ(located.outside_id, std::nullopt);
    EXPECT_EQ(locate(by_id("vessel", upper(vessel.id.text()))), "/ops/fleet/v1");
    EXPECT_EQ(locate(by_id("vessel", "v1")), "/ops/fleet/v1");
    EXPECT_EQ(locate(by_id("page", "fleet")), "/ops/fleet");
    EXPECT_EQ(located.node, snapshot->tree.find(fleet_page.id));
    EXPECT_EQ(locate(by_id("app", vessel.id.text())), "400 /resource/id reference");
    EXPECT_EQ(locate(by_id("invoice", vessel.id.text())), "400 /resource/id reference") << "also under a type that nothing bears";
}

TEST_F(Locating, EveryOtherIdIsAnOutsideInstance) {
    for (const std::string& id : {std::string("V1"), std::string("v2"), std::string("0190a000-0000-7000-8000-000000000001")}) {
        const ResourceReference reference = by_id("vessel", id);
        EXPECT_EQ(locate(reference), "") << "without a parent it lies nowhere";
        EXPECT_EQ(located.outside_id, id);
        EXPECT_EQ(located.node, no_node);
    }
    const ResourceReference invoice = by_id("invoice", "v1");
    EXPECT_EQ(locate(invoice), "");
    EXPECT_EQ(located.type, no_name);
    EXPECT_EQ(located.type_text, "invoice");
    EXPECT_EQ(locate(below("vessel", "v2", "fleet-page")), "404 /resource/parent reference");
    const ResourceReference under = below("vessel", "v2", "v1");
    EXPECT_EQ(locate(under), "/ops/fleet/v1/?");
    EXPECT_EQ(located.outside_id, "v2");
}

TEST_F(Locating, ANewResourceLiesBelowItsParentWithoutId) {
    EXPECT_EQ(locate(new_below("vessel", "ops")), "/ops/?");
    EXPECT_EQ(located.outside_id, std::nullopt);
    EXPECT_EQ(located.chain.back().type, snapshot->name("vessel"));
    EXPECT_EQ(locate(new_below("vessel", upper(ops.id.text()))), "/ops/?");
    EXPECT_EQ(locate(of_type("vessel")), "");
}

TEST_F(Locating, AParentIsAUuidElseACodeThatOneResourceBears) {
    EXPECT_EQ(locate(new_below("vessel", "desk")), "400 /resource/parent ambiguous");
    EXPECT_EQ(locate(new_below("vessel", "fleet")), "400 /resource/parent ambiguous");
    EXPECT_EQ(locate(new_below("vessel", "nobody")), "404 /resource/parent reference");
    EXPECT_EQ(locate(new_below("vessel", "0190a000-0000-7000-8000-000000000001")), "404 /resource/parent reference");
    EXPECT_EQ(locate(below("vessel", "v1", fleet.id.text())), "/ops/fleet/v1");
    EXPECT_EQ(locate(below("vessel", "v1", "ops")), "400 /resource/parent reference") << "registered, but its parent is another";
    EXPECT_EQ(locate(below("app", "ops", "other")), "400 /resource/parent reference") << "a root has no parent";
    EXPECT_EQ(locate(below("vessel", vessel.id.text(), "nobody")), "404 /resource/parent reference");
    EXPECT_EQ(locate(below("app", vessel.id.text(), "nobody")), "400 /resource/id reference") << "the id comes first";
}

TEST_F(Locating, APathIsWalkedByIdElseByCode) {
    EXPECT_EQ(locate(by_path("app", "/ops")), "/ops");
    EXPECT_EQ(locate(by_path("app", "/" + upper(ops.id.text()) + "/")), "/ops");
    EXPECT_EQ(locate(by_path("vessel", "/ops/" + fleet.id.text() + "/v1")), "/ops/fleet/v1");
    EXPECT_EQ(located.node, snapshot->tree.find(vessel.id));
    EXPECT_EQ(locate(by_path("app", "/" + vessel.id.text())), "/~" + vessel.id.text()) << "registered, but no child here";
    EXPECT_EQ(locate(by_path("page", "/ops")), "400 /resource/path reference");
    EXPECT_EQ(locate(by_path("invoice", "/ops")), "400 /resource/path reference");
}

TEST_F(Locating, FromTheFirstUnknownSegmentOnAPathIsText) {
    EXPECT_EQ(locate(by_path("vessel", "/ops/x/fleet")), "/ops/~x/~fleet");
    EXPECT_EQ(located.node, no_node);
    EXPECT_EQ(located.outside_id, std::nullopt) << "a tail is no instance";
    EXPECT_EQ(located.chain[1].type, no_name) << "text in mid-path has no type";
    EXPECT_EQ(located.chain[2].type, snapshot->name("vessel"));
    EXPECT_EQ(locate(by_path("vessel", "/x")), "/~x");
}

TEST_F(Locating, ACodeOfTwoChildrenIsDecidedByTypeOnlyWhereItIsLast) {
    EXPECT_EQ(locate(by_path("page", "/ops/fleet")), "/ops/fleet");
    EXPECT_EQ(located.node, snapshot->tree.find(fleet_page.id));
    EXPECT_EQ(locate(by_path("service", "/ops/fleet")), "/ops/fleet");
    EXPECT_EQ(located.node, snapshot->tree.find(fleet.id));
    EXPECT_EQ(locate(by_path("app", "/ops/fleet")), "400 /resource/path ambiguous");
    EXPECT_EQ(locate(by_path("invoice", "/ops/fleet")), "400 /resource/path ambiguous");
    EXPECT_EQ(locate(by_path("vessel", "/ops/fleet/v1")), "400 /resource/path ambiguous");
    tenant.add_resource("app", "fleet");
    snapshot = tenant.snapshot();
    EXPECT_EQ(locate(by_path("app", "/ops/fleet")), "400 /resource/path ambiguous") << "of the type, but elsewhere";
}

TEST_F(Locating, InactivityAnywhereAboveBindsWhatLiesBelow) {
    ops.active = false;
    snapshot = tenant.snapshot();
    for (const ResourceReference& reference :
         {by_id("vessel", "v1"), below("vessel", "x", "v1"), new_below("vessel", "ops"), by_path("page", "/ops/x/y")}) {
        locate(reference);
        EXPECT_FALSE(located.active);
    }
    for (const ResourceReference& reference : {by_id("app", "other"), by_id("vessel", "x"), by_path("page", "/x")}) {
        locate(reference);
        EXPECT_TRUE(located.active) << "and nothing is kept from the question before";
    }
}

TEST_F(Locating, ANodeIsLocatedByItself) {
    locate(by_id("vessel", "outside"));
    engine::locate(snapshot->tree.find(vessel.id), *snapshot, located);
    EXPECT_EQ(located.chain.size(), 3U);
    EXPECT_EQ(located.type_text, "vessel");
    EXPECT_EQ(located.outside_id, std::nullopt);
    EXPECT_TRUE(located.active);
}

// ---- what a selector reaches ----------------------------------------------------------------------------------------

struct Reaching : Locating {
    /// The step at which the selector itself matches, or `no`.
    std::string reach(std::string_view type, std::string_view path, const ResourceReference& reference, bool descendants = true) {
        EXPECT_EQ(engine::locate(reference, *snapshot, located), std::nullopt);
        const ResolvedSelector selector =
            resolve(parse_selector(type, std::nullopt, path).value(), descendants, false, snapshot->tree, snapshot->names);
        const Reached reached = reaches(selector, located, *snapshot);
        return reached.reached ? std::to_string(reached.step) : "no";
    }
    const ResourceReference v1 = by_id("vessel", "v1");
    const std::string fleet_id = fleet.id.text();
};

TEST_F(Reaching, AllReachesEverything) {
    EXPECT_EQ(reach("*", "**", v1), "2");
    EXPECT_EQ(reach("*", "**", by_id("vessel", "outside")), "-1");
    EXPECT_EQ(reach("*", "**", of_type("invoice")), "-1");
}

TEST_F(Reaching, TypeReachesItsTypeAndNothingBelow) {
    EXPECT_EQ(reach("vessel", "vessel/*", v1), "2");
    EXPECT_EQ(reach("vessel", "vessel/*", by_id("vessel", "outside")), "-1");
    EXPECT_EQ(reach("vessel", "vessel/*", by_path("vessel", "/x/y")), "1") << "a tail is of the question's type";
    EXPECT_EQ(reach("service", "service/*", v1), "no");
}

TEST_F(Reaching, InstanceReachesOutsideInstancesOfThatIdAndType) {
    EXPECT_EQ(reach("vessel", "vessel/v2", by_id("vessel", "v2")), "-1");
    EXPECT_EQ(reach("vessel", "vessel/v2", below("vessel", "v2", "v1")), "3");
    EXPECT_EQ(reach("vessel", "vessel/v2", by_id("vessel", "V2")), "no");
    EXPECT_EQ(reach("vessel", "vessel/v2", by_id("barge", "v2")), "no");
    EXPECT_EQ(reach("vessel", "vessel/v2", by_path("vessel", "/v2")), "no") << "a tail is no instance";
    EXPECT_EQ(reach("vessel", "vessel/v1", v1), "2");
    EXPECT_EQ(reach("vessel", "vessel/v1", below("vessel", "x", "v1")), "no") << "a registered instance has no descendants";
}

TEST_F(Reaching, NodeReachesItselfAndWhatLiesBelow) {
    EXPECT_EQ(reach("page", "/ops", by_id("app", "ops")), "0") << "its type filters nothing";
    EXPECT_EQ(reach("*", "/ops", v1), "0");
    EXPECT_EQ(reach("*", "/ops", new_below("vessel", "v1")), "0");
    EXPECT_EQ(reach("*", "/ops", by_path("vessel", "/ops/x/y")), "0");
    EXPECT_EQ(reach("*", "/ops", by_id("app", "other")), "no");
    EXPECT_EQ(reach("*", "/ops", by_id("vessel", "outside")), "no") << "it lies nowhere";
    EXPECT_EQ(reach("*", "/ops", v1, false), "no");
    EXPECT_EQ(reach("*", "/ops", by_id("app", "ops"), false), "0");
    EXPECT_EQ(reach("*", "/ops/" + fleet_id + "/v1", by_id("app", "ops")), "no") << "what lies above is not reached";
}

TEST_F(Reaching, ANodeOfTextReachesTheQuestionThatContinuesWithTheSameTexts) {
    EXPECT_EQ(reach("*", "/ops/x/y", by_path("vessel", "/ops/x/y")), "2");
    EXPECT_EQ(reach("*", "/ops/x", by_path("vessel", "/ops/x/y")), "1");
    EXPECT_EQ(reach("*", "/ops/x", by_path("vessel", "/ops/x/y"), false), "no");
    EXPECT_EQ(reach("*", "/ops/X", by_path("vessel", "/ops/x/y")), "no") << "case-sensitive";
    EXPECT_EQ(reach("*", "/ops/x", new_below("vessel", "ops")), "no") << "an unnamed segment matches only wildcards";
}

TEST_F(Reaching, PatternsMatchSegmentBySegmentFromTheRoot) {
    EXPECT_EQ(reach("*", "/*", v1), "0");
    EXPECT_EQ(reach("*", "/*", v1, false), "no");
    EXPECT_EQ(reach("*", "/*/*/*", v1, false), "2");
    EXPECT_EQ(reach("*", "/*/*/*/*", v1), "no");
    EXPECT_EQ(reach("*", "/**", v1), "2") << "the deepest step counts";
    EXPECT_EQ(reach("*", "/ops/**", by_id("app", "ops")), "0") << "`**` is also nothing";
    EXPECT_EQ(reach("*", "/**/v1", v1), "2");
    EXPECT_EQ(reach("*", "/**/" + fleet_id + "/**", v1), "2");
    EXPECT_EQ(reach("*", "/**/ops", v1), "0");
    EXPECT_EQ(reach("*", "/*/ops", v1), "no");
    EXPECT_EQ(reach("*", "/ops/*/v1", v1, false), "2");
    EXPECT_EQ(reach("*", "/ops/*", new_below("vessel", "ops"), false), "1");
    EXPECT_EQ(reach("*", "/**/x/**/y", by_path("vessel", "/x/ops/y")), "2");
    EXPECT_EQ(reach("*", "/**/x/**/y", by_path("vessel", "/x/y/z"), false), "no");
}

TEST_F(Reaching, APatternsTypeIsThatOfTheMatchedSegment) {
    EXPECT_EQ(reach("vessel", "/**", v1), "2");
    EXPECT_EQ(reach("service", "/**", v1), "1") << "and what lies below it";
    EXPECT_EQ(reach("service", "/**", v1, false), "no");
    EXPECT_EQ(reach("page", "/**", v1), "no");
    EXPECT_EQ(reach("vessel", "/ops/*/*", by_path("vessel", "/ops/x/y")), "2");
    EXPECT_EQ(reach("vessel", "/ops/*", by_path("vessel", "/ops/x/y")), "no") << "text in mid-path has no type";
    EXPECT_EQ(reach("*", "/ops/*", by_path("vessel", "/ops/x/y")), "1");
}

}  // namespace
}  // namespace sentinel::engine
