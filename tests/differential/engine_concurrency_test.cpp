/// Readers on all cores while a writer publishes one patched snapshot after another: each answer must be that of the revision it names.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "engine/engine.hpp"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SENTINEL_UNDER_TSAN 1
#endif
#endif

namespace sentinel::engine {
namespace {

#ifdef SENTINEL_UNDER_TSAN
constexpr int publications = 2'000;
#else
constexpr int publications = 10'000;
#endif
constexpr Instant now{1'772'618'400, 0};
constexpr std::size_t subject_count = 8;
constexpr std::uint64_t revisions_each_must_see = 100;

template <class RowId>
RowId numbered(std::uint8_t kind, std::size_t number) {
    RowId id;
    id.value.bytes[0] = kind;
    id.value.bytes[14] = static_cast<std::uint8_t>(number >> 8);
    id.value.bytes[15] = static_cast<std::uint8_t>(number);
    return id;
}

/// What the policy says at a revision follows from the revision alone: the permission allows at odd ones only, its condition holds for
/// level = revision, its field right follows revision modulo 4, and the role's name ends in it. A mixture of two revisions contradicts.
Permission permission_at(std::uint64_t revision) {
    Permission permission{.id = numbered<PermissionId>(1, 0), .resource_type = "*", .resource_path = "**", .actions = {"read"}};
    permission.effect = revision % 2 == 1 ? Effect::allow : Effect::deny;
    permission.conditions.set("level", json::Object{{"$lte", static_cast<double>(revision)}});
    if (permission.effect == Effect::allow) {
        permission.fields[0].emplace("name", revision % 4 == 1 ? field_read : field_write);
    }
    return permission;
}

Role role_at(std::uint64_t revision) {
    return {.id = numbered<RoleId>(2, 0),
            .name = "role-" + std::to_string(revision),
            .priority = static_cast<int>(revision % 100),
            .permissions = {numbered<PermissionId>(1, 0)}};
}

Resource resource_at(std::uint64_t revision) {
    return {.id = numbered<ResourceId>(3, 0),
            .type = "vessel",
            .code = "one",
            .attributes = {{"level", static_cast<double>(revision)}}};
}

Subject subject(std::size_t number) {
    return {.id = {"subject-" + std::to_string(number)}, .roles = {{.role = numbered<RoleId>(2, 0)}}};
}

/// Each publication brings these, so revisions step by three.
std::vector<Change> changes_to(std::uint64_t revision) {
    return {PutPermission{permission_at(revision)}, PutRole{role_at(revision)}, PutResource{resource_at(revision)}};
}

TenantPolicy policy_at(std::uint64_t revision) {
    TenantPolicy policy{.id = numbered<TenantId>(9, 0), .revision = revision};
    policy.permissions.push_back(permission_at(revision));
    policy.roles.push_back(role_at(revision));
    policy.resources.push_back(resource_at(revision));
    for (std::size_t number = 0; number < subject_count; ++number) { policy.subjects.push_back(subject(number)); }
    return policy;
}

std::string fault_of(const ExplainedAnswer& explained) {
    const auto& answer = explained.answer;
    const auto revision = answer.revision;
    if (answer.allowed != (revision % 2 == 1)) { return "allowed is another revision's"; }
    if (!answer.matched || answer.matched->role_name != "role-" + std::to_string(revision)) {
        return "the matched role is another revision's";
    }
    const auto* level = answer.matched_conditions.find("level");
    if (level == nullptr || *level != json::Value(static_cast<double>(revision))) {
        return "the attribute is another revision's";
    }
    const auto name = answer.fields[0].find("name");
    const auto rights = revision % 4 == 1 ? field_read : field_write;
    if (answer.allowed && (name == answer.fields[0].end() || name->second != rights)) {
        return "the field right is another revision's";
    }
    const auto& candidates = explained.explanation.candidates;
    if (candidates.size() != 1 || candidates[0].priority != static_cast<int>(revision % 100) ||
        candidates[0].leaves.size() != 1 || candidates[0].leaves[0].expected != json::Value(static_cast<double>(revision)) ||
        explained.explanation.effective_roles.at(0).name != "role-" + std::to_string(revision)) {
        return "the explanation is another revision's";
    }
    return {};
}

/// Where the writer leaves the newest snapshot. Snapshots are the engine's; how they travel is the embedder's.
class Newest {
public:
    explicit Newest(SnapshotPointer snapshot) : snapshot_(std::move(snapshot)) {}
    SnapshotPointer get() const {
        const std::scoped_lock lock(mutex_);
        return snapshot_;
    }
    void set(SnapshotPointer snapshot) {
        const std::scoped_lock lock(mutex_);
        snapshot_.swap(snapshot);
    }

private:
    mutable std::mutex mutex_;
    SnapshotPointer snapshot_;
};

struct Reader {
    std::uint64_t answers = 0;
    std::atomic<std::uint64_t> revisions_seen = 0;
    std::string fault;

    void run(const Newest& newest, const std::atomic<bool>& done) {
        Evaluator evaluator(newest.get());
        std::uint64_t last_revision = 0;
        std::size_t turn = 0;
        while (!done && fault.empty()) {
            evaluator.use(newest.get());
            for (int question = 0; question < 4; ++question, ++turn) { ask(evaluator, turn, last_revision); }
        }
    }

private:
    void ask(Evaluator& evaluator, std::size_t turn, std::uint64_t& last_revision) {
        const Question question{.subject = {"subject-" + std::to_string(turn % subject_count)},
                                .action = "read",
                                .resource = {.type = "vessel", .id = turn % 2 == 0 ? "one" : numbered<ResourceId>(3, 0).text()}};
        const auto explained = evaluator.explain(question, now);
        const auto checked = evaluator.check(question, now);
        ++answers;
        if (!explained || !checked) {
            fault = "no answer";
        } else if (*checked != explained->answer) {
            fault = "check and explain differ under one snapshot";
        } else if (explained->answer.revision < last_revision) {
            fault = "the revision went back";
        } else {
            fault = fault_of(*explained);
            revisions_seen += explained->answer.revision != last_revision ? 1 : 0;
            last_revision = explained->answer.revision;
        }
    }
};

TEST(EngineConcurrency, EveryAnswerIsThatOfTheRevisionItNames) {
    auto first = build(policy_at(1));
    ASSERT_TRUE(first) << first.error().front().message;
    Newest newest(*first);
    std::atomic<bool> done = false;
    std::vector<Reader> readers(std::max(2u, std::thread::hardware_concurrency()));
    std::vector<std::jthread> threads;
    for (auto& reader : readers) {
        threads.emplace_back([&] { reader.run(newest, done); });
    }
    const auto started = std::chrono::steady_clock::now();
    auto snapshot = *first;
    std::string refusal;
    // On a busy machine a reader may come late: publishing goes on until each has met enough, within reason.
    const auto deadline = started + std::chrono::seconds(60);
    const auto some_lag = [&] {
        return std::chrono::steady_clock::now() < deadline &&
               std::ranges::any_of(
                   readers, [](const Reader& reader) { return reader.revisions_seen <= revisions_each_must_see; });
    };
    for (std::uint64_t revision = 4; revision < 4 + 3 * publications || some_lag(); revision += 3) {
        auto next = engine::apply(snapshot, changes_to(revision));
        if (!next) {
            refusal = next.error().front().message;
            break;
        }
        snapshot = *std::move(next);
        newest.set(snapshot);
        // Readers share the cores with the writer; a publication every 100 us lets them meet most revisions.
        const auto due = started + std::chrono::microseconds(100 * (revision / 3));
        std::this_thread::sleep_until(due);
    }
    done = true;
    threads.clear();
    EXPECT_EQ(refusal, "");
    for (const auto& reader : readers) {
        EXPECT_EQ(reader.fault, "");
        EXPECT_GT(reader.answers, revisions_each_must_see);
        EXPECT_GT(reader.revisions_seen, revisions_each_must_see);
    }
}

TEST(EngineConcurrency, APatchedSnapshotLeavesTheOlderOneAsItWas) {
    auto first = build(policy_at(1));
    ASSERT_TRUE(first) << first.error().front().message;
    const auto kept = *first;
    const auto next = engine::apply(kept, changes_to(4));
    ASSERT_TRUE(next) << next.error().front().message;
    const Question question{.subject = {"subject-0"}, .action = "read", .resource = {.type = "vessel", .id = "one"}};
    Evaluator old_evaluator(kept);
    Evaluator new_evaluator(*next);
    const auto before = old_evaluator.explain(question, now);
    const auto after = new_evaluator.explain(question, now);
    ASSERT_TRUE(before && after);
    EXPECT_EQ(before->answer.revision, 1u);
    EXPECT_EQ(fault_of(*before), "");
    EXPECT_EQ(after->answer.revision, 4u);
    EXPECT_EQ(fault_of(*after), "");
}

TEST(EngineConcurrency, AMixtureOfTwoRevisionsWouldBeSeen) {
    auto snapshot = build(policy_at(5));
    ASSERT_TRUE(snapshot) << snapshot.error().front().message;
    Evaluator evaluator(*snapshot);
    const Question question{.subject = {"subject-0"}, .action = "read", .resource = {.type = "vessel", .id = "one"}};
    auto explained = evaluator.explain(question, now);
    ASSERT_TRUE(explained);
    EXPECT_EQ(fault_of(*explained), "");
    explained->answer.revision = 8;
    EXPECT_NE(fault_of(*explained), "");
    explained->answer.revision = 9;
    EXPECT_NE(fault_of(*explained), "");
}

}  // namespace
}  // namespace sentinel::engine
