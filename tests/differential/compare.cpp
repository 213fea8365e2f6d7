#include "compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace sentinel::differential {

using namespace engine;

namespace {

void collect(const json::Value& left, const json::Value& right, const std::string& path, std::set<std::string>& out) {
    if (left == right) { return; }
    // Two levels tell the kind of a difference; below them the details of one bug vary.
    const bool is_deep = std::ranges::count(path, '.') > 0 || path == "matched" || path.starts_with("field");
    if (!is_deep && left.object() != nullptr && right.object() != nullptr) {
        const auto one_way = [&](const json::Object& from, const json::Object& to) {
            for (const auto& member : from) {
                const auto* other = to.find(member.name);
                collect(member.value, other == nullptr ? json::Value() : *other,
                        path.empty() ? member.name : path + "." + member.name, out);
            }
        };
        one_way(*left.object(), *right.object());
        one_way(*right.object(), *left.object());
    } else if (!is_deep && left.array() != nullptr && right.array() != nullptr && left.array()->size() == right.array()->size()) {
        for (std::size_t index = 0; index < left.array()->size(); ++index) {
            collect((*left.array())[index], (*right.array())[index], path, out);
        }
    } else {
        out.insert(path);
    }
}

template <class Result>
bool same_error(const std::expected<Result, QuestionError>& actual, const Outcome& expected) {
    return !actual && actual.error().kind == expected.error().kind &&
           actual.error().fault.pointer == expected.error().fault.pointer;
}

template <class Result>
std::string text_of(const std::expected<Result, QuestionError>& outcome) {
    return pretty(outcome ? to_json(*outcome) : to_json(outcome.error()));
}

/// What decide leaves out of an answer is taken from the answer it should be part of.
Answer answer_of(const Verdict& verdict, const Answer& rest) {
    Answer answer = rest;
    answer.allowed = verdict.allowed;
    answer.reason_code = verdict.reason_code;
    answer.matched = matched_of(verdict);
    return answer;
}

template <class Result>
std::optional<Difference> compare_part(std::string_view name, const std::expected<Result, QuestionError>& actual,
                                       const Outcome& expected, const Result* wanted) {
    if (wanted != nullptr ? actual && *actual == *wanted : same_error(actual, expected)) { return std::nullopt; }
    std::string members;
    if (wanted != nullptr && actual) {
        members = differing_members(to_json(*actual), to_json(*wanted));
    } else if (!actual && wanted == nullptr) {
        members = "error " + expected.error().fault.pointer;
    } else {
        members = wanted == nullptr ? "answers instead of error " + expected.error().fault.pointer
                                    : "error " + actual.error().fault.pointer + " instead of an answer";
    }
    return Difference{fmt::format("{}: {}", name, members), text_of(actual), to_text(expected)};
}

/// decide, of the question as it stands and of the question interned.
std::optional<Difference> compare_decisions(Evaluator& evaluator, const Asked& asked, const Outcome& expected) {
    const auto* wanted = expected ? &expected->answer : nullptr;
    using Decided = std::expected<Answer, QuestionError>;
    const auto as_answer = [&](const Verdict& verdict) { return answer_of(verdict, wanted == nullptr ? Answer{} : *wanted); };
    const auto verdict = evaluator.decide(asked.question, asked.now, {.may_override_time = asked.may_override_time});
    const Decided decided = verdict ? Decided(as_answer(*verdict)) : std::unexpected(verdict.error());
    if (auto difference = compare_part<Answer>("decide", decided, expected, wanted)) { return difference; }
    if (asked.question.context.contains("time")) { return std::nullopt; }
    auto interned = evaluator.intern(asked.question);
    const Decided again =
        interned ? Decided(as_answer(evaluator.decide(*interned, asked.now))) : std::unexpected(interned.error());
    return compare_part<Answer>("decide interned", again, expected, wanted);
}

}  // namespace

std::string differing_members(const json::Value& left, const json::Value& right) {
    std::set<std::string> members;
    collect(left, right, "", members);
    // Who decided explains all the rest.
    if (members.contains("allowed")) { return "allowed"; }
    return fmt::format("{}", fmt::join(members, ", "));
}

std::string to_text(const Outcome& outcome) { return text_of(outcome); }

std::optional<Difference> compare(Evaluator& evaluator, const Asked& asked, const Outcome& expected) {
    const AskOptions options{.may_override_time = asked.may_override_time};
    const auto checked = evaluator.check(asked.question, asked.now, options);
    if (auto difference = compare_part<Answer>("check", checked, expected, expected ? &expected->answer : nullptr)) {
        return difference;
    }
    if (auto difference = compare_decisions(evaluator, asked, expected)) { return difference; }
    const auto explained = evaluator.explain(asked.question, asked.now, options);
    return compare_part<ExplainedAnswer>("explain", explained, expected, expected ? &*expected : nullptr);
}

Outcome ask_reference(const TenantPolicy& policy, const Asked& asked) {
    return reference::check(policy, asked.question, asked.now, {.may_override_time = asked.may_override_time});
}

std::optional<Difference> compare_validation(const Permission& permission) {
    const auto render = [](const core::Faults& faults) {
        std::string text = faults.empty() ? "taken as valid\n" : "";
        for (const auto& fault : faults) { text += fmt::format("{}: {}: {}\n", fault.pointer, fault.code, fault.message); }
        return text;
    };
    const auto actual = validate(permission);
    const auto expected = reference::validate(permission);
    if (actual.empty() == expected.empty()) { return std::nullopt; }
    const auto& faults = actual.empty() ? expected : actual;
    return Difference{fmt::format("validate: {} refuses {}", actual.empty() ? "reference" : "engine", faults.front().pointer),
                      render(actual), render(expected)};
}

std::optional<Difference> replay(const Case& one) {
    auto snapshot = build(one.policy);
    if (!snapshot) {
        std::string faults;
        for (const auto& fault : snapshot.error()) {
            faults += fmt::format("{}: {}: {}\n", fault.pointer, fault.code, fault.message);
        }
        return Difference{"build: " + snapshot.error().front().code, faults, "taken as valid"};
    }
    Evaluator evaluator(*std::move(snapshot));
    for (const auto& asked : one.questions) {
        if (auto difference = compare(evaluator, asked, ask_reference(one.policy, asked))) { return difference; }
    }
    return std::nullopt;
}

}  // namespace sentinel::differential
