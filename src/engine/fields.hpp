#pragma once
/// The effective field definitions of a tenant (08 rule 2): own rows, ancestors' core rows, platform-wide rows.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model.hpp"
#include "engine/persistent.hpp"

namespace sentinel::engine {

/// One row with its distance: 0 own, 1… ancestors nearest first, platform_layer last.
struct FieldRow {
    FieldId id;
    FieldDefinition definition;
    std::uint32_t layer = 0;
    bool foreign = false;  ///< lent by an ancestor
};
inline constexpr std::uint32_t platform_layer = ~std::uint32_t{0};

struct EffectiveField {
    FieldRights default_visibility;
    bool authoritative = false;
};

/// All active effective fields of one entity type, per tier by name.
struct TypeFields {
    std::string type;
    std::vector<std::shared_ptr<const FieldRow>> rows;
    std::array<std::map<std::string, EffectiveField, std::less<>>, 3> effective;
    const EffectiveField* find(Tier tier, std::string_view name) const noexcept;
    /// Whether a question may not overlay the stored attribute of that name.
    bool is_authoritative(std::string_view name) const noexcept;
};

class FieldCatalog {
public:
    /// Null pointer when the type has no field.
    const TypeFields* of_type(std::string_view type) const noexcept;
    /// Null pointer when there is none.
    const FieldRow* row(const FieldId& id) const noexcept { return rows_.get(id); }
    void put(FieldRow row);
    void remove(const FieldId& id);
    std::size_t bytes() const noexcept { return bytes_; }

private:
    using Pointer = std::shared_ptr<const TypeFields>;
    void replace_type(const std::string& type, const FieldId& id, std::shared_ptr<const FieldRow> row);

    RowTable<FieldRow> rows_;
    HashTrie<Pointer> types_;
    std::size_t bytes_ = 0;
};

}  // namespace sentinel::engine
