#pragma once
/// Sentinel's decision engine: the public face for those who embed it (CMake target sentinel::engine).
///
///     auto snapshot = Snapshot::build(policy);            // compile once, share freely
///     Evaluator evaluator(*snapshot);                     // one for each thread
///     auto answer = evaluator.check(question, clock.now());
///
/// A Snapshot is immutable: any number of threads may read it without locks. An Evaluator belongs to one thread; it holds the
/// merged tables of the role sets that this thread has met, bounded by bytes. To publish a change, build the next
/// snapshot with Snapshot::apply and hand it to every Evaluator with use(); no answer ever mixes two revisions.
/// Nothing here throws on the decision path, does I/O, or keeps global state (zone data aside, see core/time.hpp).

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "engine/answer.hpp"
#include "engine/model.hpp"
#include "engine/question.hpp"

namespace sentinel::engine {

class Snapshot;
using SnapshotPointer = std::shared_ptr<const Snapshot>;

/// Faults of a permission as written; the same promise as reference::validate.
core::Faults validate(const Permission& permission);
/// Faults of a conditions object alone; pointers relative to it.
core::Faults validate_conditions(const json::Object& conditions);

/// Compiles a tenant's policy. Faults name the offending row (`/permissions/3/conditions/…`). O(size of the policy).
std::expected<SnapshotPointer, core::Faults> build(const TenantPolicy& policy);
/// The snapshot after the changes, in order, each raising the revision by one; shares what did not change.
std::expected<SnapshotPointer, core::Faults> apply(const SnapshotPointer& snapshot, std::span<const Change> changes);

/// The policy revision that the snapshot was compiled at.
std::uint64_t revision_of(const Snapshot& snapshot) noexcept;
/// Its memory in bytes, counting what it shares with other revisions too.
std::size_t bytes_of(const Snapshot& snapshot) noexcept;
/// How many different sets of roles and groups its subjects hold.
std::size_t role_sets_of(const Snapshot& snapshot) noexcept;

struct AskOptions {
    /// Whether the caller may override the clock by `context.time`; else that is `forbidden`.
    bool may_override_time = true;
};

struct ActionAnswer {
    std::string action;
    bool allowed = false;
    ReasonCode reason_code = ReasonCode::no_matching_permission;
    friend bool operator==(const ActionAnswer&, const ActionAnswer&) = default;
};

/// The decision alone, by reference: nothing is copied. Pointers hold until the evaluator's next call.
struct Verdict {
    bool allowed = false;
    ReasonCode reason_code = ReasonCode::no_matching_permission;
    const Permission* permission = nullptr;  ///< null for a grant, or when nothing decided
    const EffectiveRole* role = nullptr;
    const Grant* grant = nullptr;
    std::optional<ResourceId> resource;  ///< as Matched::resource
};
/// The `matched` of a verdict as check gives it, copied.
std::optional<Matched> matched_of(const Verdict& verdict);

/// A question with its names looked up in one snapshot, to be asked again and again. REQUIRES: the question outlives it.
class InternedQuestion {
public:
    ~InternedQuestion();
    InternedQuestion(InternedQuestion&&) noexcept;
    InternedQuestion& operator=(InternedQuestion&&) noexcept;

private:
    friend class Evaluator;
    struct Parts;
    explicit InternedQuestion(std::unique_ptr<Parts> parts) noexcept;
    std::unique_ptr<Parts> parts_;
};

/// Asks questions of one snapshot after another. REQUIRES: used by one thread at a time.
class Evaluator {
public:
    explicit Evaluator(SnapshotPointer snapshot, std::size_t cache_bytes = 64u << 20);
    ~Evaluator();
    Evaluator(Evaluator&&) noexcept;
    Evaluator& operator=(Evaluator&&) noexcept;

    /// Goes over to another snapshot of the same tenant.
    void use(SnapshotPointer snapshot);
    const Snapshot& snapshot() const noexcept;

    std::expected<Answer, QuestionError> check(const Question& question, Instant now, AskOptions options = {});
    /// The decision alone: what check says of `allowed`, `reason_code` and `matched`, without fields and ttl.
    std::expected<Verdict, QuestionError> decide(const Question& question, Instant now, AskOptions options = {});
    /// Looks up what decide looks up. REQUIRES of decide: the same snapshot, and a question without `context.time`.
    std::expected<InternedQuestion, QuestionError> intern(const Question& question);
    Verdict decide(const InternedQuestion& question, Instant now);

    std::expected<ExplainedAnswer, QuestionError> explain(const Question& question, Instant now, AskOptions options = {});
    /// Each item on its own, in order, duplicates included; all at one revision and one clock reading.
    std::vector<std::expected<Answer, QuestionError>> check_batch(std::span<const Question> questions, Instant now,
                                                                  AskOptions options = {});

    /// Exactly the subjects for whom check allows, sorted by id. `question.subject` is ignored.
    std::expected<std::vector<SubjectId>, QuestionError> who_can(const Question& question, Instant now, AskOptions options = {});
    /// Exactly the registered resources of `question.resource.type` that check allows, sorted by id. The reference's id, path and
    /// parent are ignored; its attributes overlay each.
    std::expected<std::vector<ResourceId>, QuestionError> resources(const Question& question, Instant now,
                                                                    AskOptions options = {});
    /// Every action that a permission or grant names (the tenant's own, and those of ancestors that lend their roles), sorted, each as
    /// check answers it. `question.action` is ignored.
    std::expected<std::vector<ActionAnswer>, QuestionError> actions(const Question& question, Instant now,
                                                                    AskOptions options = {});

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace sentinel::engine
