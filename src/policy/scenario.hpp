#pragma once
/// Scenario files: the `tests` of a document, asked of whatever can answer (docs/policy-document.md, Scenarios).

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer.hpp"
#include "engine/engine.hpp"
#include "engine/question.hpp"
#include "policy/document.hpp"
#include "policy/tenant_policy.hpp"

namespace sentinel::policy {

// ---- loading -----------------------------------------------------------------------------------------------------

struct SourceText {
    std::string text;
    Format format = Format::yaml;
};
/// Finds the text that `policy: <path>` names, or says why not. Given by the caller: nothing here reads files.
using Resolve = std::function<std::expected<SourceText, std::string>(std::string_view path)>;

/// Reads a scenario file: a document, or the tests of one that `policy` names (whose own tests are left out). Problems of that
/// other document stand at `/policy` and say their own place.
std::expected<Document, std::vector<Problem>> load_scenario(std::string_view text, Format format, const Resolve& resolve,
                                                            const ReadOptions& options = {.limits = command_line_limits,
                                                                                          .offline = true});

// ---- asking ------------------------------------------------------------------------------------------------------

/// One question at one instant; a subject that only this question knows of is given beside it.
struct Asked {
    engine::Question question;
    Instant now;
    std::optional<engine::Subject> imagined;
};

/// Whoever answers: the engine, the reference, a server.
class Asker {
public:
    Asker() = default;
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;
    virtual ~Asker() = default;

    virtual std::expected<engine::Answer, engine::QuestionError> check(const Asked& asked) = 0;
    virtual std::expected<engine::ExplainedAnswer, engine::QuestionError> explain(const Asked& asked) = 0;
    /// The subject and the imagined subject of the question do not matter.
    virtual std::expected<std::vector<engine::SubjectId>, engine::QuestionError> who_can(const Asked& asked) = 0;
};

/// Asks the engine.
class EngineAsker final : public Asker {
public:
    explicit EngineAsker(engine::SnapshotPointer snapshot) : snapshot_(std::move(snapshot)), evaluator_(snapshot_) {}

    std::expected<engine::Answer, engine::QuestionError> check(const Asked& asked) override;
    std::expected<engine::ExplainedAnswer, engine::QuestionError> explain(const Asked& asked) override;
    std::expected<std::vector<engine::SubjectId>, engine::QuestionError> who_can(const Asked& asked) override;

private:
    /// Goes over to the snapshot in which the imagined subject, if there is one, exists.
    void prepare(const Asked& asked);

    engine::SnapshotPointer snapshot_;
    engine::Evaluator evaluator_;
};

// ---- running -----------------------------------------------------------------------------------------------------

/// The clock of questions that name none: a Monday.
inline constexpr Instant default_scenario_time{.seconds = 1'767'614'400, .nanoseconds = 0};

/// One thing expected of an answer.
struct Expectation {
    std::string name;  ///< `allowed`, `matched/role`, `fields/core/imo_number` …
    json::Value expected;
    json::Value actual;
    bool ok = false;
    friend bool operator==(const Expectation&, const Expectation&) = default;
};

struct TestResult {
    std::string name;
    std::string suite;
    bool ok = false;  ///< every expectation is
    std::vector<Expectation> expectations;
    friend bool operator==(const TestResult&, const TestResult&) = default;
};

struct RunResult {
    std::vector<TestResult> tests;  ///< by name
    std::size_t passed_tests = 0;
    std::size_t expectations = 0;
    std::size_t passed_expectations = 0;
    bool ok() const noexcept { return passed_tests == tests.size(); }
};

/// Runs every test of the document.
RunResult run(const Document& document, const Names& names, Asker& asker);
/// Runs one.
TestResult run_test(const Document& document, const Names& names, Asker& asker, std::string_view name, const TestRow& row);

}  // namespace sentinel::policy
