/// The engine's public face. What each clause of the semantics means is tested in tests/scenarios and against the reference; here,
/// what an Evaluator promises.

#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"
#include "engine/evaluation.hpp"

namespace sentinel::engine {
namespace {

using namespace testing;

std::string error_text_of(const QuestionError& error) {
    return std::string(core::error_text(error.kind)) + " " + error.fault.pointer + " " + error.fault.code;
}

/// ops (app) ─── fleet (service) ─┬─ v1 (vessel)
///                                └─ v2 (vessel)
struct Asking : ::testing::Test {
    Asking() {
        tenant.policy.subjects.push_back({.id = {"ben"}});
        tenant.policy.subjects.push_back({.id = {"off"}, .active = false, .roles = {{tenant.viewer, {}}}});
        tenant.policy.subjects.push_back({.id = {uuid}, .roles = {{tenant.viewer, {}}}});
    }
    Evaluator evaluator(std::size_t cache_bytes = 1 << 20) const { return Evaluator(tenant.snapshot(), cache_bytes); }
    static Question question(std::string subject, std::string action, ResourceReference resource, json::Object context = {}) {
        return {{std::move(subject)}, std::move(action), std::move(resource), std::move(context)};
    }
    std::string error_of(const Question& asked, AskOptions options = {}) const {
        const auto answer = evaluator().check(asked, noon, options);
        return answer ? "answered" : error_text_of(answer.error());
    }
    Texts who_can(const Question& asked) const {
        Texts names;
        for (const SubjectId& subject : evaluator().who_can(asked, noon).value()) names.push_back(subject.text);
        return names;
    }

    const std::string uuid = "0190a000-0000-7000-8000-00000000000a";
    World tenant;
    Resource& ops = tenant.add_resource("app", "ops");
    Resource& fleet = tenant.add_resource("service", "fleet", &ops);
    Resource& v1 = tenant.add_resource("vessel", "v1", &fleet);
    Resource& v2 = tenant.add_resource("vessel", "v2", &fleet);
    const Question read_v1 = question("ann", "read", by_id("vessel", "v1"));
};

// ---- check ----------------------------------------------------------------------------------------------------------

TEST_F(Asking, CheckSaysWhatDecidedAndHow) {
    const Permission& permission = tenant.allow("*", "/ops/*");
    const Answer answer = evaluator().check(read_v1, noon).value();
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.reason_code, ReasonCode::granted);
    EXPECT_EQ(answer.revision, 7U);
    EXPECT_EQ(answer.ttl, 300);
    ASSERT_TRUE(answer.matched);
    EXPECT_EQ(*answer.matched, (Matched{.permission = permission.id,
                                        .permission_key = "ops/one",
                                        .role = tenant.viewer,
                                        .role_name = "viewer",
                                        .held_as = "direct",
                                        .resource = fleet.id}));
}

TEST_F(Asking, MatchedResourceIsAbsentWhereTheStepIsNotRegistered) {
    tenant.allow("*", "/ops/fleet/*");
    EXPECT_EQ(tenant.check(by_path("vessel", "/ops/fleet/x")).matched->resource, std::nullopt);
    tenant.allow("vessel", "vessel/*");
    EXPECT_EQ(tenant.check(by_id("vessel", "outside")).matched->resource, std::nullopt);
}

TEST_F(Asking, NothingMatchesMeansNo) {
    const Answer answer = evaluator().check(read_v1, noon).value();
    EXPECT_FALSE(answer.allowed);
    EXPECT_EQ(answer.reason_code, ReasonCode::no_matching_permission);
    EXPECT_EQ(answer.matched, std::nullopt);
}

TEST_F(Asking, DeniesSayWhetherTheyAreGuardrails) {
    tenant.allow("*", "**");
    Permission& deny = tenant.deny("*", "**");
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).reason_code, ReasonCode::denied_by_permission);
    deny.enforced = true;
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).reason_code, ReasonCode::denied_by_guardrail);
}

TEST_F(Asking, AnInactiveTenantComesBeforeAnInactiveSubject) {
    tenant.allow("*", "**").fields[0]["named"] = field_read;
    tenant.define("vessel", "name");
    const Question of_off = question("off", "read", by_id("vessel", "v1"));
    const Answer locked = evaluator().check(of_off, noon).value();
    EXPECT_EQ(locked.reason_code, ReasonCode::subject_inactive);
    EXPECT_EQ(locked.fields[0].at("name"), field_hidden);
    EXPECT_FALSE(locked.fields[0].contains("named")) << "only what is defined";
    tenant.policy.active = false;
    EXPECT_EQ(evaluator().check(of_off, noon)->reason_code, ReasonCode::tenant_inactive);
    EXPECT_EQ(evaluator().decide(of_off, noon)->reason_code, ReasonCode::tenant_inactive);
    EXPECT_TRUE(tenant.explain(by_id("vessel", "v1")).explanation.candidates.empty());
    EXPECT_TRUE(tenant.explain(by_id("vessel", "v1")).explanation.effective_roles.empty());
}

TEST_F(Asking, RefusesInTheOrderFormClockSubjectResourceAttributes) {
    tenant.define("vessel", "name").authoritative = true;
    Question asked = question("nobody", "Read", new_below("vessel", "nowhere"), object(R"({"time": "2026-01-01T00:00:00Z"})"));
    constexpr AskOptions no_override{.may_override_time = false};
    EXPECT_EQ(error_of(asked, no_override), "validation_failed /action format");
    asked.action = "read";
    EXPECT_EQ(error_of(asked, no_override), "forbidden /context/time forbidden");
    EXPECT_EQ(error_of(asked), "not_found /user_id reference");
    asked.subject.text = "ann";
    EXPECT_EQ(error_of(asked), "not_found /resource/parent reference");
    asked.resource = by_id("vessel", "v1");
    asked.resource.attributes.set("a/b", 1);
    EXPECT_EQ(error_of(asked), "answered");
    asked.resource.attributes.set("name", nullptr);
    EXPECT_EQ(error_of(asked), "validation_failed /resource/attributes/name immutable");
    asked.resource.id = "outside";
    EXPECT_EQ(error_of(asked), "answered") << "nothing is stored of an outside instance";
    asked.resource = by_id("app", "ops");
    asked.resource.attributes.set("name", 1);
    EXPECT_EQ(error_of(asked), "answered") << "a type without fields";
}

TEST_F(Asking, EveryKindOfQuestionRefusesTheSame) {
    Evaluator asker = evaluator();
    const Question bad = question("ann", "read", by_path("vessel", "v1"));
    const Question timed = question("ann", "read", by_id("vessel", "v1"), object(R"({"time": "2026-01-01T00:00:00Z"})"));
    const Question nobody = question("nobody", "read", by_id("vessel", "v1"));
    const Question lost = question("ann", "read", new_below("vessel", "nowhere"));
    constexpr AskOptions no_override{.may_override_time = false};
    EXPECT_EQ(error_text_of(asker.decide(bad, noon).error()), "validation_failed /resource/path format");
    EXPECT_EQ(error_text_of(asker.explain(bad, noon).error()), "validation_failed /resource/path format");
    EXPECT_EQ(error_text_of(asker.intern(bad).error()), "validation_failed /resource/path format");
    EXPECT_EQ(error_text_of(asker.actions(bad, noon).error()), "validation_failed /resource/path format");
    EXPECT_EQ(error_text_of(asker.who_can(bad, noon).error()), "validation_failed /resource/path format");
    EXPECT_EQ(error_text_of(asker.who_can(timed, noon, no_override).error()), "forbidden /context/time forbidden");
    EXPECT_EQ(error_text_of(asker.who_can(lost, noon).error()), "not_found /resource/parent reference");
    EXPECT_EQ(error_text_of(asker.resources(timed, noon, no_override).error()), "forbidden /context/time forbidden");
    EXPECT_EQ(error_text_of(asker.resources(nobody, noon).error()), "not_found /user_id reference");
    EXPECT_EQ(error_text_of(asker.actions(nobody, noon).error()), "not_found /user_id reference");
}

TEST_F(Asking, ContextTimeIsTheClockOfTheWholeEvaluation) {
    tenant.ann().roles.clear();
    tenant.assign(tenant.viewer, between("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"));
    tenant.allow("*", "**").conditions = object(R"({"env.date": "2026-02-10"})");
    EXPECT_FALSE(tenant.allows(by_id("vessel", "v1")));
    Question then = read_v1;
    then.context = object(R"({"time": "2026-02-10T12:00:00Z"})");
    const Answer answer = evaluator().check(then, noon).value();
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.ttl, 0);
}

TEST_F(Asking, AnAllowNeedsTrueAndADenyNotFalse) {
    Permission& permission = tenant.allow("*", "**");
    const auto with = [&](Effect effect, const char* conditions) {
        permission.effect = effect;
        permission.conditions = object(conditions);
        return tenant.check(by_id("vessel", "v1")).reason_code;
    };
    EXPECT_EQ(with(Effect::allow, R"({"x": 1})"), ReasonCode::no_matching_permission);
    EXPECT_EQ(with(Effect::deny, R"({"x": 1})"), ReasonCode::denied_by_permission);
    v1.attributes.set("x", 2);
    EXPECT_EQ(with(Effect::deny, R"({"x": 1})"), ReasonCode::no_matching_permission);
    EXPECT_EQ(with(Effect::allow, R"({"x": 2})"), ReasonCode::granted);
}

TEST_F(Asking, ConditionsSeeResourceSubjectAndQuestion) {
    tenant.ann().attributes.set("team", "blue");
    tenant.ann().is_service_account = true;
    v1.workflow_state = "draft";
    v1.attributes.set("owner", "blue");
    Permission& permission = tenant.allow("*", "**");
    const auto holds = [&](const std::string& conditions, ResourceReference reference = by_id("vessel", "v1")) {
        permission.conditions = object(conditions);
        Question asked = question("ann", "read", std::move(reference), object(R"({"channel": "web"})"));
        asked.resource.attributes.set("given", true);
        return evaluator().check(asked, noon)->allowed;
    };
    EXPECT_TRUE(holds(R"({"resource.owner": {"$ref": "user.team"}, "given": true, "context.channel": "web"})"));
    EXPECT_TRUE(holds(R"({"user.id": "ann", "user.email_domain": "psl.example", "user.is_service_account": true})"));
    EXPECT_TRUE(holds(R"({"user.roles": {"$contains": "viewer"}, "user.groups": {"$exists": true}})"));
    EXPECT_TRUE(
        holds(R"({"resource.type": "vessel", "resource.workflow_state": "draft", "resource.id": ")" + v1.id.text() + "\"}"));
    EXPECT_TRUE(holds(R"({"resource.path": {"$endsWith": "/)" + v1.id.text() + "/\"}}"));
    EXPECT_TRUE(holds(R"({"resource.id": "outside", "resource.path": {"$exists": false}})", by_id("vessel", "outside")));
    EXPECT_TRUE(holds(R"({"resource.id": {"$exists": false}})", by_path("vessel", "/ops/x")));
}

TEST_F(Asking, MatchedConditionsAreTheDecidersPresentLeaves) {
    v1.attributes.set("x", 1);
    tenant.allow("*", "**").conditions = object(R"({"$or": [{"x": 1}, {"y": 2}]})");
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).matched_conditions, object(R"({"x": 1})"));
}

TEST_F(Asking, NoAllowAppliesAtAnInactivePlaceButDeniesDo) {
    tenant.allow("*", "**");
    fleet.active = false;
    const ExplainedAnswer explained = tenant.explain(by_id("vessel", "v1"));
    EXPECT_FALSE(explained.answer.allowed);
    EXPECT_EQ(explained.explanation.candidates.at(0).because, Because::resource_inactive);
    EXPECT_TRUE(tenant.allows(by_id("app", "ops")));
    tenant.deny("*", "**");
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).reason_code, ReasonCode::denied_by_permission);
}

// ---- grants ---------------------------------------------------------------------------------------------------------

TEST_F(Asking, AGrantStandsBehindGuardrailsAndBeforeRoles) {
    tenant.deny("*", "**");
    Grant& grant = tenant.grant("vessel", "vessel/v1");
    const Answer answer = tenant.check(by_id("vessel", "v1"));
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.matched->grant, grant.id);
    EXPECT_EQ(answer.matched->held_as, "grant:" + grant.id.text());
    EXPECT_EQ(answer.matched->resource, v1.id);
    EXPECT_EQ(answer.matched->permission, std::nullopt);
    grant.request = tenant.next<RequestId>();
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).matched->held_as, "grant:" + grant.request->text());
    EXPECT_EQ(tenant.explain(by_id("vessel", "v1")).explanation.candidates.at(0).held_as, "grant:" + grant.request->text());
    tenant.deny("*", "**").enforced = true;
    EXPECT_FALSE(tenant.allows(by_id("vessel", "v1")));
}

TEST_F(Asking, AGrantCountsForItsActionsItsPlaceAndItsTime) {
    Grant& grant = tenant.grant("*", "/ops/fleet");
    EXPECT_TRUE(tenant.allows(by_id("vessel", "v1")));
    EXPECT_FALSE(tenant.allows(by_id("app", "ops")));
    EXPECT_FALSE(tenant.allows(by_id("vessel", "outside")));
    grant.applies_to_descendants = false;
    EXPECT_FALSE(tenant.allows(by_id("vessel", "v1")));
    EXPECT_TRUE(tenant.allows(by_id("service", "fleet")));
    grant.actions = {"write"};
    EXPECT_FALSE(tenant.allows(by_id("service", "fleet")));
    grant.actions = {"*"};
    EXPECT_TRUE(tenant.allows(by_id("service", "fleet")));
    grant.validity = between("2026-01-05T12:00:00Z", "2026-01-05T12:00:10Z");
    EXPECT_EQ(tenant.check(by_id("service", "fleet")).ttl, 10);
    EXPECT_FALSE(tenant.allows(by_id("service", "fleet"), at("2026-01-05T12:00:10Z")));
    EXPECT_EQ(tenant.check(by_id("service", "fleet"), at("2026-01-05T11:59:59.5Z")).ttl, 0) << "floor";
    grant.validity.active = false;
    EXPECT_EQ(tenant.check(by_id("service", "fleet")).ttl, 300);
    EXPECT_FALSE(tenant.allows(by_id("service", "fleet")));
}

TEST_F(Asking, AmongGrantsTheMoreSpecificStandsFirst) {
    tenant.grant("*", "**");
    const GrantId specific = tenant.grant("vessel", "vessel/v1").id;
    tenant.grant("*", "/ops");
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).matched->grant, specific);
    EXPECT_EQ(tenant.explain(by_id("vessel", "v1")).explanation.candidates.size(), 3U);
}

// ---- fields ---------------------------------------------------------------------------------------------------------

std::string rights_text(FieldRights rights) {
    return rights.hidden ? "hidden" : rights.write ? "write" : rights.read ? "read" : "none";
}

TEST_F(Asking, FieldsTakeTheFirstMentionElseTheirDefault) {
    tenant.define("vessel", "name");
    tenant.define("vessel", "imo").default_visibility = field_write;
    tenant.define("vessel", "secret").default_visibility = field_hidden;
    Permission& near = tenant.allow("vessel", "vessel/v1");
    near.fields[0]["name"] = field_write;
    Permission& far = tenant.allow("*", "**");
    far.fields[0]["*"] = field_read;
    far.fields[0]["name"] = field_hidden;
    far.fields[2]["undefined"] = field_read;
    const FieldAnswer fields = tenant.check(by_id("vessel", "v1")).fields;
    EXPECT_EQ(rights_text(fields[0].at("name")), "write");
    EXPECT_EQ(rights_text(fields[0].at("imo")), "read");
    EXPECT_EQ(rights_text(fields[0].at("secret")), "read");
    EXPECT_EQ(rights_text(fields[2].at("undefined")), "read");
    EXPECT_EQ(fields[0].size(), 3U);

    far.fields[0].erase("*");
    const FieldAnswer defaults = tenant.check(by_id("vessel", "v1")).fields;
    EXPECT_EQ(rights_text(defaults[0].at("imo")), "write");
    EXPECT_EQ(rights_text(defaults[0].at("secret")), "hidden");

    tenant.deny("vessel", "vessel/v1");
    for (const auto& tier : tenant.check(by_id("vessel", "v1")).fields) {
        for (const auto& [name, rights] : tier) EXPECT_EQ(rights, field_hidden) << name;
    }
}

TEST_F(Asking, EqualsGiveAFieldWhatAllOfThemGive) {
    Permission& first = tenant.allow("*", "/ops");
    Permission& second = tenant.allow("*", "/ops");
    first.fields[0]["both"] = field_write;
    second.fields[0]["both"] = field_read;
    first.fields[0]["veiled"] = field_write;
    second.fields[0]["veiled"] = field_hidden;
    first.fields[0]["one"] = field_write;
    tenant.allow("*", "**").fields[0]["one"] = field_hidden;
    const FieldAnswer fields = tenant.check(by_id("vessel", "v1")).fields;
    EXPECT_EQ(rights_text(fields[0].at("both")), "read");
    EXPECT_EQ(rights_text(fields[0].at("veiled")), "hidden");
    EXPECT_EQ(rights_text(fields[0].at("one")), "write");
}

// ---- ttl ------------------------------------------------------------------------------------------------------------

TEST_F(Asking, TtlEndsAtTheNearestEdge) {
    tenant.allow("*", "**");
    tenant.assign(tenant.viewer, {.expires_at = at("2026-01-05T12:02:00Z")});
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).ttl, 120);
    Group& crew = tenant.add_group("crew");
    crew.roles.push_back({tenant.viewer, {.starts_at = at("2026-01-05T12:01:00Z")}});
    tenant.ann().groups.push_back({crew.id, {}});
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).ttl, 60);
    tenant.allow("*", "**").conditions = object(R"({"env.time": {"$lt": "2026-01-05T12:00:30Z"}})");
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).ttl, 30) << "also of a candidate behind the decider";
    tenant.allow("*", "**").conditions = object(R"({"env.date": "2026-01-05"})");
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).ttl, 0) << "an edge that cannot be computed";
}

TEST_F(Asking, AWindowPastedItsEndHasNoEdgeAhead) {
    tenant.allow("*", "**");
    tenant.grant("*", "**").validity = between("2026-01-05T11:00:00Z", "2026-01-05T11:30:00Z");
    EXPECT_EQ(tenant.check(by_id("vessel", "v1")).ttl, 300);
}

// ---- explain --------------------------------------------------------------------------------------------------------

TEST_F(Asking, ExplainGivesEachCandidateInOrderWithWhy) {
    v1.attributes.set("x", 1);
    tenant.allow("vessel", "vessel/v1").conditions = object(R"({"missing": 1})");
    tenant.allow("*", "/ops").conditions = object(R"({"x": 2})");
    tenant.allow("vessel", "vessel/*").conditions = object(R"({"x": 1})");
    tenant.allow("*", "**");
    const ExplainedAnswer explained = tenant.explain(by_id("vessel", "v1"));
    EXPECT_EQ(candidates_of(explained), "vessel/v1 ops vessel/one any");
    const auto& candidates = explained.explanation.candidates;
    EXPECT_EQ(candidates[0].because, Because::conditions_unknown);
    EXPECT_EQ(candidates[1].because, Because::conditions_false);
    EXPECT_EQ(candidates[2].because, Because::decides);
    EXPECT_EQ(candidates[3].because, Because::applies);
    EXPECT_EQ(candidates[0].conditions, Truth::unknown);
    ASSERT_EQ(candidates[2].leaves.size(), 1U);
    EXPECT_EQ(candidates[2].leaves[0].path, "x");
    EXPECT_EQ(candidates[2].leaves[0].truth, Truth::yes);
    EXPECT_TRUE(candidates[3].leaves.empty());
    ASSERT_EQ(explained.explanation.effective_roles.size(), 1U);
    EXPECT_EQ(explained.explanation.effective_roles[0].name, "viewer");
    EXPECT_EQ(explained.answer, tenant.check(by_id("vessel", "v1"))) << "explaining changes no answer";
}

// ---- decide and intern ----------------------------------------------------------------------------------------------

TEST_F(Asking, DecideSaysWhatCheckSays) {
    tenant.allow("*", "/ops").conditions = object(R"({"x": 1})");
    tenant.deny("vessel", "vessel/*");
    tenant.grant("vessel", "vessel/v2");
    v1.attributes.set("x", 1);
    Evaluator asker = evaluator();
    for (const ResourceReference& reference :
         {by_id("vessel", "v1"), by_id("vessel", "v2"), by_id("vessel", "outside"), by_id("app", "ops"), of_type("page")}) {
        const Question asked = question("ann", "read", reference);
        const Answer answer = asker.check(asked, noon).value();
        const Verdict verdict = asker.decide(asked, noon).value();
        EXPECT_EQ(verdict.allowed, answer.allowed);
        EXPECT_EQ(verdict.reason_code, answer.reason_code);
        EXPECT_EQ(matched_of(verdict), answer.matched);
        const auto interned = asker.intern(asked);
        ASSERT_TRUE(interned);
        EXPECT_EQ(matched_of(asker.decide(*interned, noon)), answer.matched);
    }
}

/// Once the table was taken for whoever the evaluator had been asked about before: a wrong yes.
TEST_F(Asking, AnAnswerIsAboutTheSubjectAskedWhateverWasAskedBefore) {
    tenant.allow("*", "**");
    const Question ben_reads = question("ben", "read", by_id("vessel", "v1"));
    Evaluator one = evaluator();
    EXPECT_TRUE(one.decide(read_v1, noon)->allowed);
    EXPECT_FALSE(one.check(ben_reads, noon)->allowed);
    EXPECT_TRUE(one.check(read_v1, noon)->allowed);
    EXPECT_FALSE(one.explain(ben_reads, noon)->answer.allowed);
    EXPECT_EQ(one.who_can(read_v1, noon)->size(), 2U);
    EXPECT_FALSE(one.decide(ben_reads, noon)->allowed);
}

TEST_F(Asking, AnInternedQuestionIsDecidedAtEachTimeAnew) {
    tenant.allow("*", "**").conditions = object(R"({"env.time": {"$gte": "2026-01-05T13:00:00Z"}})");
    Evaluator asker = evaluator();
    auto interned = asker.intern(read_v1);
    ASSERT_TRUE(interned);
    EXPECT_FALSE(asker.decide(*interned, noon).allowed);
    EXPECT_TRUE(asker.decide(*interned, at("2026-01-05T13:00:00Z")).allowed);
    EXPECT_FALSE(asker.decide(*interned, noon).allowed);
    auto other = asker.intern(question("off", "read", by_id("vessel", "v1")));
    ASSERT_TRUE(other);
    *interned = std::move(*other);
    EXPECT_EQ(asker.decide(*interned, noon).reason_code, ReasonCode::subject_inactive);
}

// ---- batch ----------------------------------------------------------------------------------------------------------

TEST_F(Asking, ABatchAnswersEachItemOnItsOwnInOrder) {
    tenant.allow("vessel", "vessel/v1");
    const std::vector<Question> questions{read_v1, question("nobody", "read", by_id("vessel", "v1")),
                                          question("ann", "read", by_id("vessel", "v2")), read_v1};
    const auto answers = evaluator().check_batch(questions, noon);
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_TRUE(answers[0]->allowed);
    EXPECT_EQ(answers[1].error().fault.pointer, "/user_id");
    EXPECT_FALSE(answers[2]->allowed);
    EXPECT_EQ(*answers[3], *answers[0]);
    EXPECT_TRUE(evaluator().check_batch({}, noon).empty());
}

// ---- reverse questions ----------------------------------------------------------------------------------------------

TEST_F(Asking, WhoCanListsExactlyWhomCheckAllowsSorted) {
    tenant.allow("vessel", "vessel/v1");
    Question anybody = read_v1;
    anybody.subject.text = "";
    EXPECT_EQ(who_can(anybody), (Texts{uuid, "ann"}));
    tenant.policy.grants.push_back(tenant.grant("*", "**"));
    tenant.policy.grants.back().id = tenant.next<GrantId>();
    tenant.policy.grants.back().subject = {"ben"};
    EXPECT_EQ(who_can(anybody), (Texts{uuid, "ann", "ben"}));
    tenant.policy.active = false;
    EXPECT_TRUE(who_can(anybody).empty());
}

TEST_F(Asking, WhoCanAsksEachHolderWhereConditionsReadTheSubject) {
    tenant.allow("*", "**").conditions = object(R"({"user.team": "blue"})");
    tenant.ann().attributes.set("team", "blue");
    EXPECT_EQ(who_can(read_v1), Texts{"ann"});
}

TEST_F(Asking, WhoCanSkipsWhoWasRemoved) {
    tenant.allow("*", "**");
    Evaluator asker(patched(tenant.snapshot(), {RemoveSubject{{"ann"}}}));
    EXPECT_EQ(asker.who_can(read_v1, noon).value(), std::vector{SubjectId{uuid}});
}

TEST_F(Asking, ResourcesListsExactlyThoseOfTheTypeThatCheckAllowsSorted) {
    tenant.allow("*", "/ops").conditions = object(R"({"given": 1})");
    tenant.deny("vessel", "vessel/v1");
    Question asked = question("ann", "read", below("vessel", "ignored", "ignored"));
    asked.resource.attributes.set("given", 1);
    EXPECT_EQ(evaluator().resources(asked, noon).value(), std::vector{v2.id});
    tenant.policy.permissions.pop_back();
    tenant.policy.roles.front().permissions.pop_back();
    EXPECT_EQ(evaluator().resources(asked, noon).value(), (std::vector{v1.id, v2.id}));
    asked.resource.attributes = {};
    EXPECT_TRUE(evaluator().resources(asked, noon)->empty());
    asked.resource.type = "unheard_of";
    EXPECT_TRUE(evaluator().resources(asked, noon)->empty());
    EXPECT_TRUE(evaluator().resources(question("off", "read", of_type("vessel")), noon)->empty());
}

TEST_F(Asking, ResourcesIsEmptyWhereTheOverlayWouldBeRefusedOfEach) {
    tenant.allow("*", "**");
    tenant.define("vessel", "name").authoritative = true;
    Question asked = question("ann", "read", of_type("vessel"));
    asked.resource.attributes.set("other", 1);
    EXPECT_EQ(evaluator().resources(asked, noon)->size(), 2U);
    asked.resource.attributes.set("name", 1);
    EXPECT_TRUE(evaluator().resources(asked, noon)->empty());
}

TEST_F(Asking, ActionsListsEveryNamedActionAsCheckAnswersIt) {
    tenant.allow("*", "**").actions = {"*"};
    tenant.deny("*", "**").actions = {"delete", "read"};
    tenant.grant("*", "**").actions = {"approve"};
    Question asked = read_v1;
    asked.action = "";
    const auto actions = evaluator().actions(asked, noon).value();
    EXPECT_EQ(actions, (std::vector<ActionAnswer>{{"approve", true, ReasonCode::granted},
                                                  {"delete", false, ReasonCode::denied_by_permission},
                                                  {"read", false, ReasonCode::denied_by_permission}}));
}

// ---- snapshots and the cache ----------------------------------------------------------------------------------------

TEST_F(Asking, UseGoesOverToTheNextSnapshotAtOnce) {
    Permission& permission = tenant.allow("*", "**");
    const SnapshotPointer before = tenant.snapshot();
    Evaluator asker(before);
    EXPECT_TRUE(asker.check(read_v1, noon)->allowed);
    permission.effect = Effect::deny;
    const SnapshotPointer after = patched(before, {PutPermission{permission}});
    asker.use(after);
    EXPECT_EQ(&asker.snapshot(), after.get());
    EXPECT_FALSE(asker.check(read_v1, noon)->allowed);
    EXPECT_EQ(asker.check(read_v1, noon)->revision, 8U);
    asker.use(before);
    EXPECT_TRUE(asker.check(read_v1, noon)->allowed) << "and back";
}

TEST_F(Asking, UseSeesChangesThatLeaveMergedTablesAlone) {
    tenant.allow("*", "**").conditions = object(R"({"x": 1})");
    SnapshotPointer snapshot = tenant.snapshot();
    Evaluator asker(snapshot);
    EXPECT_FALSE(asker.check(read_v1, noon)->allowed);
    Resource changed = v1;
    changed.attributes.set("x", 1);
    snapshot = patched(snapshot, {PutResource{changed}});
    asker.use(snapshot);
    EXPECT_TRUE(asker.check(read_v1, noon)->allowed);
    snapshot = patched(snapshot, {PutSubject{{.id = {"ann"}}}});
    asker.use(snapshot);
    EXPECT_FALSE(asker.check(read_v1, noon)->allowed);
    snapshot =
        patched(snapshot, {PutGrant{{.subject = {"ann"}, .resource_type = "*", .resource_path = "**", .actions = {"fly"}}}});
    asker.use(snapshot);
    EXPECT_TRUE(asker.check(question("ann", "fly", by_id("vessel", "v1")), noon)->allowed)
        << "an action that was not known before";
}

TEST_F(Asking, AnEvaluatorCanBeMoved) {
    tenant.allow("*", "**");
    Evaluator first = evaluator();
    Evaluator second = std::move(first);
    EXPECT_TRUE(second.check(read_v1, noon)->allowed);
    second = evaluator();
    EXPECT_TRUE(second.check(read_v1, noon)->allowed);
}

TEST_F(Asking, ATableOfGroupRolesIsMadeAnewWhenOneBeginsOrEnds) {
    tenant.allow("*", "**");
    tenant.ann().roles.clear();
    Group& crew = tenant.add_group("crew");
    crew.roles.push_back({tenant.viewer, between("2026-01-05T11:00:00Z", "2026-01-05T13:00:00Z")});
    tenant.ann().groups.push_back({crew.id, {}});
    Evaluator asker = evaluator();
    EXPECT_FALSE(asker.check(read_v1, at("2026-01-05T10:59:59Z"))->allowed);
    EXPECT_TRUE(asker.check(read_v1, noon)->allowed);
    EXPECT_FALSE(asker.check(read_v1, at("2026-01-05T13:00:00Z"))->allowed);
    EXPECT_TRUE(asker.check(read_v1, noon)->allowed);
}

/// Many people, each with a role set of their own.
struct Crowd : Asking {
    static constexpr unsigned people = 300;
    Crowd() {
        const PermissionId shared = tenant.allow("*", "**").id;
        for (unsigned number = 0; number < people; ++number) {
            Role role{.id = tenant.next<RoleId>(), .name = "role-" + std::to_string(number), .permissions = {shared}};
            tenant.policy.subjects.push_back({.id = {"p" + std::to_string(number)}, .roles = {{role.id, {}}}});
            tenant.policy.roles.push_back(std::move(role));
        }
        snapshot = tenant.snapshot();
    }
    MergedTable& table_of(TableCache& cache, unsigned number) const {
        const Subjects& subjects = snapshot->subjects;
        const auto& record = subjects.record(subjects.find("p" + std::to_string(number)));
        return cache.table(*snapshot, subjects.set_at(record, noon), noon);
    }
    SnapshotPointer snapshot;
};

TEST_F(Crowd, ACacheAboveItsLimitDropsTheLeastRecentlyUsed) {
    TableCache unbounded(std::size_t{1} << 30);
    for (unsigned number = 0; number < people; ++number) table_of(unbounded, number);
    const std::size_t all = unbounded.bytes();

    const std::size_t limit = all / 5;
    TableCache bounded(limit);
    for (unsigned number = 0; number < people; ++number) {
        table_of(bounded, 0);  // stays the most recently used but one
        table_of(bounded, number);
    }
    EXPECT_LE(bounded.bytes(), limit + 64 * all / people) << "looked at every 64 tables";
    const MergedTable* kept = &table_of(bounded, 0);
    EXPECT_EQ(kept, &table_of(bounded, 0));
    EXPECT_EQ(kept->roles().front().name, "role-0");
}

TEST_F(Crowd, TheLimitOfTheCacheChangesNoAnswer) {
    Evaluator tight(snapshot, 0);
    Evaluator roomy(snapshot);
    for (unsigned round = 0; round < 2; ++round) {
        for (unsigned number = 0; number < people; ++number) {
            const Question asked = question("p" + std::to_string(number), "read", by_id("vessel", "v1"));
            ASSERT_EQ(tight.check(asked, noon).value(), roomy.check(asked, noon).value());
        }
    }
}

TEST_F(Crowd, TablesOfAnotherGenerationAreDropped) {
    TableCache cache(std::size_t{1} << 30);
    for (unsigned number = 0; number < 10; ++number) table_of(cache, number);
    const std::size_t ten = cache.bytes();
    snapshot = patched(snapshot, {RemovePermission{tenant.policy.permissions.front().id}});
    EXPECT_TRUE(table_of(cache, 0).entries().empty());
    EXPECT_LT(cache.bytes(), ten / 5);
}

}  // namespace
}  // namespace sentinel::engine
