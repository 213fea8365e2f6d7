#include "engine/answering.hpp"

#include <algorithm>
#include <utility>

namespace sentinel::engine {

namespace {

const std::map<std::string, FieldRights, std::less<>>& rights_of(const Candidate& candidate, Tier tier) {
    return candidate.entry->compiled().source.fields[static_cast<std::size_t>(tier)];
}

/// What one permission says of a field: by name, else by `*`. A name that comes here is defined in the tier or put under it by
/// some applicable permission, so `*` mentions it.
const FieldRights* mention(const Candidate& candidate, Tier tier, const std::string& name) {
    const auto& rights = rights_of(candidate, tier);
    if (const auto by_name = rights.find(name); by_name != rights.end()) return &by_name->second;
    const auto by_star = rights.find(wildcard);
    return by_star == rights.end() ? nullptr : &by_star->second;
}

FieldRights narrower(FieldRights left, FieldRights right) noexcept {
    if (left.hidden || right.hidden) return field_hidden;
    return {.read = left.read && right.read, .write = left.write && right.write};
}

/// The first mention in order, together with all of equal priority and specificity.
std::optional<FieldRights> mentioned_rights(const std::vector<Candidate>& applicable, Tier tier, const std::string& name) {
    std::optional<FieldRights> rights;
    const Candidate* first = nullptr;
    for (const Candidate& candidate : applicable) {
        if (first != nullptr && (candidate.priority != first->priority || candidate.specificity != first->specificity)) break;
        const FieldRights* said = mention(candidate, tier, name);
        if (said == nullptr) continue;
        if (first == nullptr) first = &candidate;
        rights = rights ? narrower(*rights, *said) : *said;
    }
    return rights;
}

std::int32_t whole_seconds_between(Instant now, Instant edge) noexcept {
    std::int64_t seconds = edge.seconds - now.seconds;
    if (edge.nanoseconds < now.nanoseconds) --seconds;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(seconds, 0, max_ttl_seconds));
}

/// Gathers the nearest edge; 0 once an edge cannot be computed.
class TimeToLive {
public:
    explicit TimeToLive(const Asked& asked) : now_(asked.now), seconds_(asked.time_overridden ? 0 : max_ttl_seconds) {}

    void edge(std::optional<Instant> edge) noexcept {
        if (edge) seconds_ = std::min(seconds_, whole_seconds_between(now_, *edge));
    }
    void validity(const Validity& validity) noexcept {
        if (!validity.active) return;
        for (const auto& edge_at : {validity.starts_at, validity.expires_at}) {
            if (edge_at && *edge_at > now_) edge(edge_at);
        }
    }
    void condition(const Condition& condition) {
        if (condition.is_always_true()) return;
        const TimeEdge next = condition.next_edge(now_);
        if (!next.computable) seconds_ = 0;
        edge(next.next);
    }
    std::int32_t seconds() const noexcept { return seconds_; }

private:
    Instant now_;
    std::int32_t seconds_;
};

void add_subject_edges(const Asked& asked, TimeToLive& ttl) {
    const Subjects& subjects = asked.snapshot->subjects;
    const Subjects::Record& record = *asked.record;
    ttl.edge(subjects.next_edge(record, asked.now));
    if (!asked.snapshot->has_grants()) return;
    const GrantsOfSubject* grants = asked.snapshot->grants_of(subjects.id_text(record));
    if (grants == nullptr) return;
    for (const auto& row : grants->grants) ttl.validity(row->grant.validity);
}

std::string carrier_of(const Candidate& candidate, const Asked& asked) {
    if (candidate.entry != nullptr) return asked.table->role(candidate.entry->role).held_as;
    return held_as(*candidate.grant);
}

CandidateTrace trace_of(const Candidate& candidate, Truth truth, bool applies, bool decides, Asked& asked) {
    CandidateTrace trace{
        .held_as = carrier_of(candidate, asked), .priority = candidate.priority, .applies = applies, .conditions = truth};
    if (candidate.entry != nullptr) {
        const CompiledPermission& permission = candidate.entry->compiled();
        const EffectiveRole& role = asked.table->role(candidate.entry->role);
        trace.permission = permission.id;
        trace.permission_key = permission.source.key;
        trace.role = role.id;
        trace.role_name = role.name;
        trace.effect = permission.source.effect;
        trace.enforced = permission.source.enforced;
        if (!permission.condition.is_always_true())
            permission.condition.trace(Evaluation::input_for(candidate, asked), trace.leaves);
    } else {
        trace.grant = candidate.grant->id;
    }
    if (decides) {
        trace.because = Because::decides;
    } else if (applies) {
        trace.because = Because::applies;
    } else if (!candidate.is_deny() && !asked.located.active) {
        trace.because = Because::resource_inactive;
    } else {
        trace.because = truth == Truth::no ? Because::conditions_false : Because::conditions_unknown;
    }
    return trace;
}

/// True when nothing after the decider can matter: no field to answer, no time leaf, no explanation.
bool first_is_enough(const Asked& asked, const TypeFields* defined, const Explanation* explanation) {
    return explanation == nullptr && defined == nullptr && !asked.actions->has_time_leaf && !asked.actions->names_fields;
}

void take_decider(const Candidate& candidate, Asked& asked, Answer& answer) {
    const Verdict verdict = Evaluation::verdict_of(candidate, asked);
    answer.allowed = verdict.allowed;
    answer.reason_code = verdict.reason_code;
    answer.matched = matched_of(verdict);
    if (candidate.entry == nullptr || candidate.entry->compiled().condition.is_always_true()) return;
    answer.matched_conditions = candidate.entry->compiled().condition.matched(Evaluation::input_for(candidate, asked));
}

}  // namespace

std::string held_as(const Grant& grant) { return "grant:" + (grant.request ? grant.request->text() : grant.id.text()); }

FieldAnswer field_rights(const TypeFields* defined, const std::vector<Candidate>& applicable, bool allowed) {
    FieldAnswer answer;
    for (const Tier tier : all_tiers) {
        auto& of_tier = answer[static_cast<std::size_t>(tier)];
        if (defined != nullptr) {
            for (const auto& [name, field] : defined->effective[static_cast<std::size_t>(tier)])
                of_tier.emplace(name, field.default_visibility);
        }
        for (const Candidate& candidate : applicable) {
            for (const auto& [name, rights] : rights_of(candidate, tier)) {
                if (name != wildcard) of_tier.try_emplace(name, field_hidden);
            }
        }
        for (auto& [name, rights] : of_tier) {
            if (!allowed) {
                rights = field_hidden;
            } else if (const auto mentioned = mentioned_rights(applicable, tier, name)) {
                rights = *mentioned;
            }
        }
    }
    return answer;
}

Answer answer(Evaluation& evaluation, Asked& asked, Explanation* explanation) {
    Answer answer{.revision = asked.snapshot->revision};
    const TypeFields* defined = asked.snapshot->fields.of_type(asked.located.type_text);
    TimeToLive ttl(asked);
    add_subject_edges(asked, ttl);
    const auto reason = Evaluation::inactive(asked);
    evaluation.take_subject(asked);
    ttl.edge(asked.table->next_edge());
    if (reason) {
        answer.reason_code = *reason;
        answer.fields = field_rights(defined, {}, false);
        answer.ttl = ttl.seconds();
        return answer;
    }

    bool decided = false;
    std::vector<Candidate> applicable_allows;
    const bool stop_at_decider = first_is_enough(asked, defined, explanation);
    evaluation.walk(asked, [&](const Candidate& candidate) {
        const Truth truth = Evaluation::truth(candidate, asked);
        const bool applies = Evaluation::applies(candidate, truth, asked);
        const bool decides = applies && !std::exchange(decided, decided || applies);
        if (decides) take_decider(candidate, asked, answer);
        if (candidate.entry != nullptr) ttl.condition(candidate.entry->compiled().condition);
        if (applies && candidate.entry != nullptr && !candidate.is_deny()) applicable_allows.push_back(candidate);
        if (explanation != nullptr) explanation->candidates.push_back(trace_of(candidate, truth, applies, decides, asked));
        return !(decides && stop_at_decider);
    });
    if (explanation != nullptr) explanation->effective_roles.assign(asked.table->roles().begin(), asked.table->roles().end());
    answer.fields = field_rights(defined, applicable_allows, answer.allowed);
    answer.ttl = ttl.seconds();
    return answer;
}

}  // namespace sentinel::engine
