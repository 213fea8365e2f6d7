#pragma once
/// The roles that every tenant is made with (spec 00 section 2), and the all-covering permission of its administrators.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sentinel::tenants {

struct SystemRole {
    std::string_view name;
    std::string_view display_name;
    int priority = 0;
    std::vector<std::string> scopes;
    bool is_platform_only = false;   ///< made in the platform tenant alone
    bool is_assignable = true;       ///< `everyone` is held by all and given to nobody
    bool covers_everything = false;  ///< carries the allow of type `*`, path `**`, action `*`, with all fields
};

/// In order of priority, highest first.
std::span<const SystemRole> system_roles();

}  // namespace sentinel::tenants
