/// What the engine costs, in process. Names of the cases say where a timing begins: `interned` = from names looked up before,
/// `strings` = from the question as text (form checked, names looked up); and where it ends: `matched` = the decision with what
/// decided, by reference, `answer` = the whole copied answer with fields and ttl.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <map>
#include <memory>

#include "engine/engine.hpp"
#include "engine/reference/reference.hpp"
#include "organisation.hpp"

namespace {

using namespace sentinel;
using engine::Evaluator;
using engine::Question;

/// One tenant of each size, kept while its cases run.
const engine::SnapshotPointer& snapshot_of(const bench::Size& size) {
    using Key = std::array<std::size_t, 5>;
    static std::pair<Key, engine::SnapshotPointer> kept;
    const Key key{size.users, size.permissions, size.permissions_a_role, size.roles_a_user, size.depth};
    if (!kept.second || kept.first != key) {
        kept.second.reset();
        kept = {key, engine::build(bench::organisation(size)).value()};
    }
    return kept.second;
}

constexpr std::size_t asked_users = 512;

template <class Make>
std::vector<Question> questions(const bench::Size& size, const Make& make) {
    std::vector<Question> made;
    for (std::size_t number = 0; number < asked_users; ++number) made.push_back(make(number * 7919 % size.users));
    return made;
}

void run_interned(benchmark::State& state, const bench::Size& size, const std::vector<Question>& asked, bool expected) {
    Evaluator evaluator(snapshot_of(size));
    std::vector<engine::InternedQuestion> interned;
    for (const Question& question : asked) interned.push_back(evaluator.intern(question).value());
    for (const auto& question : interned) {
        if (evaluator.decide(question, bench::noon()).allowed != expected) state.SkipWithError("unexpected decision");
    }
    std::size_t next = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(evaluator.decide(interned[next], bench::noon()));
        next = (next + 1) % interned.size();
    }
}

void run_strings(benchmark::State& state, const bench::Size& size, const std::vector<Question>& asked) {
    Evaluator evaluator(snapshot_of(size));
    for (const Question& question : asked) benchmark::DoNotOptimize(evaluator.check(question, bench::noon()));
    std::size_t next = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(evaluator.check(asked[next], bench::noon()));
        next = (next + 1) % asked.size();
    }
}

const bench::Size usual{};

void plain_interned_matched(benchmark::State& state) {
    run_interned(state, usual, questions(usual, bench::plain_question), true);
}
BENCHMARK(plain_interned_matched);

void three_conditions_depth_5_interned_matched(benchmark::State& state) {
    run_interned(state, usual, questions(usual, [](std::size_t user) { return bench::conditional_question(user, usual); }), true);
}
BENCHMARK(three_conditions_depth_5_interned_matched);

void deny_interned_matched(benchmark::State& state) {
    run_interned(state, usual, questions(usual, bench::denied_question), false);
}
BENCHMARK(deny_interned_matched);

void plain_strings_answer(benchmark::State& state) { run_strings(state, usual, questions(usual, bench::plain_question)); }
BENCHMARK(plain_strings_answer);

void three_conditions_depth_5_strings_answer(benchmark::State& state) {
    run_strings(state, usual, questions(usual, [](std::size_t user) { return bench::conditional_question(user, usual); }));
}
BENCHMARK(three_conditions_depth_5_strings_answer);

void batch_of_100_strings_answer(benchmark::State& state) {
    Evaluator evaluator(snapshot_of(usual));
    std::vector<Question> asked = questions(usual, bench::plain_question);
    asked.resize(100, asked.front());
    for (auto _ : state) benchmark::DoNotOptimize(evaluator.check_batch(asked, bench::noon()));
    state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(batch_of_100_strings_answer);

void who_can_strings(benchmark::State& state) {
    Evaluator evaluator(snapshot_of(usual));
    for (auto _ : state) benchmark::DoNotOptimize(evaluator.who_can(bench::plain_question(0), bench::noon()));
}
BENCHMARK(who_can_strings)->Unit(benchmark::kMicrosecond);

/// The first question that a role set meets: the merged table is made.
void plain_cold_strings_answer(benchmark::State& state) {
    const auto& snapshot = snapshot_of(usual);
    const Question question = bench::plain_question(1);
    for (auto _ : state) {
        state.PauseTiming();
        auto evaluator = std::make_unique<Evaluator>(snapshot);
        state.ResumeTiming();
        benchmark::DoNotOptimize(evaluator->check(question, bench::noon()));
        state.PauseTiming();
        evaluator.reset();
        state.ResumeTiming();
    }
}
BENCHMARK(plain_cold_strings_answer);

/// The slow evaluator on the same tenant.
void run_reference(benchmark::State& state, const Question& question) {
    static const engine::TenantPolicy policy = bench::organisation(usual);
    for (auto _ : state) benchmark::DoNotOptimize(engine::reference::check(policy, question, bench::noon()));
}

void plain_reference(benchmark::State& state) { run_reference(state, bench::plain_question(5'000)); }
BENCHMARK(plain_reference)->Unit(benchmark::kMicrosecond);

void three_conditions_depth_5_reference(benchmark::State& state) {
    run_reference(state, bench::conditional_question(5'000, usual));
}
BENCHMARK(three_conditions_depth_5_reference)->Unit(benchmark::kMicrosecond);

void patch_one_user(benchmark::State& state) {
    engine::SnapshotPointer snapshot = snapshot_of(usual);
    engine::Subject subject{.id = bench::user(17)};
    for (auto _ : state) {
        subject.is_service_account = !subject.is_service_account;
        const std::array<engine::Change, 1> change{engine::PutSubject{subject}};
        snapshot = engine::apply(snapshot, change).value();
    }
}
BENCHMARK(patch_one_user);

// ---- growth ----------------------------------------------------------------------------------------------------------

void grow_users(benchmark::State& state) {
    const bench::Size size{.users = static_cast<std::size_t>(state.range(0))};
    run_interned(state, size, questions(size, bench::plain_question), true);
    const auto& snapshot = snapshot_of(size);
    state.counters["snapshot_bytes_a_user"] = static_cast<double>(engine::bytes_of(*snapshot)) / static_cast<double>(size.users);
    malloc_trim(0);
    state.counters["heap_bytes_a_user"] = static_cast<double>(mallinfo2().uordblks) / static_cast<double>(size.users);
}
BENCHMARK(grow_users)->RangeMultiplier(10)->Range(1'000, 10'000'000);

void grow_permissions_a_role(benchmark::State& state) {
    const auto wanted = static_cast<std::size_t>(state.range(0));
    const bench::Size size{.permissions = std::max<std::size_t>(1'000, wanted * 10), .permissions_a_role = wanted};
    run_interned(state, size, questions(size, [&](std::size_t user) { return bench::conditional_question(user, size); }), true);
}
BENCHMARK(grow_permissions_a_role)->RangeMultiplier(10)->Range(1, 1'000);

void grow_roles_a_user(benchmark::State& state) {
    const bench::Size size{.permissions_a_role = 5, .roles_a_user = static_cast<std::size_t>(state.range(0))};
    run_interned(state, size, questions(size, [&](std::size_t user) { return bench::conditional_question(user, size); }), true);
}
BENCHMARK(grow_roles_a_user)->Arg(1)->Arg(5)->Arg(20)->Arg(100);

void grow_depth(benchmark::State& state) {
    const bench::Size size{.depth = static_cast<std::size_t>(state.range(0))};
    run_interned(state, size, questions(size, [&](std::size_t user) { return bench::conditional_question(user, size); }), true);
}
BENCHMARK(grow_depth)->Arg(1)->Arg(5)->Arg(15)->Arg(31);

}  // namespace

BENCHMARK_MAIN();
