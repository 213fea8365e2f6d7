#include "engine/evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sentinel::engine {

// ---- merged tables -----------------------------------------------------------------------------------------------

MergedTable& TableCache::table(const Snapshot& snapshot, RoleSetNumber set, Instant now) {
    if (generation_ != snapshot.merge_generation) {
        tables_.clear();
        generation_ = snapshot.merge_generation;
    }
    if (set >= tables_.size()) tables_.resize(set + 1);
    const std::shared_ptr<const RoleSet>& meant = snapshot.subjects.role_set(set);
    Cached& cached = tables_[set];
    cached.used = ++tick_;
    if (cached.set == meant && cached.table->holds_at(now)) return *cached.table;
    cached.table = std::make_unique<MergedTable>(snapshot, *meant, now);
    cached.set = meant;
    if (++inserted_ % 64 == 0) make_room(set);
    return *cached.table;
}

std::size_t TableCache::bytes_of(const Cached& cached) noexcept {
    return sizeof cached + (cached.table ? cached.table->bytes() : 0);
}

std::size_t TableCache::bytes() const noexcept {
    std::size_t total = 0;
    for (const Cached& cached : tables_) total += bytes_of(cached);
    return total;
}

/// Drops the least recently used until three quarters of the limit hold. Looked at every 64 new tables, since tables also grow by
/// the actions asked.
void TableCache::make_room(RoleSetNumber keep) {
    std::size_t total = bytes();
    if (total <= limit_bytes_) return;
    std::vector<std::pair<std::uint64_t, RoleSetNumber>> by_use;
    for (RoleSetNumber set = 0; set < tables_.size(); ++set) {
        if (tables_[set].table && set != keep) by_use.emplace_back(tables_[set].used, set);
    }
    std::ranges::sort(by_use);
    for (const auto& [used, set] : by_use) {
        if (total <= limit_bytes_ / 4 * 3) return;
        total -= tables_[set].table->bytes();
        tables_[set] = {};
    }
}

// ---- looking up ---------------------------------------------------------------------------------------------------

std::optional<QuestionError> Evaluation::look_up(const Question& question, const Snapshot& snapshot, Asked& asked) {
    const SubjectNumber subject = snapshot.subjects.find(question.subject.text);
    if (subject == Subjects::none) {
        return QuestionError{core::ErrorKind::not_found,
                             {"/user_id", "reference", fmt::format("The subject `{}` is not known.", question.subject.text)}};
    }
    asked.record = &snapshot.subjects.record(subject);
    return look_up_resource(question, snapshot, asked);
}

std::optional<QuestionError> Evaluation::look_up_resource(const Question& question, const Snapshot& snapshot, Asked& asked) {
    asked.snapshot = &snapshot;
    asked.overlay = &question.resource.attributes;
    asked.context = &question.context;
    asked.action_text = question.action;
    asked.action = snapshot.name(question.action);
    if (auto error = locate(question.resource, snapshot, asked.located)) return error;
    if (asked.located.node == no_node || question.resource.attributes.empty()) return std::nullopt;
    const TypeFields* fields = snapshot.fields.of_type(question.resource.type);
    if (fields == nullptr) return std::nullopt;
    for (const auto& member : question.resource.attributes) {
        if (!fields->is_authoritative(member.name)) continue;
        return QuestionError{core::ErrorKind::validation_failed,
                             {core::pointer_to("/resource/attributes", member.name), "immutable",
                              fmt::format("The field `{}` is authoritative: its stored value cannot be overlaid.", member.name)}};
    }
    return std::nullopt;
}

std::optional<ReasonCode> Evaluation::inactive(const Asked& asked) noexcept {
    if (!asked.snapshot->tenant_active) return ReasonCode::tenant_inactive;
    if (!asked.record->active) return ReasonCode::subject_inactive;
    return std::nullopt;
}

void Evaluation::take_subject(Asked& asked) {
    const Snapshot& snapshot = *asked.snapshot;
    const Subjects::Record& record = *asked.record;
    asked.subject_id.clear();
    const RoleSetNumber set = snapshot.subjects.set_at(record, asked.now);
    asked.table = &cache_.table(snapshot, set, asked.now);
    asked.actions = &asked.table->action(asked.action, snapshot);
    asked.grants = snapshot.has_grants() ? snapshot.grants_of(snapshot.subjects.id_text(record)) : nullptr;
}

// ---- the walk -------------------------------------------------------------------------------------------------------

void Evaluation::open_cursors(const Asked& asked) {
    cursors_.clear();
    const auto open = [&](std::span<const Reach> list) {
        if (!list.empty()) cursors_.push_back({list.data(), list.data() + list.size()});
    };
    const ActionTable& actions = *asked.actions;
    const LocatedResource& located = asked.located;
    open(actions.of_type(located.type));
    if (located.outside_id) open(actions.of_instance(located.type_text, *located.outside_id));
    if (located.chain.empty() || actions.by_base.bytes() == 0) return;
    open(actions.of_base(no_node));
    for (const ChainStep& step : located.chain) {
        if (step.kind != ChainStep::Kind::registered) break;
        open(actions.of_base(step.node));
    }
}

/// Takes the earliest of the cursors' heads.
const Reach* Evaluation::next_reach() noexcept {
    Cursor* first = nullptr;
    for (Cursor& cursor : cursors_) {
        if (cursor.at != cursor.end && (first == nullptr || cursor.at->position < first->at->position)) first = &cursor;
    }
    return first == nullptr ? nullptr : first->at++;
}

Reached Evaluation::reach_of(const Reach& reach, const Entry& entry, const Asked& asked) noexcept {
    const LocatedResource& located = asked.located;
    if (reach.kind == Reach::Kind::form) return {true, static_cast<int>(located.chain.size()) - 1};
    const ResolvedSelector& selector = entry.permission->selector;
    if (reach.kind == Reach::Kind::instance) {
        // Lists of instances are found by hash alone.
        const bool same = selector.instance == *located.outside_id && selector.type == located.type_text;
        return {same, static_cast<int>(located.chain.size()) - 1};
    }
    const int step = match_target(selector, *reach.target, located, *asked.snapshot);
    return {step != not_reached, step};
}

void Evaluation::collect_grants(const Asked& asked) {
    grants_.clear();
    if (asked.grants == nullptr) return;
    for (const auto& row : asked.grants->grants) {
        const Grant& grant = row->grant;
        const auto lists = [&](std::string_view action) {
            return std::ranges::find(grant.actions, action) != grant.actions.end();
        };
        if (!grant.validity.holds_at(asked.now) || !(lists(asked.action_text) || lists(wildcard))) continue;
        const ResolvedSelector selector =
            resolve(row->selector, grant.applies_to_descendants, false, asked.snapshot->tree, asked.snapshot->names);
        const Reached reached = reaches(selector, asked.located, *asked.snapshot);
        if (reached.reached) grants_.push_back({nullptr, &grant, grant_priority, selector.specificity, reached.step});
    }
    std::ranges::sort(grants_, {},
                      [](const Candidate& candidate) { return std::pair(~candidate.specificity, candidate.grant->id); });
}

// ---- does it apply? ---------------------------------------------------------------------------------------------------

const ConditionInput& Evaluation::input_for(const Candidate& candidate, Asked& asked) noexcept {
    ConditionInput& input = asked.input;
    if (asked.subject_id.empty()) {
        const Snapshot& snapshot = *asked.snapshot;
        asked.subject_id = snapshot.subjects.id_text(*asked.record);
        input = {};
        input.overlay_attributes = asked.overlay;
        input.resource_type = asked.located.type_text;
        input.resource_id = asked.located.outside_id;
        if (asked.located.node != no_node) {
            const Node& node = snapshot.tree.node(asked.located.node);
            input.stored_attributes = &node.resource.attributes;
            input.resource_id = node.id_text();
            input.resource_path = node.path;
            if (node.resource.workflow_state) input.workflow_state = *node.resource.workflow_state;
        }
        input.subject_attributes = &snapshot.subjects.attributes(*asked.record);
        input.subject_id = asked.subject_id;
        input.email_domain = snapshot.subjects.email_domain(*asked.record);
        input.group_names = &asked.table->group_names();
        input.is_service_account = asked.record->is_service_account;
        input.context = asked.context;
        input.now = asked.now;
    }
    input.role_names = &asked.table->role_names(asked.table->owner_of(*candidate.entry));
    return input;
}

Truth Evaluation::truth(const Candidate& candidate, Asked& asked) noexcept {
    if (candidate.grant != nullptr || candidate.entry->unconditional) return Truth::yes;
    return candidate.entry->compiled().condition.evaluate(input_for(candidate, asked));
}

/// An allow needs true and an active place; a deny applies on unknown too, and everywhere.
bool Evaluation::applies(const Candidate& candidate, Truth truth, const Asked& asked) noexcept {
    return candidate.is_deny() ? truth != Truth::no : truth == Truth::yes && asked.located.active;
}

ReasonCode Evaluation::reason_of(const Candidate& decider) noexcept {
    if (!decider.is_deny()) return ReasonCode::granted;
    return decider.entry->is_guardrail ? ReasonCode::denied_by_guardrail : ReasonCode::denied_by_permission;
}

Verdict Evaluation::verdict_of(const Candidate& decider, const Asked& asked) noexcept {
    Verdict verdict{.allowed = !decider.is_deny(), .reason_code = reason_of(decider), .grant = decider.grant};
    if (decider.entry != nullptr) {
        verdict.permission = &decider.entry->compiled().source;
        verdict.role = &asked.table->role(decider.entry->role);
    }
    if (decider.step < 0) return verdict;
    const ChainStep& step = asked.located.chain[static_cast<std::size_t>(decider.step)];
    if (step.kind == ChainStep::Kind::registered) verdict.resource = asked.snapshot->tree.node(step.node).resource.id;
    return verdict;
}

Verdict Evaluation::decide(Asked& asked) {
    if (const auto reason = inactive(asked)) return {.allowed = false, .reason_code = *reason};
    take_subject(asked);
    Verdict verdict;
    walk(asked, [&](const Candidate& candidate) {
        if (!applies(candidate, truth(candidate, asked), asked)) return true;
        verdict = verdict_of(candidate, asked);
        return false;
    });
    return verdict;
}

}  // namespace sentinel::engine
