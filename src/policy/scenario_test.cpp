#include "policy/scenario.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace sentinel::policy {
namespace {

/// Answers what the test put there and notes what was asked.
class CannedAsker final : public Asker {
public:
    std::expected<engine::ExplainedAnswer, engine::QuestionError> answer;
    std::expected<std::vector<engine::SubjectId>, engine::QuestionError> subjects;
    std::vector<Asked> asked;
    std::string calls;

    std::expected<engine::Answer, engine::QuestionError> check(const Asked& question) override {
        note("check ", question);
        if (!answer) return std::unexpected(answer.error());
        return answer->answer;
    }
    std::expected<engine::ExplainedAnswer, engine::QuestionError> explain(const Asked& question) override {
        note("explain ", question);
        return answer;
    }
    std::expected<std::vector<engine::SubjectId>, engine::QuestionError> who_can(const Asked& question) override {
        note("who_can ", question);
        return subjects;
    }

private:
    void note(std::string_view call, const Asked& question) {
        calls += call;
        asked.push_back(question);
    }
};

constexpr std::string_view base = R"(version: 1
resources: {app/a: {}}
permissions:
  none: {resource_type: app, resource: app/a, actions: [read]}
  p: {resource_type: app, resource: app/a, actions: [read], fields: {core: {f: [write], g: [read]}, tenant_specific: {h: [hidden]}}}
fields: {app/x: {tier: core}}
roles: {r: {permissions: [p]}}
users: {u: {roles: [r]}}
grants: {g: {user: u, resource_type: app, resource: app/a, actions: [read]}}
)";

/// The document with one test that expects `expected` (flow YAML).
Document document_expecting(std::string_view expected,
                            std::string_view question = "{user_id: u, action: read, resource: {type: app, id: a}}") {
    const std::string text =
        std::string(base) + "tests: {t: {question: " + std::string(question) + ", expected: " + std::string(expected) + "}}\n";
    auto document = read(text, Format::yaml);
    EXPECT_TRUE(document) << (document ? "" : problem_text(document.error().front()));
    return document.value_or(Document{});
}

/// An allow of permission p on app/a through role r.
engine::ExplainedAnswer granted(const engine::TenantPolicy& policy) {
    engine::ExplainedAnswer explained;
    engine::Answer& answer = explained.answer;
    answer.allowed = true;
    answer.reason_code = engine::ReasonCode::granted;
    answer.matched.emplace();
    answer.matched->permission = policy.permissions.back().id;
    answer.matched->role = policy.roles.back().id;
    answer.matched->held_as = "direct";
    answer.matched->resource = policy.resources.front().id;
    answer.matched_conditions = {{"a", 1}};
    answer.fields[0]["f"] = engine::field_write;
    answer.fields[2]["h"] = engine::field_hidden;
    answer.ttl = 300;
    engine::CandidateTrace by_grant;
    by_grant.grant = policy.grants.front().id;
    by_grant.because = engine::Because::decides;
    engine::CandidateTrace by_permission;
    by_permission.permission = policy.permissions.back().id;
    by_permission.because = engine::Because::conditions_unknown;
    explained.explanation.candidates = {by_grant, by_permission};
    engine::EffectiveRole role;
    role.tenant = policy.id;
    role.name = "r";
    role.held_as = "grant:" + policy.grants.front().id.text();
    engine::EffectiveRole of_ancestor;
    of_ancestor.name = "r";
    of_ancestor.held_as = "direct";
    explained.explanation.effective_roles = {of_ancestor, role, of_ancestor};
    return explained;
}

/// Each expectation as `name expected actual ok`.
std::vector<std::string> run_one(const Document& document, CannedAsker& asker) {
    const NamedPolicy named = to_tenant_policy(document);
    const RunResult result = run(document, named.names, asker);
    std::vector<std::string> lines;
    for (const Expectation& expectation : result.tests.at(0).expectations) {
        lines.push_back(expectation.name + " " + json::to_text(expectation.expected) + " " + json::to_text(expectation.actual) +
                        (expectation.ok ? " ok" : " failed"));
    }
    return lines;
}

std::vector<std::string> run_granted(std::string_view expected, CannedAsker& asker) {
    const Document document = document_expecting(expected);
    asker.answer = granted(to_tenant_policy(document).policy);
    asker.subjects = std::vector<engine::SubjectId>{{"u"}};
    return run_one(document, asker);
}

using Lines = std::vector<std::string>;

TEST(ScenarioRun, ComparesEachMemberOfAnAnswer) {
    CannedAsker asker;
    EXPECT_EQ(
        run_granted("{allowed: true, reason_code: granted, matched_permission: p, matched: {role: r, held_as: direct, resource: "
                    "app/a}, matched_conditions: {a: 1}, "
                    "ttl: 300, requires_approval: false, fields: {core: {f: [write], x: null}, tenant_specific: {h: [hidden]}}}",
                    asker),
        (Lines{R"(allowed true true ok)", R"(fields/core/f ["read","write"] ["read","write"] ok)",
               R"(fields/core/x null null ok)", R"(fields/tenant_specific/h ["hidden"] ["hidden"] ok)",
               R"(matched/held_as "direct" "direct" ok)", R"(matched/resource "app/a" "app/a" ok)", R"(matched/role "r" "r" ok)",
               R"(matched_conditions {"a":1} {"a":1} ok)", R"(matched_permission "p" "p" ok)",
               R"(reason_code "granted" "granted" ok)", R"(requires_approval false false ok)", R"(ttl 300 300 ok)"}));
    EXPECT_EQ(asker.calls, "check ");
}

TEST(ScenarioRun, FailsEachMemberThatDiffers) {
    CannedAsker asker;
    EXPECT_EQ(run_granted("{allowed: false, reason_code: no_matching_permission, matched_permission: null, matched: {role: null, "
                          "resource: null}, matched_conditions: {}, "
                          "ttl: 299, requires_approval: true, fields: {core: {f: [read], g: [read]}}, error: not_found}",
                          asker),
              (Lines{R"(allowed false true failed)", R"(error/kind "not_found" null failed)",
                     R"(fields/core/f ["read"] ["read","write"] failed)", R"(fields/core/g ["read"] null failed)",
                     R"(matched/resource null "app/a" failed)", R"(matched/role null "r" failed)",
                     R"(matched_conditions {} {"a":1} failed)", R"(matched_permission null "p" failed)",
                     R"(reason_code "no_matching_permission" "granted" failed)", R"(requires_approval true false failed)",
                     R"(ttl 299 300 failed)"}));
}

TEST(ScenarioRun, ComparesExplanationsAndWhoCan) {
    CannedAsker asker;
    EXPECT_EQ(run_granted("{candidates: ['grant:g', p], because: {'grant:g': decides, p: applies, none: null}, effective_roles: "
                          "{r: 'grant:g', viewer: direct}, who_can: [u, v]}",
                          asker),
              (Lines{R"(because/grant:g "decides" "decides" ok)", R"(because/none null null ok)",
                     R"(because/p "applies" "conditions_unknown" failed)", R"(candidates ["grant:g","p"] ["grant:g","p"] ok)",
                     R"(effective_roles/r "grant:g" "grant:g" ok)", R"(effective_roles/viewer "direct" null failed)",
                     R"(who_can ["u","v"] ["u"] failed)"}));
    EXPECT_EQ(asker.calls, "explain who_can ");
    CannedAsker only;
    EXPECT_EQ(run_granted("{who_can: [u]}", only), Lines{R"(who_can ["u"] ["u"] ok)"});
    EXPECT_EQ(only.calls, "who_can ");
}

TEST(ScenarioRun, ComparesErrors) {
    CannedAsker asker;
    asker.answer = std::unexpected(engine::QuestionError{core::ErrorKind::not_found, {"/user_id", "reference", "nobody"}});
    EXPECT_EQ(run_one(document_expecting("{error: {kind: not_found, pointer: /user_id}}"), asker),
              (Lines{R"(error/kind "not_found" "not_found" ok)", R"(error/pointer "/user_id" "/user_id" ok)"}));
    EXPECT_EQ(run_one(document_expecting("{error: {kind: forbidden, pointer: /x}}"), asker),
              (Lines{R"(error/kind "forbidden" "not_found" failed)", R"(error/pointer "/x" "/user_id" failed)"}));
    EXPECT_EQ(run_one(document_expecting("{allowed: false, matched_permission: null}"), asker),
              (Lines{R"(allowed false {"error":{"kind":"not_found","pointer":"/user_id"}} failed)",
                     R"(matched_permission null {"error":{"kind":"not_found","pointer":"/user_id"}} failed)"}));
}

TEST(ScenarioRun, NothingDecidedHasNoMatch) {
    CannedAsker asker;
    asker.answer = engine::ExplainedAnswer{};
    EXPECT_EQ(run_one(document_expecting("{allowed: false, matched_permission: null, matched: {role: r}}"), asker),
              (Lines{R"(allowed false false ok)", R"(matched/role "r" null failed)", R"(matched_permission null null ok)"}));
}

TEST(ScenarioRun, AsksAtTheInstantAndAsTheSubjectOfTheTest) {
    CannedAsker asker;
    asker.answer = engine::ExplainedAnswer{};
    run_one(document_expecting("{allowed: false}"), asker);
    EXPECT_EQ(asker.asked.at(0).now.text(), "2026-01-05T12:00:00Z");
    EXPECT_EQ(asker.asked.at(0).question.subject.text, "u");
    EXPECT_EQ(asker.asked.at(0).question.resource.id, "a");
    EXPECT_FALSE(asker.asked.at(0).imagined);
    Document document = document_expecting(
        "{allowed: false}", "{as: {roles: [r], attributes: {x: 1}}, action: read, resource: {type: app}, context: {c: 2}}");
    document.tests.at("t").now = Instant::parse("2026-02-01T00:00:00Z");
    run_one(document, asker);
    const Asked& asked = asker.asked.at(1);
    EXPECT_EQ(asked.now.text(), "2026-02-01T00:00:00Z");
    EXPECT_EQ(asked.question.subject, asked.imagined.value().id);
    EXPECT_EQ(asked.imagined->roles.size(), 1U);
    EXPECT_EQ(json::to_text(asked.imagined->attributes), R"({"x":1})");
    EXPECT_EQ(json::to_text(asked.question.context), R"({"c":2})");
}

// ---- expectations ------------------------------------------------------------------------------------------------

/// The problems of a document with one test, as `pointer below expected, code`.
Lines faults_of(std::string_view expected, std::string_view more = "", bool offline = true) {
    const std::string text =
        std::string(more.empty() ? base : more) +
        "tests: {t: {question: {user_id: u, action: read, resource: {type: app}}, expected: " + std::string(expected) + "}}\n";
    const auto document = read(text, Format::yaml, {.limits = {}, .offline = offline});
    Lines lines;
    if (document) return lines;
    for (const Problem& problem : document.error())
        lines.push_back(problem.pointer.substr(std::string_view("/tests/t/expected").size()) + " " + problem.code);
    return lines;
}

TEST(Expected, RefusesMapsThatExpectNothing) {
    EXPECT_EQ(faults_of("{because: {}}"), Lines{"/because required"});
    EXPECT_EQ(faults_of("{effective_roles: {}}"), Lines{"/effective_roles required"});
    EXPECT_EQ(faults_of("{fields: {core: {}}}"), Lines{"/fields/core required"});
    EXPECT_EQ(faults_of("{allowed: true, fields: {core: {f: null}, tenant_specific: {}}}"),
              Lines{"/fields/tenant_specific required"});
    EXPECT_EQ(faults_of("{candidates: [], who_can: [], matched_conditions: {}}"), Lines{});
}

TEST(Expected, RefusesWhatNoAnswerSays) {
    EXPECT_EQ(faults_of("{reason_code: grant, because: {p: matches}}"), (Lines{"/because/p format", "/reason_code format"}));
    for (const char* reason : {"tenant_inactive", "approval_required", "no_matching_permission"})
        EXPECT_EQ(faults_of("{reason_code: " + std::string(reason) + "}"), Lines{});
    for (const char* because : {"decides", "applies", "conditions_false", "conditions_unknown", "resource_inactive", "null"})
        EXPECT_EQ(faults_of("{because: {p: " + std::string(because) + "}}"), Lines{});
    for (const char* ttl : {"-1", "300.5", "301", "0.5"})
        EXPECT_EQ(faults_of("{ttl: " + std::string(ttl) + "}"), Lines{"/ttl range"});
    for (const char* ttl : {"0", "300"}) EXPECT_EQ(faults_of("{ttl: " + std::string(ttl) + "}"), Lines{});
}

TEST(Expected, RefusesNamesListedTwice) {
    EXPECT_EQ(faults_of("{who_can: [u, v, u], candidates: [p, 'grant:g', p]}"),
              (Lines{"/candidates/2 duplicate", "/who_can duplicate"}));
    const std::string with_ancestor =
        std::string(base) +
        "ancestors: [{version: 1, tenant: A, permissions: {p: {resource_type: app, resource_path: app/*, actions: [read]}}}]\n";
    EXPECT_EQ(faults_of("{candidates: [p, p]}", with_ancestor), Lines{});
    EXPECT_EQ(faults_of("{candidates: [p, p, p]}", with_ancestor), Lines{"/candidates/2 duplicate"});
}

TEST(Expected, RefusesNamesTheDocumentDoesNotKnow) {
    EXPECT_EQ(faults_of("{because: {typo: null, 'grant:typo': null, g: null}}"),
              (Lines{"/because/g reference", "/because/grant:typo reference", "/because/typo reference"}));
    EXPECT_EQ(faults_of("{effective_roles: {typo: null}}"), Lines{"/effective_roles/typo reference"});
    EXPECT_EQ(faults_of("{fields: {core: {typo: null}}}"), Lines{"/fields/core/typo reference"});
    EXPECT_EQ(faults_of("{because: {$tenant_admin: null, p: null, 'grant:g': null}, effective_roles: {r: null, viewer: null}}"),
              Lines{});
    EXPECT_EQ(faults_of("{fields: {core: {x: null, h: null}}}"), Lines{});
    const std::string with_ancestor = std::string(base) +
                                      "ancestors: [{version: 1, tenant: A, roles: {lent: {}}, fields: {app/far: {tier: core}}, "
                                      "permissions: {q: {resource_type: "
                                      "app, resource_path: app/*, actions: [read]}}}]\n";
    EXPECT_EQ(faults_of("{because: {q: null}, effective_roles: {lent: null}, fields: {core: {far: null}}}", with_ancestor),
              Lines{});
    const std::string of_server = "version: 1\nroles: {r: {}}\n";
    EXPECT_EQ(faults_of("{because: {'grant:g': null}, effective_roles: {lent: null}}", of_server, false), Lines{});
}

// ---- loading -----------------------------------------------------------------------------------------------------

constexpr std::string_view scenario =
    "version: 1\npolicy: base.yaml\ntests:\n  t:\n    question: {as: {roles: [r]}, action: read, resource: {type: app}}\n"
    "    expected: {allowed: true}\n";

std::expected<Document, std::vector<Problem>> load(std::string_view text, std::string_view named) {
    return load_scenario(text, Format::yaml, [&](std::string_view path) -> std::expected<SourceText, std::string> {
        if (path != "base.yaml") return std::unexpected("there is no such file");
        return SourceText{.text = std::string(named), .format = Format::yaml};
    });
}

TEST(ScenarioLoad, TakesTheNamedDocumentAndTheTestsOfTheFile) {
    const auto document = load(
        scenario, std::string(base) +
                      "tests: {other: {question: {user_id: u, action: a, resource: {type: t}}, expected: {allowed: true}}}\n");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->tests.size(), 1U);
    EXPECT_TRUE(document->tests.contains("t"));
    EXPECT_TRUE(document->roles.contains("r"));
    EXPECT_FALSE(document->policy);
    EXPECT_TRUE(load(base, "").has_value());
}

TEST(ScenarioLoad, SaysWhatIsWrongAndWhere) {
    const auto first = [](const std::expected<Document, std::vector<Problem>>& loaded) {
        return loaded ? std::string("none") : problem_text(loaded.error().front());
    };
    EXPECT_EQ(first(load("version: 1\npolicy: none.yaml\n", "")), "line 2: /policy: there is no such file");
    EXPECT_EQ(first(load(scenario, "version: 1\nx: 1\n")), "line 2: /policy: base.yaml: line 2: /x: \"x\" is no member here");
    EXPECT_EQ(first(load(scenario, "version: 1\npolicy: base.yaml\n")),
              "line 2: /policy: base.yaml: line 1: /policy: a document that names another one cannot be named");
    EXPECT_EQ(first(load(scenario, "version: 1\n")), "line 5: /tests/t/question/as/roles/0: there is no role to assign \"r\"");
    EXPECT_EQ(first(load(
                  "version: 1\npolicy: base.yaml\ntests:\n  t:\n    question: {user_id: u, action: read, resource: {type: app}}\n"
                  "    expected: {because: {p: null, q: null}}\n",
                  base)),
              "line 6: /tests/t/expected/because/q: there is no permission or grant \"q\"");
    EXPECT_EQ(first(load("version: 1\npolicy: base.yaml\nroles: {}\n", base)),
              "line 3: /roles: beside \"policy\" only \"tests\" is read, not \"roles\"");
}

// ---- engine ------------------------------------------------------------------------------------------------------

TEST(EngineAsker, PassesTheDemoPolicy) {
    std::ifstream file(SENTINEL_SOURCE_DIR "/examples/pacific-shipping-lines.yaml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto document = read(text, Format::yaml);
    ASSERT_TRUE(document) << problem_text(document.error().front());
    const NamedPolicy named = to_tenant_policy(*document);
    auto snapshot = engine::build(named.policy);
    ASSERT_TRUE(snapshot) << snapshot.error().front().pointer << " " << snapshot.error().front().message;
    EngineAsker asker(std::move(*snapshot));
    const RunResult result = run(*document, named.names, asker);
    EXPECT_EQ(result.tests.size(), 7U);
    for (const TestResult& test : result.tests) {
        for (const Expectation& expectation : test.expectations) {
            EXPECT_TRUE(expectation.ok) << test.name << ": " << expectation.name << ": expected "
                                        << json::to_text(expectation.expected) << ", not " << json::to_text(expectation.actual);
        }
    }
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.passed_expectations, result.expectations);
    EXPECT_GT(result.expectations, 30U);
}

}  // namespace
}  // namespace sentinel::policy
