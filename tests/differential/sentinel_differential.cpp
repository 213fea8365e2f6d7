/// Random comparison of the engine with the reference evaluator.

#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "command_line.hpp"
#include "compare.hpp"
#include "minimise.hpp"

namespace {

using namespace sentinel;
using namespace sentinel::differential;
using namespace sentinel::engine;

constexpr std::string_view help =
    R"(sentinel_differential: random tenants and questions, the engine against the reference evaluator.

Each question's check, explain and errors are compared, whole structs; each tenant also compares the two validators on permissions
that may be malformed. A difference is minimised and written to the folder of --found.

  --cases N          questions to compare (default 1000000)
  --seed S           first seed (default: random; printed)
  --continue-from F  first seed read from file F, the next one written back
  --threads T        threads (default: all cores)
  --keep N           differences to minimise and keep (default 10)
  --alike N          of these, how many with the same differing part (default 1)
  --stop-after M     ends once M differences were met (default: never)
  --found DIR        where they are written (default: tests/differential/found of the source tree)

Exit code: 0 no difference, 1 some, 2 usage.
)";

constexpr std::size_t questions_each = 60;
constexpr std::size_t permissions_validated_each = 4;

/// What the cases were like: shows that they reach deep code.
struct Statistics {
    std::uint64_t cases = 0;
    std::uint64_t differences = 0;
    std::uint64_t tenants = 0;
    std::uint64_t answers = 0;
    std::uint64_t allowed = 0;
    std::uint64_t candidates = 0;
    std::uint64_t with_fields = 0;
    std::uint64_t with_matched = 0;
    std::uint64_t short_ttl = 0;
    std::map<std::string, std::uint64_t> reasons;
    std::map<std::string, std::uint64_t> because;
    std::map<std::string, std::uint64_t> leaf_truths;
    std::map<std::string, std::uint64_t> held;
    std::map<std::string, std::uint64_t> errors;

    void count(const Outcome& outcome) {
        ++cases;
        if (!outcome) {
            ++errors[fmt::format("{} {}", core::error_text(outcome.error().kind), outcome.error().fault.pointer)];
            return;
        }
        const auto& [answer, explanation] = *outcome;
        ++answers;
        allowed += answer.allowed ? 1 : 0;
        ++reasons[std::string(reason_code_text(answer.reason_code))];
        candidates += explanation.candidates.size();
        short_ttl += answer.ttl < 300 ? 1 : 0;
        for (const auto& tier : answer.fields) {
            if (!tier.empty()) {
                ++with_fields;
                break;
            }
        }
        for (const auto& candidate : explanation.candidates) {
            ++because[std::string(because_text(candidate.because))];
            for (const auto& leaf : candidate.leaves) { ++leaf_truths[std::string(truth_text(leaf.truth))]; }
        }
        if (answer.matched) {
            ++with_matched;
            ++held[answer.matched->held_as.substr(0, answer.matched->held_as.find(':'))];
        }
    }

    void add(const Statistics& other) {
        cases += other.cases;
        differences += other.differences;
        tenants += other.tenants;
        answers += other.answers;
        allowed += other.allowed;
        candidates += other.candidates;
        with_fields += other.with_fields;
        with_matched += other.with_matched;
        short_ttl += other.short_ttl;
        const auto add_map = [](auto& into, const auto& from) {
            for (const auto& [key, count] : from) { into[key] += count; }
        };
        add_map(reasons, other.reasons);
        add_map(because, other.because);
        add_map(leaf_truths, other.leaf_truths);
        add_map(held, other.held);
        add_map(errors, other.errors);
    }

    void print() const {
        const auto share = [](std::uint64_t part, std::uint64_t whole) {
            return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
        };
        const auto print_map = [&](std::string_view title, const auto& map) {
            std::uint64_t whole = 0;
            for (const auto& [key, count] : map) { whole += count; }
            fmt::print("{}:", title);
            for (const auto& [key, count] : map) { fmt::print(" {} {:.1f} %", key, share(count, whole)); }
            fmt::print("\n");
        };
        fmt::print(
            "{} tenants; answered {:.1f} %, of these allowed {:.1f} %, ttl under 300 s {:.1f} %, with fields {:.1f} %, "
            "mean candidates {:.2f}\n",
            tenants, share(answers, cases), share(allowed, answers), share(short_ttl, answers), share(with_fields, answers),
            answers == 0 ? 0.0 : static_cast<double>(candidates) / static_cast<double>(answers));
        print_map("reason codes", reasons);
        print_map("candidates", because);
        print_map("condition leaves", leaf_truths);
        print_map("deciders held", held);
        print_map("errors", errors);
    }
};

/// How many differences are minimised and kept, and how many end the run.
struct Limits {
    std::size_t keep = 10;
    std::size_t alike = 1;  ///< of one differing part
    std::uint64_t stop_after = UINT64_MAX;
};

class Run {
public:
    Run(std::uint64_t seed, std::uint64_t cases, Limits limits, std::filesystem::path found)
        : seed_(seed), tenants_((cases + questions_each - 1) / questions_each), limits_(limits), found_(std::move(found)) {}

    Statistics on_threads(unsigned count) {
        differential::on_threads(count, [this] { work(); });
        return total_;
    }

    std::uint64_t next_seed() const { return seed_ + tenants_; }

private:
    void work() {
        Statistics statistics;
        for (auto index = next_tenant_++; index < tenants_ && met_ < limits_.stop_after; index = next_tenant_++) {
            one_tenant(seed_ + index, statistics);
        }
        const std::scoped_lock lock(mutex_);
        total_.add(statistics);
    }

    void one_tenant(std::uint64_t seed, Statistics& statistics) {
        auto world = generate(seed, {.questions = questions_each});
        ++statistics.tenants;
        auto snapshot = build(world.policy);
        if (!snapshot) {
            Case whole{.policy = world.policy};
            statistics.differences += 1;
            statistics.cases += world.questions.size();
            return keep(seed, std::move(whole), *replay(whole));
        }
        Evaluator evaluator(*std::move(snapshot));
        for (std::size_t index = 0; index < world.questions.size(); ++index) {
            const auto expected = ask_reference(world.policy, world.questions[index]);
            statistics.count(expected);
            if (auto difference = compare(evaluator, world.questions[index], expected)) {
                ++statistics.differences;
                Case whole{.policy = world.policy};
                whole.questions.assign(world.questions.begin(), world.questions.begin() + static_cast<std::ptrdiff_t>(index) + 1);
                keep(seed, std::move(whole), *difference);
            }
        }
        Random random(mix(seed ^ 0xFA17));
        for (std::size_t index = 0; index < permissions_validated_each; ++index) {
            const auto permission = generate_faulty_permission(random);
            if (auto difference = compare_validation(permission)) {
                ++statistics.differences;
                keep(seed, permission, *difference);
            }
        }
    }

    /// Some dumps for each differing part. The lock is not held while minimising.
    bool is_new(const std::string& part) {
        const std::scoped_lock lock(mutex_);
        if (kept_ >= limits_.keep || alike_[part] >= limits_.alike) { return false; }
        ++alike_[part];
        ++kept_;
        return true;
    }

    void keep(std::uint64_t seed, Case whole, const Difference& difference) {
        ++met_;
        if (!is_new(difference.part)) { return; }
        const bool is_build = difference.part.starts_with("build");
        // The last question alone mostly shows it; else a state left by earlier ones does.
        Case last{.policy = whole.policy};
        if (!whole.questions.empty()) { last.questions.push_back(whole.questions.back()); }
        const auto differs = [&](const Case& candidate) {
            const auto found = replay(candidate);
            return found && found->part.starts_with("build") == is_build && (is_build || found->part == difference.part);
        };
        auto smallest = minimise(differs(last) ? last : whole, differs);
        smallest.note = fmt::format("seed {}: {}", seed, difference.part);
        const auto shown = replay(smallest);
        report(seed, *shown, pretty(to_json(smallest)));
    }

    void keep(std::uint64_t seed, const Permission& permission, const Difference& difference) {
        ++met_;
        if (is_new(difference.part)) { report(seed, difference, pretty(to_json(permission))); }
    }

    void report(std::uint64_t seed, const Difference& difference, const std::string& dump) {
        const std::scoped_lock lock(mutex_);
        std::filesystem::create_directories(found_);
        const auto file = found_ / fmt::format("{}-{}.json", seed, ++reported_);
        std::ofstream(file) << dump;
        fmt::print("DIFFERENCE {} (seed {}, {})\n{}engine: {}reference: {}\n", difference.part, seed, file.string(), dump,
                   difference.engine, difference.reference);
        std::fflush(stdout);
    }

    std::uint64_t seed_;
    std::uint64_t tenants_;
    Limits limits_;
    std::filesystem::path found_;
    std::atomic<std::uint64_t> next_tenant_ = 0;
    std::atomic<std::uint64_t> met_ = 0;
    std::mutex mutex_;
    std::map<std::string, std::size_t> alike_;
    std::size_t kept_ = 0;
    std::size_t reported_ = 0;
    Statistics total_;
};

std::uint64_t read_seed(const std::string& file, std::uint64_t fallback) {
    std::ifstream stream(file);
    std::uint64_t seed = 0;
    return stream >> seed ? seed : fallback;
}

}  // namespace

int main(int count, char** arguments) {
    const CommandLine options(count, arguments, help);
    const auto continue_from = options.text("continue-from");
    auto seed = options.number("seed", continue_from ? 1 : random_seed());
    if (continue_from) { seed = read_seed(*continue_from, seed); }
    fmt::print("differential: seed {}\n", seed);
    std::fflush(stdout);
    const auto started = seconds_now();
    Run run(seed, options.number("cases", 1'000'000),
            {options.number("keep", 10), options.number("alike", 1), options.number("stop-after", UINT64_MAX)},
            options.text("found").value_or(SENTINEL_SOURCE_DIR "/tests/differential/found"));
    const auto statistics = run.on_threads(thread_count(options));
    statistics.print();
    if (continue_from) { std::ofstream(*continue_from) << run.next_seed() << '\n'; }
    const auto seconds = seconds_now() - started;
    fmt::print("{:.1f} s, {:.0f} cases/s\n", seconds, static_cast<double>(statistics.cases) / seconds);
    fmt::print("differential: {} cases, {} differences\n", statistics.cases, statistics.differences);
    return statistics.differences == 0 ? 0 : 1;
}
