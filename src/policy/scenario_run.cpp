#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "policy/conversion.hpp"
#include "policy/scenario.hpp"

namespace sentinel::policy {

namespace {

/// The key of an id; its text where the document has none.
template <class Id>
std::string name_of(const std::map<Id, std::string>& names, const Id& id) {
    const auto found = names.find(id);
    return found == names.end() ? id.text() : found->second;
}

/// `grant:<key>` for a grant that is held by its own id; else as it is.
std::string held_as(const Names& names, const std::string& text) {
    if (!text.starts_with(grant_prefix)) return text;
    const auto id = engine::GrantId::parse(std::string_view(text).substr(grant_prefix.size()));
    return id ? fmt::format("{}{}", grant_prefix, name_of(names.grants, *id)) : text;
}

/// The key of a permission, or `grant:<key>`; null when nothing decided.
json::Value carrier(const Names& names, const std::optional<engine::PermissionId>& permission,
                    const std::optional<engine::GrantId>& grant) {
    if (grant) return fmt::format("{}{}", grant_prefix, name_of(names.grants, *grant));
    return permission ? json::Value(name_of(names.permissions, *permission)) : json::Value();
}

json::Object matched_value(const Names& names, const engine::Matched& matched) {
    json::Object object;
    object.set("held_as", held_as(names, matched.held_as));
    object.set("resource", matched.resource ? json::Value(name_of(names.resources, *matched.resource)) : json::Value());
    object.set("role", matched.role ? json::Value(name_of(names.roles, *matched.role)) : json::Value());
    return object;
}

json::Object fields_value(const engine::FieldAnswer& fields) {
    json::Object tiers;
    for (const engine::Tier tier : engine::all_tiers) {
        json::Object names;
        for (const auto& [name, rights] : fields[static_cast<std::size_t>(tier)]) names.set(name, rights_value(rights));
        tiers.set(engine::tier_text(tier), std::move(names));
    }
    return tiers;
}

json::Object answer_value(const Names& names, const engine::Answer& answer) {
    json::Object object;
    object.set("allowed", answer.allowed);
    object.set("reason_code", engine::reason_code_text(answer.reason_code));
    object.set("matched_permission",
               answer.matched ? carrier(names, answer.matched->permission, answer.matched->grant) : json::Value());
    if (answer.matched) object.set("matched", matched_value(names, *answer.matched));
    object.set("matched_conditions", answer.matched_conditions);
    object.set("ttl", answer.ttl);
    object.set("requires_approval", answer.reason_code == engine::ReasonCode::approval_required);
    object.set("fields", fields_value(answer.fields));
    return object;
}

void add_explanation(json::Object& object, const Names& names, const engine::Explanation& explanation) {
    json::Array candidates;
    json::Object because;
    for (const engine::CandidateTrace& candidate : explanation.candidates) {
        json::Value key = carrier(names, candidate.permission, candidate.grant);
        because.set(key.text() == nullptr ? "" : *key.text(), engine::because_text(candidate.because));
        candidates.push_back(std::move(key));
    }
    json::Object roles;
    for (const engine::EffectiveRole& role : explanation.effective_roles) {
        // An ancestor's role of the same name stands behind the tenant's own.
        if (role.tenant == names.tenant || !roles.contains(role.name)) roles.set(role.name, held_as(names, role.held_as));
    }
    object.set("candidates", std::move(candidates));
    object.set("because", std::move(because));
    object.set("effective_roles", std::move(roles));
}

json::Object error_value(const engine::QuestionError& error) {
    return {{"kind", core::error_text(error.kind)}, {"pointer", error.fault.pointer}};
}

bool needs_explanation(const json::Object& expected) {
    return std::ranges::any_of(std::array{"candidates", "because", "effective_roles"},
                               [&](const char* name) { return expected.contains(name); });
}

Asked asked_of(const Document& document, const TestRow& row) {
    Asked asked;
    asked.question = {.subject = {}, .action = row.action, .resource = row.resource, .context = row.context};
    asked.now = row.now.value_or(default_scenario_time);
    if (const auto* imagined = std::get_if<ImaginedSubject>(&row.subject)) {
        asked.imagined = imagined_subject(document, *imagined);
        asked.question.subject = asked.imagined->id;
    } else {
        asked.question.subject = {std::get<std::string>(row.subject)};
    }
    return asked;
}

/// What the asker says, in the shape of `expected`: an object with `error` where there is no answer.
json::Object answered(Asker& asker, const Asked& asked, const json::Object& expected, const Names& names) {
    json::Object actual;
    if (needs_explanation(expected)) {
        const auto explained = asker.explain(asked);
        if (!explained) return {{"error", error_value(explained.error())}};
        actual = answer_value(names, explained->answer);
        add_explanation(actual, names, explained->explanation);
    } else {
        const auto answer = asker.check(asked);
        if (!answer) return {{"error", error_value(answer.error())}};
        actual = answer_value(names, *answer);
    }
    return actual;
}

json::Value who_can_value(Asker& asker, const Asked& asked) {
    const auto subjects = asker.who_can(asked);
    if (!subjects) return json::Object{{"error", error_value(subjects.error())}};
    json::Array ids;
    for (const engine::SubjectId& id : *subjects) ids.emplace_back(id.text);
    return ids;
}

/// How deep the members of an expectation are expectations of their own.
std::size_t member_depth(std::string_view name) {
    if (name == "fields") return 2;
    return name == "matched" || name == "because" || name == "effective_roles" || name == "error" ? 1 : 0;
}

void compare(std::vector<Expectation>& expectations, const std::string& name, const json::Value& expected,
             const json::Value* actual, std::size_t depth) {
    if (depth > 0 && expected.object() != nullptr) {
        for (const auto& [member, value] : *expected.object()) {
            const json::Object* members = actual == nullptr ? nullptr : actual->object();
            compare(expectations, fmt::format("{}/{}", name, member), value, members == nullptr ? nullptr : members->find(member),
                    depth - 1);
        }
        return;
    }
    const json::Value found = actual == nullptr ? json::Value() : *actual;
    const bool may_be_absent =
        name.starts_with("fields/") || name.starts_with("because/") || name.starts_with("effective_roles/");
    const bool ok = actual != nullptr ? found == expected : may_be_absent && expected.is_null();
    expectations.push_back({name, expected, found, ok});
}

bool asks_only_who_can(const json::Object& expected) { return expected.size() == 1 && expected.contains("who_can"); }

}  // namespace

TestResult run_test(const Document& document, const Names& names, Asker& asker, std::string_view name, const TestRow& row) {
    TestResult result{.name = std::string(name), .suite = row.suite.value_or("default"), .ok = false, .expectations = {}};
    const Asked asked = asked_of(document, row);
    json::Object actual;
    if (!asks_only_who_can(row.expected)) actual = answered(asker, asked, row.expected, names);
    if (row.expected.contains("who_can")) actual.set("who_can", who_can_value(asker, asked));
    const json::Value* error = actual.find("error");
    for (const auto& [member, expected] : row.expected) {
        const json::Value* found = actual.find(member);
        // An answer where none was expected, or none where one was: show what there is instead.
        const std::size_t before = result.expectations.size();
        compare(result.expectations, member, expected, found, member_depth(member));
        if (found != nullptr) continue;
        const json::Value instead = error != nullptr ? json::Value(json::Object{{"error", *error}}) : json::Value();
        for (std::size_t i = before; i < result.expectations.size(); ++i) {
            result.expectations[i].ok = false;
            result.expectations[i].actual = instead;
        }
    }
    result.ok = std::ranges::all_of(result.expectations, &Expectation::ok);
    return result;
}

RunResult run(const Document& document, const Names& names, Asker& asker) {
    RunResult result;
    for (const auto& [name, row] : document.tests) {
        result.tests.push_back(run_test(document, names, asker, name, row));
        const TestResult& test = result.tests.back();
        result.passed_tests += test.ok ? 1 : 0;
        result.expectations += test.expectations.size();
        result.passed_expectations += static_cast<std::size_t>(std::ranges::count(test.expectations, true, &Expectation::ok));
    }
    return result;
}

}  // namespace sentinel::policy
