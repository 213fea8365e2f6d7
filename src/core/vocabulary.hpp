#pragma once
/// Strong ids that several parts speak of.

#include "core/ids.hpp"

namespace sentinel::core {

using TenantId = Id<struct TenantTag>;
using UserId = Id<struct UserTag>;
using SessionId = Id<struct SessionTag>;
using RoleId = Id<struct RoleTag>;
using GroupId = Id<struct GroupTag>;
using PermissionId = Id<struct PermissionTag>;
using ResourceId = Id<struct ResourceTag>;
using TokenId = Id<struct TokenTag>;

/// 00000000-0000-0000-0000-000000000000: owns what is platform-wide.
inline constexpr TenantId platform_tenant{};

}  // namespace sentinel::core
