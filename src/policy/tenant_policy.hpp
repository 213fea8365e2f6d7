#pragma once
/// From a document to what the engine reads, and back from the engine's ids to the document's keys.

#include <map>
#include <string>
#include <string_view>

#include "engine/model.hpp"
#include "policy/document.hpp"

namespace sentinel::policy {

/// What stands for the permission that `tenant_admin` has without its being written, in Names and in tests; no document can
/// have this key.
inline constexpr std::string_view tenant_admin_permission_key = "$tenant_admin";

/// Keys and names of the rows of a tenant and its ancestors by id.
struct Names {
    engine::TenantId tenant;
    std::map<engine::PermissionId, std::string> permissions;  ///< key
    std::map<engine::RoleId, std::string> roles;              ///< name
    std::map<engine::ResourceId, std::string> resources;      ///< type/code
    std::map<engine::GrantId, std::string> grants;            ///< key
};

struct NamedPolicy {
    engine::TenantPolicy policy;
    Names names;
};

/// The tenant's policy with the built-in roles. Every id is the UUIDv5 of (tenant, kind, key): the same for the same
/// document, whatever else is in it. REQUIRES: a document that read() or load_scenario gave, so that references resolve.
NamedPolicy to_tenant_policy(const Document& document);

/// The subject of a test with `as`, under an id that no user of the document has.
engine::Subject imagined_subject(const Document& document, const ImaginedSubject& imagined);

}  // namespace sentinel::policy
