#include "modules/tenants/system_roles.hpp"

#include <algorithm>

#include "platform/service/scope.hpp"

namespace sentinel::tenants {

namespace {

using platform::Scope;

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// A family's scopes end at the level; permission:check and :simulate are no levels.
std::vector<std::string> every_family_at(std::string_view level, bool with_platform_scopes) {
    std::vector<std::string> scopes;
    for (std::size_t index = 0; index < platform::scope_count; ++index) {
        const auto scope = static_cast<Scope>(index);
        const std::string_view text = text_of(scope);
        if (!text.ends_with(level) || text[text.size() - level.size() - 1] != ':') continue;
        if (is_platform_only(scope) && !with_platform_scopes) continue;
        scopes.emplace_back(text);
    }
    return scopes;
}

std::vector<std::string> auditor_scopes() {
    std::vector<std::string> scopes = every_family_at("read", false);
    scopes.emplace_back("audit:write");
    return scopes;
}

std::vector<SystemRole> make_system_roles() {
    return {
        {.name = "super_admin",
         .display_name = "Super Administrator",
         .priority = 1000,
         .scopes = every_family_at("admin", true),
         .is_platform_only = true,
         .covers_everything = true},
        {.name = "security_admin",
         .display_name = "Security Administrator",
         .priority = 950,
         .scopes = words_of("tenant:read user:admin service_account:admin role:read group:read permission:write resource:read "
                            "field_definition:read navigation:read approval:read cache:write audit:admin webhook:admin ai:admin "
                            "biometrics:admin")},
        {.name = "tenant_admin",
         .display_name = "Tenant Administrator",
         .priority = 900,
         .scopes = every_family_at("admin", false),
         .covers_everything = true},
        {.name = "application_manager",
         .display_name = "Application Manager",
         .priority = 850,
         .scopes = words_of("user:read role:admin group:read permission:admin resource:admin field_definition:admin "
                            "navigation:admin approval:read ai:read")},
        {.name = "user_manager",
         .display_name = "User Manager",
         .priority = 800,
         .scopes = words_of("user:admin service_account:write role:admin group:admin permission:read")},
        {.name = "approval_manager",
         .display_name = "Approval Manager",
         .priority = 750,
         .scopes = words_of("approval:admin user:read role:read group:read resource:read audit:read")},
        {.name = "auditor", .display_name = "Auditor", .priority = 700, .scopes = auditor_scopes()},
        {.name = "security_analyst",
         .display_name = "Security Analyst",
         .priority = 650,
         .scopes = words_of("user:read role:read permission:read resource:read audit:read ai:write biometrics:write")},
        {.name = "enforcement_point",
         .display_name = "Enforcement Point",
         .priority = 200,
         .scopes = words_of("permission:check")},
        {.name = "viewer",
         .display_name = "Viewer",
         .priority = 100,
         .scopes = words_of("resource:read field_definition:read navigation:read")},
        {.name = "everyone", .display_name = "Everyone", .priority = 0, .scopes = {}, .is_assignable = false},
    };
}

}  // namespace

std::span<const SystemRole> system_roles() {
    static const std::vector<SystemRole> roles = make_system_roles();
    return roles;
}

}  // namespace sentinel::tenants
