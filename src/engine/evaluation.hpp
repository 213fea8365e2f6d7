#pragma once
/// One question being answered: the subject's merged table, the located resource, and the candidates in deciding order.
/// check, explain and the reverse questions are all written on top of this walk, so they cannot disagree.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/engine.hpp"
#include "engine/located.hpp"
#include "engine/merged_table.hpp"

namespace sentinel::engine {

/// The priority at which a grant stands in the order (semantics 4).
inline constexpr int grant_priority = 10'000;

/// What may apply: an entry of the merged table, or a grant.
struct Candidate {
    const Entry* entry = nullptr;
    const Grant* grant = nullptr;
    int priority = 0;
    Specificity specificity = 0;
    int step = not_reached;  ///< of the chain, at which the selector itself matches

    bool is_deny() const noexcept { return entry != nullptr && entry->is_deny; }
};

/// Merged tables of the role sets met so far, least recently used out first. One thread's own.
class TableCache {
public:
    explicit TableCache(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}
    /// The table of the set at `now`; stays valid until the next call.
    MergedTable& table(const Snapshot& snapshot, RoleSetNumber set, Instant now);
    std::size_t bytes() const noexcept;

private:
    struct Cached {
        std::shared_ptr<const RoleSet> set;  ///< what the number meant; kept, so that its address is not used again
        std::unique_ptr<MergedTable> table;
        std::uint64_t used = 0;
    };
    void make_room(RoleSetNumber keep);
    static std::size_t bytes_of(const Cached& cached) noexcept;

    std::size_t limit_bytes_;
    std::shared_ptr<const char> generation_;
    std::vector<Cached> tables_;  ///< by RoleSetNumber
    std::uint64_t tick_ = 0;
    std::uint64_t inserted_ = 0;
};

/// Everything that one question needs, looked up.
struct Asked {
    const Snapshot* snapshot = nullptr;
    const json::Object* overlay = nullptr;
    const json::Object* context = nullptr;
    std::string_view action_text;
    NameId action = no_name;
    const Subjects::Record* record = nullptr;  ///< of the subject
    LocatedResource located;
    Instant now;
    bool time_overridden = false;

    // what the subject holds; see Evaluation::take_subject
    MergedTable* table = nullptr;
    const ActionTable* actions = nullptr;
    const GrantsOfSubject* grants = nullptr;
    std::string subject_id;
    ConditionInput input;
};

/// Answers for one Asked at a time; keeps its scratch memory between questions.
class Evaluation {
public:
    explicit Evaluation(std::size_t cache_bytes) : cache_(cache_bytes) {}

    /// Looks up action, subject and resource of a well-formed question.
    static std::optional<QuestionError> look_up(const Question& question, const Snapshot& snapshot, Asked& asked);
    /// The same without a subject.
    static std::optional<QuestionError> look_up_resource(const Question& question, const Snapshot& snapshot, Asked& asked);
    /// Points the question at its subject's table.
    void take_subject(Asked& asked);

    /// The first that holds of tenant_inactive and subject_inactive.
    static std::optional<ReasonCode> inactive(const Asked& asked) noexcept;

    /// Calls `visit(const Candidate&)` for each candidate in deciding order until it returns false.
    template <class Visit>
    void walk(const Asked& asked, const Visit& visit);

    static Truth truth(const Candidate& candidate, Asked& asked) noexcept;
    static bool applies(const Candidate& candidate, Truth truth, const Asked& asked) noexcept;
    static ReasonCode reason_of(const Candidate& decider) noexcept;
    static Verdict verdict_of(const Candidate& decider, const Asked& asked) noexcept;
    static const ConditionInput& input_for(const Candidate& candidate, Asked& asked) noexcept;

    Verdict decide(Asked& asked);

private:
    struct Cursor {
        const Reach* at;
        const Reach* end;
    };
    void open_cursors(const Asked& asked);
    void collect_grants(const Asked& asked);
    const Reach* next_reach() noexcept;
    static Reached reach_of(const Reach& reach, const Entry& entry, const Asked& asked) noexcept;

    TableCache cache_;
    std::vector<Cursor> cursors_;
    std::vector<Candidate> grants_;
};

template <class Visit>
void Evaluation::walk(const Asked& asked, const Visit& visit) {
    open_cursors(asked);
    collect_grants(asked);
    const auto visit_grants = [&] {
        for (const Candidate& grant : grants_) {
            if (!visit(grant)) return false;
        }
        grants_.clear();
        return true;
    };
    const std::span<const Entry> entries = asked.table->entries();
    while (const Reach* reach = next_reach()) {
        if (reach->position >= asked.table->guardrails() && !grants_.empty() && !visit_grants()) return;
        const Entry& entry = entries[reach->position];
        const Reached reached = reach_of(*reach, entry, asked);
        if (!reached.reached) continue;
        if (!visit(Candidate{&entry, nullptr, entry.priority, entry.specificity, reached.step})) return;
    }
    visit_grants();
}

}  // namespace sentinel::engine
