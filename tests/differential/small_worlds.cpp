/// Exhaustive comparison on small worlds: every combination of the alphabets below, every question about it.

#include <fmt/format.h>

#include <atomic>
#include <mutex>

#include "command_line.hpp"
#include "compare.hpp"
#include "random.hpp"
#include "small_world.hpp"

namespace {

using namespace sentinel;
using namespace sentinel::differential;

constexpr std::string_view help = R"(small_worlds: every small policy of three alphabets, every question about it.

The engine is asked every question; its whole answer is compared with a reading of the semantics written for this world alone
(small_reading.cpp), and that reading with the reference evaluator on a random share.

  --tier T      a: up to two permissions, every way to hold a role; b: up to three permissions; c: up to three allows with fields;
                i: isolation of two subjects (default: all)
  --threads T   threads (default: all cores)
  --sample P    one question in P is also put to the reference (default 100)
  --seed S      seed of that choice (default: random; printed)

Exit code: 0 no difference, 1 some, 2 usage.
)";

using small::Permission;
using small::Question;
using small::World;

/// Where the permissions of a world go when their own `role` does not say it.
enum class Placing : std::uint8_t { as_written, second_to_other_role, first_to_other_role, second_to_other_subject };

struct Setting {
    World world;  ///< all but the permissions
    Placing placing = Placing::as_written;
};

/// One alphabet of permissions; worlds are the multisets of up to `most` of them, in every setting.
struct Tier {
    std::string_view name;
    std::vector<Permission> alphabet;
    std::size_t most = 2;
    std::vector<Setting> settings;
    std::vector<Question> questions;
};

std::vector<Question> questions_of(std::initializer_list<small::Target> targets, std::initializer_list<bool> updates) {
    std::vector<Question> questions;
    for (auto target : targets) {
        for (auto update : updates) {
            for (int key = 0; key <= 2; ++key) { questions.push_back({target, update, key}); }
        }
    }
    return questions;
}

std::vector<Question> all_targets() {
    std::vector<Question> questions;
    for (std::size_t target = 0; target < small::target_count; ++target) {
        for (int key = 0; key <= 2; ++key) { questions.push_back({static_cast<small::Target>(target), false, key}); }
    }
    return questions;
}

constexpr std::array effects{small::Effect::allow, small::Effect::deny, small::Effect::guardrail};
constexpr std::array<std::uint8_t, 2> roles{0, 1};

Tier tier_a() {
    Tier tier{.name = "a", .questions = all_targets()};
    for (std::size_t selector = 0; selector < small::selector_count; ++selector) {
        for (auto effect : effects) {
            for (auto terms : {small::Terms::none, small::Terms::key_is_one}) {
                tier.alphabet.push_back({.effect = effect, .selector = static_cast<small::Selector>(selector), .terms = terms});
            }
        }
    }
    for (auto effect : effects) {
        tier.alphabet.push_back({.effect = effect, .actions = small::Actions::any});
        tier.alphabet.push_back({.effect = effect, .selector = small::Selector::node_r1, .terms = small::Terms::key_is_not_one});
    }
    for (auto target : {small::Target::r1, small::Target::outside}) { tier.questions.push_back({target, true, 0}); }
    for (std::size_t index = 0; index < small::way_count; ++index) {
        const auto way = static_cast<small::Way>(index);
        tier.settings.push_back({.world = {.way = way}});
        for (const int priority : {50, 100, 150}) {
            const World world{.priorities = {100, priority}, .way = way};
            tier.settings.push_back({world, Placing::second_to_other_role});
            tier.settings.push_back({world, Placing::first_to_other_role});
        }
    }
    return tier;
}

Tier tier_b() {
    Tier tier{.name = "b", .most = 3, .questions = all_targets()};
    using enum small::Selector;
    for (auto selector : {all, type_vessel, instance_x, instance_registered, node_r1, node_r1_alone, node_r2, pattern_child,
                          pattern_second, pattern_root}) {
        for (auto effect : effects) {
            for (auto terms : {small::Terms::none, small::Terms::key_is_one}) {
                for (auto role : roles) {
                    tier.alphabet.push_back({.effect = effect, .selector = selector, .terms = terms, .role = role});
                }
            }
        }
    }
    tier.settings.push_back({.world = {.priorities = {100, 50}}});
    return tier;
}

Tier tier_c() {
    using enum small::Rights;
    const std::array<small::Fields, 9> fields{{
        {},
        {.core_name = read},
        {.core_name = write},
        {.core_name = hidden},
        {.core_all = read},
        {.core_all = hidden},
        {.core_name = read, .core_all = write},
        {.own_name = write},
        {.core_other = write, .own_all = read},
    }};
    Tier tier{.name = "c", .most = 3};
    using enum small::Selector;
    for (auto selector : {all, node_r1, pattern_second, pattern_root}) {
        for (auto terms : {small::Terms::none, small::Terms::key_is_one}) {
            if (terms != small::Terms::none && selector != pattern_second) { continue; }
            for (auto role : roles) {
                for (const auto& map : fields) {
                    tier.alphabet.push_back({.selector = selector, .terms = terms, .fields = map, .role = role});
                }
            }
        }
    }
    using enum small::Definitions;
    for (auto definitions : {none, core_name_read, name_hidden_own_write, core_name_inactive_other_write}) {
        tier.settings.push_back({.world = {.priorities = {100, 50}, .definitions = definitions}});
    }
    tier.questions = questions_of({small::Target::r2_by_code, small::Target::outside_below_r1}, {false});
    tier.questions.push_back({small::Target::r1, false, 1});
    return tier;
}

/// Two subjects: the asked one holds one permission, the other one another, by role, group and grant.
Tier tier_isolation() {
    auto tier = tier_a();
    tier.name = "i";
    tier.settings = {{{}, Placing::second_to_other_subject}};
    return tier;
}

struct Count {
    std::uint64_t worlds = 0;
    std::uint64_t questions = 0;
    std::uint64_t sampled = 0;
    std::uint64_t differences = 0;
    std::uint64_t allowed = 0;

    void add(const Count& other) {
        worlds += other.worlds;
        questions += other.questions;
        sampled += other.sampled;
        differences += other.differences;
        allowed += other.allowed;
    }
};

class Run {
public:
    Run(Tier tier, std::uint64_t sample, std::uint64_t seed) : tier_(std::move(tier)), sample_(sample), seed_(seed) {
        for (const auto& question : tier_.questions) { questions_.push_back(small::to_question(question)); }
    }

    Count on_threads(unsigned count) {
        differential::on_threads(count, [this] { work(); });
        return total_;
    }

private:
    /// One item of work: all multisets whose first member is `first`.
    void work() {
        Count count;
        std::optional<engine::Evaluator> evaluator;
        for (auto first = next_++; first <= tier_.alphabet.size(); first = next_++) {
            std::vector<std::size_t> chosen;
            Random random(mix(seed_ + first));
            if (first == tier_.alphabet.size()) {
                with_settings(chosen, evaluator, random, count);
            } else {
                chosen.push_back(first);
                multisets(chosen, evaluator, random, count);
            }
        }
        const std::scoped_lock lock(mutex_);
        total_.add(count);
    }

    void multisets(std::vector<std::size_t>& chosen, std::optional<engine::Evaluator>& evaluator, Random& random, Count& count) {
        with_settings(chosen, evaluator, random, count);
        if (chosen.size() == tier_.most) { return; }
        for (auto next = chosen.back(); next < tier_.alphabet.size(); ++next) {
            chosen.push_back(next);
            multisets(chosen, evaluator, random, count);
            chosen.pop_back();
        }
    }

    void with_settings(const std::vector<std::size_t>& chosen, std::optional<engine::Evaluator>& evaluator, Random& random,
                       Count& count) {
        for (const auto& setting : tier_.settings) {
            World world = setting.world;
            for (auto index : chosen) { world.permissions.push_back(tier_.alphabet[index]); }
            if (!place(world, setting.placing)) { continue; }
            world.revision = ++count.worlds;
            world.reversed = count.worlds % 2 == 0;
            ask(world, evaluator, random, count);
        }
    }

    /// False where the placing would repeat the world of another.
    static bool place(World& world, Placing placing) {
        auto& permissions = world.permissions;
        if (placing == Placing::as_written) { return true; }
        if (permissions.size() < 2) { return placing == Placing::second_to_other_subject; }
        if (placing == Placing::second_to_other_subject) {
            world.of_the_other.push_back(permissions.back());
            permissions.pop_back();
        } else {
            permissions[placing == Placing::second_to_other_role ? 1 : 0].role = 1;
        }
        return true;
    }

    void ask(const World& world, std::optional<engine::Evaluator>& evaluator, Random& random, Count& count) {
        const auto policy = small::to_policy(world);
        auto snapshot = engine::build(policy);
        if (!snapshot) {
            ++count.differences;
            return report(world, policy, "build", snapshot.error().front().message, "");
        }
        if (evaluator) {
            evaluator->use(*std::move(snapshot));
        } else {
            evaluator.emplace(*std::move(snapshot));
        }
        for (std::size_t index = 0; index < questions_.size(); ++index) {
            ++count.questions;
            const auto expected = small::answer(world, tier_.questions[index]);
            const auto actual = evaluator->check(questions_[index], small::now);
            count.allowed += expected.allowed ? 1 : 0;
            if (!actual || *actual != expected) {
                ++count.differences;
                report(world, policy, pretty(question_json(index)),
                       actual ? pretty(to_json(*actual)) : actual.error().fault.message, pretty(to_json(expected)));
            }
            if (random.below(sample_) == 0) {
                ++count.sampled;
                const auto reference = engine::reference::check(policy, questions_[index], small::now);
                if (!reference || reference->answer != expected) {
                    ++count.differences;
                    report(world, policy, "REFERENCE " + pretty(question_json(index)),
                           reference ? pretty(to_json(reference->answer)) : reference.error().fault.message,
                           pretty(to_json(expected)));
                }
            }
        }
    }

    json::Value question_json(std::size_t index) const {
        const auto one = to_json(Case{.questions = {{.question = questions_[index], .now = small::now}}});
        return one.object()->find("questions")->array()->front();
    }

    void report(const World& world, const engine::TenantPolicy& policy, const std::string& question, const std::string& actual,
                const std::string& expected) {
        const std::scoped_lock lock(mutex_);
        if (++reported_ > 5) { return; }
        fmt::print("DIFFERENCE in tier {} (way {})\n{}{}actual: {}expected: {}\n", tier_.name, static_cast<int>(world.way),
                   pretty(to_json(Case{.policy = policy})), question, actual, expected);
        std::fflush(stdout);
    }

    Tier tier_;
    std::uint64_t sample_;
    std::uint64_t seed_;
    std::vector<engine::Question> questions_;
    std::atomic<std::size_t> next_ = 0;
    std::mutex mutex_;
    int reported_ = 0;
    Count total_;
};

}  // namespace

int main(int argument_count, char** arguments) {
    const CommandLine options(argument_count, arguments, help);
    const auto wanted = options.text("tier");
    const auto threads = thread_count(options);
    const auto sample = std::max<std::uint64_t>(1, options.number("sample", 100));
    const auto seed = options.number("seed", random_seed());
    fmt::print("small worlds: seed of the sample {}\n", seed);
    Count total;
    for (auto make : {tier_a, tier_b, tier_c, tier_isolation}) {
        auto tier = make();
        if (wanted && *wanted != tier.name) { continue; }
        const auto started = seconds_now();
        const auto name = tier.name;
        const auto count = Run(std::move(tier), sample, seed).on_threads(threads);
        total.add(count);
        fmt::print(
            "tier {}: {} worlds, {} questions ({:.1f} % allowed), all compared with the small reading, {} of them ({:.2f} %) "
            "that with "
            "the reference; {} differences; {:.1f} s\n",
            name, count.worlds, count.questions,
            100.0 * static_cast<double>(count.allowed) / static_cast<double>(count.questions), count.sampled,
            100.0 * static_cast<double>(count.sampled) / static_cast<double>(count.questions), count.differences,
            seconds_now() - started);
        std::fflush(stdout);
    }
    if (total.questions == 0) {
        fmt::print(stderr, "--tier {}: there is no such tier (see --help)\n", wanted.value_or(""));
        return 2;
    }
    fmt::print("small worlds: {} questions, {} differences\n", total.questions, total.differences);
    return total.differences == 0 ? 0 : 1;
}
