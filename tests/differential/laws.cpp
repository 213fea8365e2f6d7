/// Laws that hold whatever the semantics of single rules: the engine against itself.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <stdexcept>

#include "command_line.hpp"
#include "compare.hpp"
#include "renaming.hpp"

namespace {

using namespace sentinel;
using namespace sentinel::differential;
using namespace sentinel::engine;

constexpr std::string_view help = R"(laws: properties of the decision, checked on random tenants.

  --cases N   questions for each law (default 100000)
  --law NAME  one law only: deny, allow, names, explain, batch, who_can, resources, actions, patch
  --seed S    seed (default: random; printed)
  --threads T laws at a time (default: all cores)

  deny       adding a deny never allows more
  allow      removing an allow never allows more
  names      order of storage, names and ids change neither `allowed` nor field rights
  explain    explain's answer is check's
  batch      a batch is check item by item
  who_can    who_can gives exactly the subjects for whom check allows
  resources  resources gives exactly the resources that check allows
  actions    actions gives each action as check answers it
  patch      a snapshot patched by changes answers and explains as a freshly built one

Exit code: 0 all hold, 1 some do not, 2 usage.
)";

constexpr std::size_t questions_each = 20;

/// Asks one policy. Throws when it does not build: every generated tenant is valid.
class Asker {
public:
    explicit Asker(const TenantPolicy& policy) : evaluator_(built(policy)) {}
    explicit Asker(SnapshotPointer snapshot) : evaluator_(std::move(snapshot)) {}

    std::expected<Answer, QuestionError> check(const Asked& asked) {
        return evaluator_.check(asked.question, asked.now, options(asked));
    }
    Outcome explain(const Asked& asked) { return evaluator_.explain(asked.question, asked.now, options(asked)); }
    static AskOptions options(const Asked& asked) { return {.may_override_time = asked.may_override_time}; }
    Evaluator& evaluator() { return evaluator_; }

    static SnapshotPointer built(const TenantPolicy& policy) {
        auto snapshot = build(policy);
        if (!snapshot) {
            const auto& fault = snapshot.error().front();
            throw std::runtime_error(fmt::format("a generated tenant does not build: {}: {}", fault.pointer, fault.message));
        }
        return *std::move(snapshot);
    }

private:
    Evaluator evaluator_;
};

/// Counts the cases of one law and shows the first few that break it.
class Judge {
public:
    Judge(std::string_view law, std::uint64_t seed) : law_(law), seed_(seed) {}

    void next_world(std::uint64_t seed) { world_seed_ = seed; }
    void expect(bool holds, const TenantPolicy& policy, const Asked& asked, const std::function<std::string()>& why) {
        ++cases_;
        if (holds) { return; }
        if (++broken_ <= 3) {
            fmt::print("BROKEN {} (seed {}): {}\n{}\n", law_, world_seed_, why(),
                       pretty(to_json(Case{.note = fmt::format("law {}", law_), .policy = policy, .questions = {asked}})));
            std::fflush(stdout);
        }
    }
    void count_interesting(bool interesting) { interesting_ += interesting ? 1 : 0; }

    std::uint64_t cases() const { return cases_; }
    std::uint64_t broken() const { return broken_; }
    std::uint64_t interesting() const { return interesting_; }
    std::uint64_t seed() const { return seed_; }

private:
    std::string_view law_;
    std::uint64_t seed_;
    std::uint64_t world_seed_ = 0;
    std::uint64_t cases_ = 0;
    std::uint64_t broken_ = 0;
    std::uint64_t interesting_ = 0;
};

bool allows(const std::expected<Answer, QuestionError>& answer) { return answer && answer->allowed; }

template <class Result>
std::string shown(const std::expected<Result, QuestionError>& outcome) {
    return pretty(outcome ? to_json(*outcome) : to_json(outcome.error()));
}

/// `after` may allow only what `before` allows.
void expect_no_more(Judge& judge, const World& before, const TenantPolicy& after) {
    Asker first(before.policy);
    Asker second(after);
    for (const auto& asked : before.questions) {
        const auto old_answer = first.check(asked);
        const auto new_answer = second.check(asked);
        judge.count_interesting(allows(old_answer) != allows(new_answer));
        judge.expect((!allows(new_answer) || allows(old_answer)) && old_answer.has_value() == new_answer.has_value(), after,
                     asked, [&] { return shown(old_answer) + "became " + shown(new_answer); });
    }
}

void law_deny(Judge& judge, Random& random, const World& world) {
    auto after = world.policy;
    after.permissions.push_back(generate_permission(random, world, Effect::deny));
    after.roles[random.below(after.roles.size())].permissions.push_back(after.permissions.back().id);
    expect_no_more(judge, world, after);
}

void law_allow(Judge& judge, Random& random, const World& world) {
    auto after = world.policy;
    if (!after.grants.empty() && random.chance(30)) {
        after.grants.erase(after.grants.begin() + static_cast<std::ptrdiff_t>(random.below(after.grants.size())));
        return expect_no_more(judge, world, after);
    }
    random.shuffle(after.permissions);
    const auto found = std::ranges::find(after.permissions, Effect::allow, &Permission::effect);
    if (found == after.permissions.end()) { return; }
    for (auto& role : after.roles) { std::erase(role.permissions, found->id); }
    after.permissions.erase(found);
    expect_no_more(judge, world, after);
}

void law_names(Judge& judge, Random& random, const World& world) {
    const auto other = rename(random, world);
    Asker first(world.policy);
    Asker second(other.policy);
    for (std::size_t index = 0; index < world.questions.size(); ++index) {
        const auto& asked = world.questions[index];
        const auto before = first.check(asked);
        // Longer texts can make a question malformed, so only those that have an answer are compared.
        const auto& resource = asked.question.resource;
        if (!before || resource.id.value_or("").size() > 200 || resource.path.value_or("").size() > 250) { continue; }
        const auto after = second.check(other.questions[index]);
        judge.count_interesting(before->allowed);
        const bool same = after && before->allowed == after->allowed && before->reason_code == after->reason_code &&
                          before->fields == after->fields && before->ttl == after->ttl;
        judge.expect(same, world.policy, asked, [&] {
            return shown(before) + "became " + shown(after) + "for " +
                   pretty(to_json(Case{.policy = other.policy, .questions = {other.questions[index]}}));
        });
    }
}

void law_explain(Judge& judge, Random&, const World& world) {
    Asker asker(world.policy);
    for (const auto& asked : world.questions) {
        const auto checked = asker.check(asked);
        const auto explained = asker.explain(asked);
        judge.count_interesting(allows(checked));
        const bool same = explained ? checked && *checked == explained->answer : !checked && checked.error() == explained.error();
        judge.expect(same, world.policy, asked, [&] { return shown(checked) + "is not " + shown(explained); });
    }
}

void law_batch(Judge& judge, Random& random, const World& world) {
    Asker asker(world.policy);
    Asker fresh(world.policy);
    std::vector<Question> questions;
    for (const auto& asked : world.questions) {
        questions.push_back(asked.question);
        if (random.chance(10)) { questions.push_back(asked.question); }
    }
    const auto answers = asker.evaluator().check_batch(questions, world.now);
    for (std::size_t index = 0; index < questions.size(); ++index) {
        const Asked asked{.question = questions[index], .now = world.now};
        const auto single = fresh.check(asked);
        judge.count_interesting(allows(single));
        judge.expect(answers.size() == questions.size() && answers[index] == single, world.policy, asked, [&] {
            return "one by one " + shown(single) + (index < answers.size() ? "in the batch " + shown(answers[index]) : "");
        });
    }
}

void law_who_can(Judge& judge, Random&, const World& world) {
    Asker asker(world.policy);
    for (const auto& asked : world.questions) {
        const auto listed = asker.evaluator().who_can(asked.question, asked.now, Asker::options(asked));
        std::vector<std::string> expected;
        bool any_error = false;
        for (const auto& subject : world.policy.subjects) {
            auto one = asked;
            one.question.subject = subject.id;
            const auto answer = asker.check(one);
            any_error = any_error || !answer;
            if (allows(answer)) { expected.push_back(subject.id.text); }
        }
        std::ranges::sort(expected);
        std::vector<std::string> actual;
        for (const auto& id : listed ? *listed : std::vector<SubjectId>{}) { actual.push_back(id.text); }
        judge.count_interesting(!expected.empty());
        judge.expect(listed.has_value() == !any_error && actual == expected, world.policy, asked, [&] {
            return fmt::format("who_can gives {} subjects{}, check allows {}", actual.size(), listed ? "" : " (error)",
                               expected.size());
        });
    }
}

void law_resources(Judge& judge, Random&, const World& world) {
    Asker asker(world.policy);
    for (const auto& asked : world.questions) {
        const auto listed = asker.evaluator().resources(asked.question, asked.now, Asker::options(asked));
        std::vector<ResourceId> expected;
        bool any_answer = false;
        bool any_error = false;
        for (const auto& resource : world.policy.resources) {
            if (resource.type != asked.question.resource.type) { continue; }
            auto one = asked;
            one.question.resource = {
                .type = resource.type, .id = resource.id.text(), .attributes = asked.question.resource.attributes};
            const auto answer = asker.check(one);
            (answer ? any_answer : any_error) = true;
            if (allows(answer)) { expected.push_back(resource.id); }
        }
        std::ranges::sort(expected);
        judge.count_interesting(!expected.empty());
        const bool holds = listed ? *listed == expected : !any_answer;
        judge.expect(holds, world.policy, asked, [&] {
            return fmt::format("resources gives {}{}, check allows {}", listed ? listed->size() : 0,
                               listed ? "" : " (error " + listed.error().fault.message + ")", expected.size());
        });
    }
}

/// What the tenant's rows name, and those of ancestors over an unbroken chain of inheritance.
std::set<std::string> named_actions(const TenantPolicy& policy) {
    std::set<std::string> names;
    const auto add = [&](const auto& rows) {
        for (const auto& row : rows) { names.insert(row.actions.begin(), row.actions.end()); }
    };
    add(policy.permissions);
    add(policy.grants);
    bool is_lent = policy.inherit_permissions;
    for (const auto& ancestor : policy.ancestors) {
        if (!is_lent) { break; }
        add(ancestor.permissions);
        is_lent = ancestor.inherit_permissions;
    }
    names.erase("*");
    return names;
}

void law_actions(Judge& judge, Random&, const World& world) {
    Asker asker(world.policy);
    const auto known = named_actions(world.policy);
    for (const auto& asked : world.questions) {
        const auto listed = asker.evaluator().actions(asked.question, asked.now, Asker::options(asked));
        std::string fault;
        std::vector<std::string> names;
        bool any_allowed = false;
        for (const auto& entry : listed ? *listed : std::vector<ActionAnswer>{}) {
            auto one = asked;
            one.question.action = entry.action;
            const auto answer = asker.check(one);
            names.push_back(entry.action);
            any_allowed = any_allowed || entry.allowed;
            if (!answer || answer->allowed != entry.allowed || answer->reason_code != entry.reason_code) {
                fault = fmt::format("{}: {} but check says {}", entry.action, entry.allowed, shown(answer));
            }
        }
        judge.count_interesting(any_allowed);
        if (listed && !std::ranges::equal(names, known)) {
            fault = fmt::format("lists {} actions, the policy names {}", names.size(), known.size());
        }
        if (!listed) {
            auto one = asked;
            one.question.action = "read";
            if (asker.check(one)) { fault = "error " + listed.error().fault.message + ", but check answers"; }
        }
        judge.expect(fault.empty(), world.policy, asked, [&] { return fault; });
    }
}

void law_patch(Judge& judge, Random& random, const World& start) {
    auto world = start;
    Asker patched(world.policy);
    auto snapshot = Asker::built(world.policy);
    for (int round = 0; round < 4; ++round) {
        const auto changes = generate_changes(random, world, random.between(1, 4));
        for (const auto& change : changes) { engine::apply(world.policy, change); }
        auto next = engine::apply(snapshot, changes);
        if (!next) {
            return judge.expect(!build(world.policy), world.policy, {},
                                [&] { return "apply refuses: " + next.error().front().message; });
        }
        snapshot = *std::move(next);
        patched.evaluator().use(snapshot);
        Asker fresh(world.policy);
        for (const auto& asked : generate_questions(random, world, questions_each / 2)) {
            const auto expected = fresh.explain(asked);
            const auto actual = patched.explain(asked);
            const auto checked = patched.check(asked);
            judge.count_interesting(expected && expected->answer.allowed);
            const bool same = expected ? actual && *actual == *expected && checked && *checked == expected->answer
                                       : !actual && actual.error() == expected.error() && !checked;
            judge.expect(same, world.policy, asked,
                         [&] { return fmt::format("round {}: patched {}fresh {}", round, shown(actual), shown(expected)); });
        }
    }
}

struct Law {
    std::string_view name;
    void (*check)(Judge&, Random&, const World&);
    bool renamable = false;
};

constexpr std::array laws{
    Law{"deny", law_deny},           Law{"allow", law_allow},     Law{"names", law_names, true},
    Law{"explain", law_explain},     Law{"batch", law_batch},     Law{"who_can", law_who_can},
    Law{"resources", law_resources}, Law{"actions", law_actions}, Law{"patch", law_patch},
};

/// Returns whether the law holds.
bool check(const Law& law, std::uint64_t cases, std::uint64_t seed) {
    Judge judge(law.name, seed);
    const auto started = seconds_now();
    for (auto next = mix(seed ^ law.name.size()); judge.cases() < cases && judge.broken() < 1000; ++next) {
        judge.next_world(next);
        Random random(mix(next ^ 0x1A35));
        law.check(judge, random, generate(next, {.questions = questions_each, .renamable = law.renamable}));
    }
    fmt::print("law {:<9} {} cases, {} where it bites, {} broken; {:.1f} s\n", law.name, judge.cases(), judge.interesting(),
               judge.broken(), seconds_now() - started);
    std::fflush(stdout);
    return judge.broken() == 0;
}

}  // namespace

int main(int count, char** arguments) {
    const CommandLine options(count, arguments, help);
    const auto wanted = options.text("law");
    const auto cases = options.number("cases", 100'000);
    const auto seed = options.number("seed", random_seed());
    if (wanted && std::ranges::find(laws, *wanted, &Law::name) == laws.end()) {
        fmt::print(stderr, "--law {}: there is no such law (see --help)\n", *wanted);
        return 2;
    }
    fmt::print("laws: seed {}\n", seed);
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> checked = 0;
    std::atomic<std::size_t> broken = 0;
    on_threads(thread_count(options), [&] {
        for (auto index = next++; index < laws.size(); index = next++) {
            if (wanted && *wanted != laws[index].name) { continue; }
            ++checked;
            broken += check(laws[index], cases, seed) ? 0 : 1;
        }
    });
    fmt::print("laws: {} checked, {} broken\n", checked.load(), broken.load());
    return broken == 0 ? 0 : 1;
}
