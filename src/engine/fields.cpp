#include "engine/fields.hpp"

#include <algorithm>
#include <ranges>

#include "core/text.hpp"

namespace sentinel::engine {

namespace {

constexpr std::size_t bytes_per_row = sizeof(FieldRow) + sizeof(EffectiveField) + 160;

std::string folded(std::string_view name) {
    std::string result(name);
    std::ranges::transform(result, result.begin(), core::to_lower_ascii);
    return result;
}

/// The nearest active row wins; tier stays with the farthest, authority with any (08 rules 2 and 3).
void add_effective(TypeFields& fields, const std::vector<const FieldRow*>& same_name) {
    const FieldDefinition& nearest = same_name.front()->definition;
    const Tier tier = same_name.back()->definition.tier;
    const bool authoritative = std::ranges::any_of(same_name, [](const FieldRow* row) { return row->definition.authoritative; });
    fields.effective[static_cast<std::size_t>(tier)][nearest.name] = {nearest.default_visibility, authoritative};
}

void compute_effective(TypeFields& fields) {
    std::map<std::string, std::vector<const FieldRow*>> by_name;
    for (const auto& row : fields.rows) {
        if (row->definition.active) by_name[folded(row->definition.name)].push_back(row.get());
    }
    for (auto& same_name : by_name | std::views::values) {
        std::ranges::sort(same_name, {}, [](const FieldRow* row) { return std::pair(row->layer, row->id); });
        add_effective(fields, same_name);
    }
}

}  // namespace

const EffectiveField* TypeFields::find(Tier tier, std::string_view name) const noexcept {
    const auto& of_tier = effective[static_cast<std::size_t>(tier)];
    const auto found = of_tier.find(name);
    return found == of_tier.end() ? nullptr : &found->second;
}

bool TypeFields::is_authoritative(std::string_view name) const noexcept {
    return std::ranges::any_of(all_tiers, [&](Tier tier) {
        const EffectiveField* field = find(tier, name);
        return field != nullptr && field->authoritative;
    });
}

const TypeFields* FieldCatalog::of_type(std::string_view type) const noexcept {
    const Pointer* found = types_.find(hash_bytes(type), [&](const Pointer& other) { return other->type == type; });
    return found == nullptr ? nullptr : found->get();
}

void FieldCatalog::put(FieldRow row) {
    remove(row.id);
    auto shared = std::make_shared<const FieldRow>(std::move(row));
    rows_.put(shared, false);
    replace_type(shared->definition.entity_type, shared->id, shared);
    bytes_ += bytes_per_row;
}

void FieldCatalog::remove(const FieldId& id) {
    const auto* found = rows_.find(id);
    if (found == nullptr) return;
    const std::string type = (*found)->definition.entity_type;
    rows_.erase(id);
    replace_type(type, id, nullptr);
    bytes_ -= bytes_per_row;
}

void FieldCatalog::replace_type(const std::string& type, const FieldId& id, std::shared_ptr<const FieldRow> row) {
    auto fields = std::make_shared<TypeFields>();
    fields->type = type;
    if (const TypeFields* before = of_type(type)) fields->rows = before->rows;
    std::erase_if(fields->rows, [&](const auto& other) { return other->id == id; });
    if (row) fields->rows.push_back(std::move(row));
    compute_effective(*fields);
    const auto match = [&](const Pointer& other) { return other->type == type; };
    if (fields->rows.empty()) {
        types_.erase(hash_bytes(type), match);
    } else {
        types_.insert(std::move(fields), hash_bytes(type), match, [](const Pointer& other) { return hash_bytes(other->type); });
    }
}

}  // namespace sentinel::engine
