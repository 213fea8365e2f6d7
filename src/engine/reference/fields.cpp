/// Section 6: fields, and the effective set of page 08 rule 2.

#include <algorithm>

#include "core/text.hpp"
#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

/// Lays one row under what nearer rows said: theirs is the visibility, the farther row's the tier, `authoritative` either's.
void lay_under(std::vector<EffectiveField>& fields, const FieldDefinition& row) {
    const auto nearer = std::ranges::find_if(
        fields, [&](const EffectiveField& field) { return core::equals_ignoring_ascii_case(field.name, row.name); });
    if (nearer == fields.end()) {
        fields.push_back({row.name, row.tier, row.default_visibility, row.authoritative});
        return;
    }
    nearer->tier = row.tier;
    nearer->authoritative = nearer->authoritative || row.authoritative;
}

/// `write` implies `read`; `hidden` stands alone.
FieldRights normal(FieldRights rights) {
    if (rights.hidden) return field_hidden;
    return {.read = rights.read || rights.write, .write = rights.write};
}

/// What a permission says of a field: by name or else by `*`.
const FieldRights* mention(const Candidate& candidate, std::size_t tier, const std::string& name) {
    if (candidate.permission == nullptr || candidate.effect != Effect::allow || !candidate.applies) return nullptr;
    const auto& entries = candidate.permission->fields[tier];
    auto entry = entries.find(name);
    if (entry == entries.end()) entry = entries.find("*");
    return entry == entries.end() ? nullptr : &entry->second;
}

/// The first applicable allow that mentions the field, with all others of equal priority and specificity that do:
/// hidden if one of them says so, else the rights that all of them give.
std::optional<FieldRights> given_rights(const std::vector<Candidate>& candidates, std::size_t tier, const std::string& name) {
    const Candidate* first = nullptr;
    FieldRights rights;
    for (const Candidate& candidate : candidates) {
        const FieldRights* said = mention(candidate, tier, name);
        if (said == nullptr) continue;
        const FieldRights mine = normal(*said);
        if (first == nullptr) {
            first = &candidate;
            rights = mine;
        } else if (candidate.priority == first->priority && candidate.specificity == first->specificity) {
            rights = {rights.read && mine.read, rights.write && mine.write, rights.hidden || mine.hidden};
        }
    }
    if (first == nullptr) return std::nullopt;
    return normal(rights);
}

}  // namespace

std::vector<EffectiveField> effective_fields(const TenantPolicy& policy, std::string_view entity_type) {
    const std::vector<Owner> owners = owners_of(policy);
    std::vector<EffectiveField> fields;
    for (std::size_t owner = 0; owner < owners.size(); ++owner) {
        for (const FieldDefinition& row : *owners[owner].fields) {
            if (!row.active || row.platform || row.entity_type != entity_type) continue;
            if (owner == 0 || row.tier == Tier::core) lay_under(fields, row);
        }
    }
    // Platform-wide rows reach everyone, whatever is inherited.
    const auto lay_platform_rows = [&](const std::vector<FieldDefinition>& rows) {
        for (const FieldDefinition& row : rows) {
            if (row.active && row.platform && row.entity_type == entity_type) lay_under(fields, row);
        }
    };
    lay_platform_rows(policy.fields);
    for (const AncestorTenant& ancestor : policy.ancestors) lay_platform_rows(ancestor.fields);
    return fields;
}

FieldAnswer field_rights(const std::vector<EffectiveField>& defined, const std::vector<Candidate>& candidates, bool allowed) {
    FieldAnswer answer;
    for (const EffectiveField& field : defined)
        answer[static_cast<std::size_t>(field.tier)][field.name] = normal(field.default_visibility);
    for (const Candidate& candidate : candidates) {
        if (!candidate.applies || candidate.effect != Effect::allow || candidate.permission == nullptr) continue;
        for (std::size_t tier = 0; tier < answer.size(); ++tier) {
            for (const auto& [name, rights] : candidate.permission->fields[tier]) {
                if (name != "*") answer[tier].try_emplace(name, field_hidden);
            }
        }
    }
    for (std::size_t tier = 0; tier < answer.size(); ++tier) {
        for (auto& [name, rights] : answer[tier]) {
            // Every answered field is defined in its tier or named under it by an applicable permission, so `*` mentions it.
            if (const auto given = given_rights(candidates, tier, name)) rights = *given;
            if (!allowed) rights = field_hidden;
        }
    }
    return answer;
}

}  // namespace sentinel::engine::reference
