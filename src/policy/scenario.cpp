#include "policy/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "policy/reading.hpp"

namespace sentinel::policy {

// ---- loading -----------------------------------------------------------------------------------------------------

namespace {

std::unexpected<std::vector<Problem>> at_policy(const Node& root, std::string_view path, const std::vector<Problem>& problems) {
    std::vector<Problem> raised;
    for (const Problem& problem : problems) {
        raised.push_back({root.line_at("/policy"), "/policy", problem.code, fmt::format("{}: {}", path, problem_text(problem))});
    }
    return std::unexpected(std::move(raised));
}

}  // namespace

std::expected<Document, std::vector<Problem>> load_scenario(std::string_view text, Format format, const Resolve& resolve,
                                                            const ReadOptions& options) {
    auto scenario = read(text, format, options);
    if (!scenario || !scenario->policy) return scenario;
    const std::string path = *scenario->policy;
    const auto root = read_node(text, format, options.limits);
    if (!root) return std::unexpected(root.error());
    const auto source = resolve(path);
    if (!source) return std::unexpected(std::vector{Problem{root->line_at("/policy"), "/policy", "reference", source.error()}});
    auto document = read(source->text, source->format, options);
    if (!document) return at_policy(*root, path, document.error());
    if (document->policy)
        return at_policy(*root, path, {{1, "/policy", "reference", "a document that names another one cannot be named"}});
    document->tests = std::move(scenario->tests);
    Reading reading{.problems = {}, .offline = options.offline};
    check_tests(reading, *root, document->tests, *document, Place());
    if (!reading.problems.empty()) return std::unexpected(reading.problems.take());
    return document;
}

// ---- engine ------------------------------------------------------------------------------------------------------

void EngineAsker::prepare(const Asked& asked) {
    if (!asked.imagined) {
        evaluator_.use(snapshot_);
        return;
    }
    const std::array<engine::Change, 1> changes{engine::PutSubject{*asked.imagined}};
    evaluator_.use(engine::apply(snapshot_, changes).value());  // a subject is never refused
}

std::expected<engine::Answer, engine::QuestionError> EngineAsker::check(const Asked& asked) {
    prepare(asked);
    return evaluator_.check(asked.question, asked.now);
}

std::expected<engine::ExplainedAnswer, engine::QuestionError> EngineAsker::explain(const Asked& asked) {
    prepare(asked);
    return evaluator_.explain(asked.question, asked.now);
}

std::expected<std::vector<engine::SubjectId>, engine::QuestionError> EngineAsker::who_can(const Asked& asked) {
    evaluator_.use(snapshot_);
    return evaluator_.who_can(asked.question, asked.now);
}

}  // namespace sentinel::policy
