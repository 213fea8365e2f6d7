#pragma once
/// Between what documents say and the engine's rows and answers; private to this folder.

#include <optional>
#include <string>
#include <string_view>

#include "engine/model.hpp"
#include "policy/document.hpp"

namespace sentinel::policy {

/// Makes the ids of one tenant: UUIDv5 of (tenant, kind, key).
class IdMaker {
public:
    explicit IdMaker(std::string_view tenant);
    engine::TenantId tenant() const noexcept { return {tenant_}; }
    template <class Id>
    Id make(std::string_view kind, std::string_view key) const {
        return Id{name_based(kind, key)};
    }

private:
    core::Uuid name_based(std::string_view kind, std::string_view key) const;
    core::Uuid tenant_;
};

/// The permission without id and key; a registered resource has the id given, or any id when none is.
engine::Permission engine_permission(const PermissionRow& row, std::optional<engine::ResourceId> resource = std::nullopt);
/// The document's pointer for a pointer of the engine relative to a permission.
std::string document_pointer(std::string_view engine_pointer);

/// What stands before a grant's key where documents name a candidate or how a role is held.
inline constexpr std::string_view grant_prefix = "grant:";
/// A field's rights as scenarios write them: a list of `hidden`, `read` and `write`.
core::json::Value rights_value(const engine::FieldRights& rights);

}  // namespace sentinel::policy
