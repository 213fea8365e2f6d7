/// `sentinel bench`: how quick this policy is answered on this machine.

#include <fmt/format.h>
#include <ctime>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "app/answer_json.hpp"
#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/file.hpp"
#include "app/json_writer.hpp"
#include "app/policy_file.hpp"
#include "app/question_json.hpp"
#include "app/question_options.hpp"
#include "app/random_questions.hpp"
#include "engine/engine.hpp"
#include "engine/snapshot.hpp"

namespace sentinel::app {

namespace {

using Clock = std::chrono::steady_clock;

/// Seconds of processor time that this thread has had: what other work on the machine takes is not counted.
double thread_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

constexpr std::size_t question_count = 1U << 15;
constexpr std::size_t questions_between_clocks = 256;

struct BenchOptions {
    std::string policy;
    double seconds = 1;
    std::uint64_t seed = 1;
    bool json = false;
};

struct Figures {
    double build_seconds = 0;
    double check_nanoseconds = 0;  ///< mean of one Evaluator::check
    double batch_nanoseconds = 0;  ///< mean of one JSON line read, answered and written
    double median_nanoseconds = 0;
    double p99_nanoseconds = 0;
    double allowed_share = 0;
    std::size_t unanswered = 0;
    std::size_t snapshot_bytes = 0;
};

void declare(CLI::App& command, BenchOptions& options) {
    add_policy_option(command, options.policy);
    command.add_option("--seconds", options.seconds, "How long to measure each figure")
        ->check(CLI::Range(0.01, 3600.0))
        ->capture_default_str();
    command.add_option("--seed", options.seed, "Of the random questions")->capture_default_str();
    command.add_flag("--json", options.json, "Print the figures as JSON");
    command.footer(
        "Asks 32 768 random questions about the policy's own subjects, actions and resources, without attributes or context, "
        "over and over,\n"
        "on one thread, after one round to warm up, in its processor time. Compare figures of one machine only.");
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Mean nanoseconds of processor time of `work(index)`, until `seconds` of it have passed.
template <class Work>
double mean_nanoseconds(double seconds, Progress& progress, Work work) {
    std::uint64_t done = 0;
    const double start = thread_seconds();
    double elapsed = 0;
    while (elapsed < seconds) {
        for (std::size_t step = 0; step < questions_between_clocks; ++step) work(done++ % question_count);
        elapsed = thread_seconds() - start;
        progress.update(static_cast<std::uint64_t>(elapsed * 1000));
    }
    return elapsed * 1e9 / static_cast<double>(done);
}

/// Warms up, and counts what the answers are.
void first_round(Figures& figures, engine::Evaluator& evaluator, const std::vector<engine::Question>& questions,
                 engine::Instant now) {
    std::size_t allowed = 0;
    for (const auto& question : questions) {
        const auto answer = evaluator.check(question, now);
        if (!answer) ++figures.unanswered;
        if (answer && answer->allowed) ++allowed;
    }
    figures.allowed_share = static_cast<double>(allowed) / static_cast<double>(questions.size());
}

void measure_single(Figures& figures, engine::Evaluator& evaluator, const std::vector<engine::Question>& questions,
                    engine::Instant now) {
    std::vector<double> samples;
    samples.reserve(questions.size());
    for (const auto& question : questions) {
        const auto start = Clock::now();
        const auto answer = evaluator.check(question, now);
        samples.push_back(seconds_since(start) * 1e9);
        if (!answer) samples.pop_back();
    }
    if (samples.empty()) return;
    std::ranges::sort(samples);
    figures.median_nanoseconds = samples[samples.size() / 2];
    figures.p99_nanoseconds = samples[samples.size() * 99 / 100];
}

double measure_batch(double seconds, Progress& progress, engine::Evaluator& evaluator,
                     const std::vector<engine::Question>& questions, engine::Instant now) {
    std::vector<std::string> lines;
    for (const auto& question : questions) append_question(lines.emplace_back(), question);
    engine::Question question;
    std::string out;
    return mean_nanoseconds(seconds, progress, [&](std::size_t index) {
        if (out.size() > (256U << 10)) out.clear();
        if (!read_question(lines[index], question)) return;
        if (const auto answer = evaluator.check(question, now)) append_decision(out, *answer);
    });
}

Result<Figures> measure(const BenchOptions& options, const LoadedPolicy& policy) {
    const auto questions = random_questions(policy.tenant, question_count, options.seed);
    if (questions.empty()) {
        return std::unexpected(
            Failure{ExitCode::unreadable,
                    fmt::format("{}: has no users, permissions or resources to ask about", visible(options.policy))});
    }
    Figures figures;
    const auto start = Clock::now();
    const auto rebuilt = engine::build(policy.tenant);
    figures.build_seconds = seconds_since(start);
    figures.snapshot_bytes = policy.snapshot->bytes();
    const engine::Instant now = core::SystemClock{}.now();
    engine::Evaluator evaluator(policy.snapshot);
    first_round(figures, evaluator, questions, now);
    Progress progress("measuring", static_cast<std::uint64_t>(options.seconds * 1000));
    figures.check_nanoseconds =
        mean_nanoseconds(options.seconds, progress, [&](std::size_t index) { (void)evaluator.check(questions[index], now); });
    figures.batch_nanoseconds = measure_batch(options.seconds, progress, evaluator, questions, now);
    measure_single(figures, evaluator, questions, now);
    return figures;
}

std::string json_report(const Figures& figures, const LoadedPolicy& policy) {
    std::string out;
    auto object = JsonWriter::object(out);
    object.member("checks_per_second", std::round(1e9 / figures.check_nanoseconds))
        .member("nanoseconds_per_check", figures.check_nanoseconds)
        .member("median_nanoseconds", figures.median_nanoseconds)
        .member("p99_nanoseconds", figures.p99_nanoseconds)
        .member("json_decisions_per_second", std::round(1e9 / figures.batch_nanoseconds))
        .member("nanoseconds_per_json_decision", figures.batch_nanoseconds)
        .member("allowed_share", figures.allowed_share)
        .member("unanswered", figures.unanswered)
        .member("build_seconds", figures.build_seconds)
        .member("snapshot_bytes", figures.snapshot_bytes)
        .member("subjects", policy.tenant.subjects.size())
        .member("permissions", policy.tenant.permissions.size())
        .member("resources", policy.tenant.resources.size())
        .close();
    out += '\n';
    return out;
}

std::string text_report(const Figures& figures, const LoadedPolicy& policy) {
    const auto& tenant = policy.tenant;
    std::string out = fmt::format("policy     {} subjects, {} roles, {} permissions, {} resources\n", tenant.subjects.size(),
                                  tenant.roles.size(), tenant.permissions.size(), tenant.resources.size());
    out += fmt::format("questions  {} random ones, {:.1f} % allowed, {} unanswerable, without attributes and context\n",
                       question_count, figures.allowed_share * 100, figures.unanswered);
    out += fmt::format("check      {:.0f} ns each, {:.0f} a second of one core: Evaluator::check, the whole answer, no JSON\n",
                       figures.check_nanoseconds, 1e9 / figures.check_nanoseconds);
    out += fmt::format(
        "           median {:.0f} ns, 99th percentile {:.0f} ns, each timed alone (the clock's own reading included)\n",
        figures.median_nanoseconds, figures.p99_nanoseconds);
    out +=
        fmt::format("JSON       {:.0f} ns each, {:.0f} a second of one core: a line parsed, checked, answer written to memory\n",
                    figures.batch_nanoseconds, 1e9 / figures.batch_nanoseconds);
    out += fmt::format("snapshot   {} bytes, built in {:.3f} s\n", figures.snapshot_bytes, figures.build_seconds);
    return out;
}

Result<ExitCode> run(const BenchOptions& options) {
    const auto policy = load_policy(options.policy);
    if (!policy) return std::unexpected(policy.error());
    const auto figures = measure(options, *policy);
    if (!figures) return std::unexpected(figures.error());
    if (auto written = write_output(options.json ? json_report(*figures, *policy) : text_report(*figures, *policy)); !written) {
        return std::unexpected(written.error());
    }
    return ExitCode::success;
}

}  // namespace

void add_bench_command(CLI::App& program, Action& chosen) {
    add_command<BenchOptions>(program, chosen, "bench", "Measure how quick a policy's questions are answered", declare, run);
}

}  // namespace sentinel::app
