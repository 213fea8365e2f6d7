#include "platform/service/scope.hpp"

#include <algorithm>
#include <array>

namespace sentinel::platform {

namespace {

constexpr auto texts_of_scopes = std::to_array<std::string_view>({
    "tenant:read",
    "tenant:write",
    "tenant:admin",
    "user:read",
    "user:write",
    "user:admin",
    "service_account:read",
    "service_account:write",
    "service_account:admin",
    "role:read",
    "role:write",
    "role:admin",
    "group:read",
    "group:write",
    "group:admin",
    "permission:check",
    "permission:simulate",
    "permission:read",
    "permission:write",
    "permission:admin",
    "resource:read",
    "resource:write",
    "resource:admin",
    "field_definition:read",
    "field_definition:write",
    "field_definition:admin",
    "navigation:read",
    "navigation:write",
    "navigation:admin",
    "approval:read",
    "approval:write",
    "approval:admin",
    "cache:read",
    "cache:write",
    "cache:admin",
    "audit:read",
    "audit:write",
    "audit:admin",
    "webhook:read",
    "webhook:write",
    "webhook:admin",
    "system:read",
    "system:admin",
    "ai:read",
    "ai:write",
    "ai:admin",
    "biometrics:read",
    "biometrics:write",
    "biometrics:admin",
    "platform:admin",
});
static_assert(texts_of_scopes.size() == scope_count);
static_assert(scope_count <= 64);

constexpr std::string_view family_of(std::string_view text) { return text.substr(0, text.find(':')); }
constexpr std::string_view level_of(std::string_view text) { return text.substr(text.find(':') + 1); }

// permission:check is within read, permission:simulate within write (spec 00 section 2).
constexpr int rank_of(std::string_view level) {
    if (level == "check") return 0;
    if (level == "read") return 1;
    if (level == "simulate") return 2;
    return level == "write" ? 3 : 4;
}

// simulate is beside read, not above it.
constexpr bool includes(std::string_view held, std::string_view asked) {
    if (held == asked) return true;
    if (family_of(held) != family_of(asked) || level_of(held) == "simulate") return false;
    return rank_of(level_of(held)) > rank_of(level_of(asked));
}

using Closures = std::array<std::uint64_t, scope_count>;
consteval Closures closures() {
    Closures result{};
    for (std::size_t held = 0; held < scope_count; ++held) {
        for (std::size_t asked = 0; asked < scope_count; ++asked) {
            if (includes(texts_of_scopes[held], texts_of_scopes[asked])) result[held] |= std::uint64_t{1} << asked;
        }
    }
    return result;
}
constexpr Closures closure_of = closures();

}  // namespace

std::string_view text_of(Scope scope) noexcept { return texts_of_scopes[static_cast<std::size_t>(scope)]; }

std::optional<Scope> parse_scope(std::string_view text) noexcept {
    const auto found = std::ranges::find(texts_of_scopes, text);
    if (found == texts_of_scopes.end()) return std::nullopt;
    return static_cast<Scope>(found - texts_of_scopes.begin());
}

bool is_platform_only(Scope scope) noexcept {
    return scope == Scope::system_read || scope == Scope::system_admin || scope == Scope::platform_admin;
}

void ScopeSet::add(Scope scope) noexcept { bits_ |= closure_of[static_cast<std::size_t>(scope)]; }

std::vector<std::string> ScopeSet::texts() const {
    std::vector<std::string> result;
    for (std::size_t index = 0; index < scope_count; ++index) {
        if (has(static_cast<Scope>(index))) result.emplace_back(texts_of_scopes[index]);
    }
    return result;
}

}  // namespace sentinel::platform
