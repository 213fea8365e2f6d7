/// Section 7: the answer, put together from the sections before it.

#include "engine/reference/reference.hpp"

#include <algorithm>

#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

using core::ErrorKind;

const Subject* find_subject(const TenantPolicy& policy, const SubjectId& id) {
    for (const Subject& subject : policy.subjects) {
        if (subject.id == id) return &subject;
    }
    return nullptr;
}

/// Section 1, attributes: a field marked authoritative cannot be overlaid where a value is stored.
std::optional<QuestionError> overlay_fault(const AskedResource& asked, const json::Object& overlay,
                                           const std::vector<EffectiveField>& defined) {
    if (asked.registered == nullptr) return std::nullopt;
    for (const auto& [name, value] : overlay) {
        for (const EffectiveField& field : defined) {
            if (!field.authoritative || field.name != name) continue;
            return QuestionError{ErrorKind::validation_failed,
                                 {core::pointer_to("/resource/attributes", name), "immutable", "The field is authoritative."}};
        }
    }
    return std::nullopt;
}

/// The stored path of ids (07 rule 1): root `/<id>/`, child = parent's path and `<id>/`.
std::string stored_path(const AskedResource& asked) {
    std::string path = "/";
    for (const Step& step : asked.chain) path += step.resource->id.text() + "/";
    return path;
}

json::Value name_list(std::vector<std::string> names) {
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    json::Array list;
    for (std::string& name : names) list.emplace_back(std::move(name));
    return list;
}

/// `user.roles`: every effective role's name but `everyone`; in an ancestor's permission that ancestor's only (2.4).
json::Value role_names(const Holdings& holdings, std::size_t owner) {
    std::vector<std::string> names;
    for (const HeldRole& held : holdings.roles) {
        if (!held.role->everyone && (owner == 0 || held.owner == owner)) names.push_back(held.role->name);
    }
    return name_list(std::move(names));
}

Facts facts_of(const Question& question, const AskedResource& asked, const Subject& subject, const Holdings& holdings,
               Instant now) {
    Facts facts;
    if (asked.registered != nullptr) {
        facts.attributes = asked.registered->attributes;
        facts.resource_id = asked.registered->id.text();
        facts.resource_path = stored_path(asked);
        facts.workflow_state = asked.registered->workflow_state;
    } else {
        facts.resource_id = asked.outside_id;
    }
    for (const auto& [name, value] : question.resource.attributes) facts.attributes.set(name, value);
    facts.resource_type = asked.type;
    facts.subject_attributes = subject.attributes;
    facts.subject_id = subject.id.text;
    facts.email_domain = subject.email_domain;
    std::vector<std::string> groups;
    for (const Group* group : holdings.groups) groups.push_back(group->name);
    facts.groups = name_list(std::move(groups));
    facts.is_service_account = subject.is_service_account;
    facts.context = question.context;
    facts.now = now;
    return facts;
}

/// Section 5: an allow applies only when its conditions are true; a deny when they are true or unknown.
/// Section 3: at an inactive resource, and everywhere below it, no allow applies.
void decide_applicability(Candidate& candidate, Facts& facts, const Holdings& holdings, bool inactive) {
    if (candidate.permission != nullptr) {
        facts.roles = role_names(holdings, candidate.role->owner);
        candidate.conditions = evaluate(read_conditions(candidate.permission->conditions), facts, candidate.leaves);
    }
    const bool allow = candidate.effect == Effect::allow;
    if (allow && inactive) {
        candidate.because = Because::resource_inactive;
    } else if (candidate.conditions == Truth::no) {
        candidate.because = Because::conditions_false;
    } else if (allow && candidate.conditions == Truth::unknown) {
        candidate.because = Because::conditions_unknown;
    } else {
        candidate.applies = true;
    }
}

bool at_inactive(const AskedResource& asked) {
    return std::ranges::any_of(asked.chain, [](const Step& step) { return step.resource != nullptr && !step.resource->active; });
}

std::string held_as(const Candidate& candidate) {
    if (candidate.grant == nullptr) return candidate.role->held_as;
    return "grant:" + (candidate.grant->request ? candidate.grant->request->text() : candidate.grant->id.text());
}

Matched matched_by(const Candidate& candidate) {
    Matched matched;
    if (candidate.permission != nullptr) {
        matched.permission = candidate.permission->id;
        matched.permission_key = candidate.permission->key;
        matched.role = candidate.role->role->id;
        matched.role_name = candidate.role->role->name;
    } else {
        matched.grant = candidate.grant->id;
    }
    matched.held_as = held_as(candidate);
    if (candidate.reached.node != nullptr) matched.resource = candidate.reached.node->id;
    return matched;
}

CandidateTrace trace_of(const Candidate& candidate) {
    CandidateTrace trace;
    if (candidate.permission != nullptr) {
        trace.permission = candidate.permission->id;
        trace.permission_key = candidate.permission->key;
        trace.role = candidate.role->role->id;
        trace.role_name = candidate.role->role->name;
    } else {
        trace.grant = candidate.grant->id;
    }
    trace.held_as = held_as(candidate);
    trace.priority = candidate.priority;
    trace.effect = candidate.effect;
    trace.enforced = candidate.enforced;
    trace.applies = candidate.applies;
    trace.because = candidate.because;
    trace.conditions = candidate.conditions;
    trace.leaves = candidate.leaves;
    return trace;
}

/// Section 4: the first that applies decides; none at all means deny.
void decide(Answer& answer, std::vector<Candidate>& candidates) {
    const auto first = std::ranges::find_if(candidates, &Candidate::applies);
    if (first == candidates.end()) {
        answer.reason_code = ReasonCode::no_matching_permission;
        return;
    }
    first->because = Because::decides;
    answer.allowed = first->effect == Effect::allow;
    if (answer.allowed) {
        answer.reason_code = ReasonCode::granted;
    } else {
        answer.reason_code = first->enforced ? ReasonCode::denied_by_guardrail : ReasonCode::denied_by_permission;
    }
    answer.matched = matched_by(*first);
    for (const LeafTrace& leaf : first->leaves) {
        if (leaf.actual) answer.matched_conditions.set(leaf.path, *leaf.actual);
    }
}

Explanation explanation_of(const Holdings& holdings, const std::vector<Candidate>& candidates) {
    Explanation explanation;
    for (const HeldRole& held : holdings.roles) {
        explanation.effective_roles.push_back(
            {held.role->id, holdings.owners[held.owner].tenant, held.role->name, held.role->priority, held.held_as});
    }
    for (const Candidate& candidate : candidates) explanation.candidates.push_back(trace_of(candidate));
    return explanation;
}

}  // namespace

std::expected<ExplainedAnswer, QuestionError> check(const TenantPolicy& policy, const Question& question, Instant now,
                                                    Options options) {
    if (auto fault = form_fault(question)) return std::unexpected(*fault);
    const json::Value* override_time = question.context.find("time");
    if (override_time != nullptr && !options.may_override_time) {
        return std::unexpected(
            QuestionError{ErrorKind::forbidden, {"/context/time", "forbidden", "The caller may not override the clock."}});
    }
    const Subject* subject = find_subject(policy, question.subject);
    if (subject == nullptr) {
        return std::unexpected(QuestionError{ErrorKind::not_found, {"/user_id", "reference", "The tenant has no such subject."}});
    }
    const auto asked = resolve_resource(policy, question.resource);
    if (!asked) return std::unexpected(asked.error());
    const auto defined = effective_fields(policy, asked->type);
    if (auto fault = overlay_fault(*asked, question.resource.attributes, defined)) return std::unexpected(*fault);

    const Instant time = override_time != nullptr ? *Instant::parse(*override_time->text()) : now;
    const Holdings holdings = holdings_of(policy, *subject, time);
    ExplainedAnswer result;
    Answer& answer = result.answer;
    std::vector<Candidate> candidates;
    if (!policy.active) {
        answer.reason_code = ReasonCode::tenant_inactive;
    } else if (!subject->active) {
        answer.reason_code = ReasonCode::subject_inactive;
    } else {
        candidates = candidates_of(policy, holdings, *subject, question.action, *asked, time);
        Facts facts = facts_of(question, *asked, *subject, holdings, time);
        for (Candidate& candidate : candidates) decide_applicability(candidate, facts, holdings, at_inactive(*asked));
        decide(answer, candidates);
    }
    answer.fields = field_rights(defined, candidates, answer.allowed);
    answer.revision = policy.revision;
    answer.ttl = override_time != nullptr ? 0 : seconds_to_live(policy, *subject, holdings, candidates, time);
    if (policy.active && subject->active) result.explanation = explanation_of(holdings, candidates);
    return result;
}

Truth evaluate_conditions(const json::Object& conditions, const json::Object& resource_attributes,
                          const json::Object& subject_attributes, const json::Object& context, Instant now) {
    Facts facts;
    facts.attributes = resource_attributes;
    facts.subject_attributes = subject_attributes;
    facts.context = context;
    facts.now = now;
    std::vector<LeafTrace> leaves;
    return evaluate(read_conditions(conditions), facts, leaves);
}

}  // namespace sentinel::engine::reference
