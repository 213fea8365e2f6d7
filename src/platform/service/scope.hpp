#pragma once
/// Scopes (spec 00 section 2): what a caller may do, as families with levels. `admin` includes `write` includes `read`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sentinel::platform {

/// Every scope there is. Within a family the order is read, write, admin.
enum class Scope : std::uint8_t {
    tenant_read,
    tenant_write,
    tenant_admin,
    user_read,
    user_write,
    user_admin,
    service_account_read,
    service_account_write,
    service_account_admin,
    role_read,
    role_write,
    role_admin,
    group_read,
    group_write,
    group_admin,
    permission_check,
    permission_simulate,
    permission_read,
    permission_write,
    permission_admin,
    resource_read,
    resource_write,
    resource_admin,
    field_definition_read,
    field_definition_write,
    field_definition_admin,
    navigation_read,
    navigation_write,
    navigation_admin,
    approval_read,
    approval_write,
    approval_admin,
    cache_read,
    cache_write,
    cache_admin,
    audit_read,
    audit_write,
    audit_admin,
    webhook_read,
    webhook_write,
    webhook_admin,
    system_read,
    system_admin,
    ai_read,
    ai_write,
    ai_admin,
    biometrics_read,
    biometrics_write,
    biometrics_admin,
    platform_admin,
};
inline constexpr std::size_t scope_count = static_cast<std::size_t>(Scope::platform_admin) + 1;

/// `tenant:read` …
std::string_view text_of(Scope scope) noexcept;
std::optional<Scope> parse_scope(std::string_view text) noexcept;
/// `system:*` and `platform:*`: only roles of the platform tenant may hold it.
bool is_platform_only(Scope scope) noexcept;

/// A set of scopes, closed under the levels: whoever holds `user:admin` holds `user:read`.
class ScopeSet {
public:
    ScopeSet() noexcept = default;
    /// Adds the scope and all that it includes.
    void add(Scope scope) noexcept;
    bool has(Scope scope) const noexcept { return (bits_ >> static_cast<unsigned>(scope)) & 1U; }
    bool empty() const noexcept { return bits_ == 0; }
    bool includes(ScopeSet other) const noexcept { return (other.bits_ & ~bits_) == 0; }
    ScopeSet united(ScopeSet other) const noexcept { return ScopeSet(bits_ | other.bits_); }
    ScopeSet cut_to(ScopeSet other) const noexcept { return ScopeSet(bits_ & other.bits_); }
    /// All scopes held, in the order of Scope.
    std::vector<std::string> texts() const;
    std::uint64_t bits() const noexcept { return bits_; }
    friend bool operator==(ScopeSet, ScopeSet) noexcept = default;

private:
    explicit ScopeSet(std::uint64_t bits) noexcept : bits_(bits) {}
    std::uint64_t bits_ = 0;
};

}  // namespace sentinel::platform
