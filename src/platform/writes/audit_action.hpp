#pragma once
/// The vocabulary of audit records (spec 12): names that are not in it cannot be written.

#include <cstdint>
#include <span>
#include <string_view>

namespace sentinel::writes {

/// How a record reaches the chain.
enum class AuditTiming : std::uint8_t {
    with_the_write,  ///< in the transaction of the change it tells of
    batched,         ///< within a second, of its own (spec 12 rule 2: reads, refusals, log-ins, tokens issued)
};

/// One name of the vocabulary. Compares by name.
class AuditAction {
public:
    /// A name of the vocabulary; anything else does not compile.
    consteval AuditAction(const char* name) : AuditAction(find(name)) {}  // NOLINT(google-explicit-constructor)

    constexpr std::string_view name() const noexcept { return name_; }
    /// From 0 to 1, where the record names none of its own.
    constexpr double default_risk() const noexcept { return default_risk_; }
    constexpr AuditTiming timing() const noexcept { return timing_; }
    friend constexpr bool operator==(const AuditAction& left, const AuditAction& right) noexcept {
        return left.name_ == right.name_;
    }

    /// Every action there is.
    static std::span<const AuditAction> all() noexcept;

private:
    constexpr AuditAction(std::string_view name, double risk, AuditTiming timing) noexcept
        : name_(name), default_risk_(risk), timing_(timing) {}
    static consteval AuditAction find(std::string_view name);
    struct Table;

    std::string_view name_;
    double default_risk_;
    AuditTiming timing_;
};

/// The vocabulary itself. Here and not in a source file, so that a name is checked where it is written.
struct AuditAction::Table {
    static constexpr double refusal = 0.8;
    static constexpr double credential = 0.5;
    static constexpr double change = 0.2;
    static constexpr double read = 0.1;
    static constexpr AuditTiming with = AuditTiming::with_the_write;
    static constexpr AuditTiming batch = AuditTiming::batched;

    // The modules that exist; each brings its names with it.
    static constexpr AuditAction rows[] = {
        {"denied.scope", refusal, batch},
        {"denied.cross_tenant", refusal, batch},
        {"denied.escalation", refusal, batch},
        {"rate_limit.block", read, batch},
        {"tenant.create", change, with},
        {"tenant.sub_create", change, with},
        {"tenant.update", change, with},
        {"tenant.settings_update", change, with},
        {"tenant.activate", change, with},
        {"tenant.suspend", change, with},
        {"tenant.delete", change, with},
        {"tenant.key_rotate", credential, with},
        {"tenant.key_erase", credential, with},
        {"tenant.enter", read, batch},
        {"identity_provider.update", change, with},
        {"terminology.update", change, with},
        {"auth.login", read, batch},
        {"auth.login_failed", change, batch},
        {"auth.logout", change, with},
        {"auth.mfa_challenge", change, with},
        {"auth.mfa_failed", change, with},
        {"auth.lockout", credential, with},
        {"auth.step_up", change, with},
        {"token.issue", read, batch},
        {"token.refresh", read, batch},
        {"token.revoke", change, with},
        {"token.reuse_detected", refusal, with},
        {"token.invalid", refusal, batch},
        {"session.revoke", change, with},
        {"mfa.enroll", credential, with},
        {"mfa.remove", credential, with},
        {"mfa.recovery_used", credential, with},
        {"mfa.recovery_regenerate", credential, with},
        {"password.reset_request", change, with},
        {"password.reset", credential, with},
        {"password.change", credential, with},
        {"key.rotate", credential, with},
        {"user.create", change, with},
        {"user.update", change, with},
        {"user.activate", change, with},
        {"user.deactivate", change, with},
        {"user.delete", change, with},
        {"user.restore", change, with},
        {"user.erase", change, with},
        {"user.lock", change, with},
        {"user.unlock", change, with},
        {"user.invite", change, with},
        {"user.bulk", change, with},
        {"user.import", change, with},
        {"user.export", read, batch},
        {"user.pii_read", read, batch},
        {"user.impersonate_start", credential, with},
        {"user.impersonate_end", credential, with},
        {"mfa.reset", credential, with},
        {"service_account.create", credential, with},
        {"service_account.update", change, with},
        {"service_account.delete", credential, with},
        {"service_account.activate", change, with},
        {"service_account.deactivate", change, with},
        {"service_account.rotate_credentials", credential, with},
        {"role.create", credential, with},
        {"role.update", credential, with},
        {"role.delete", credential, with},
        {"role.assign", credential, with},
        {"role.unassign", credential, with},
        {"system.start", change, with},
        {"system.stop", change, with},
        {"system.config_change", change, with},
        {"system.migrate", change, with},
        {"system.job_parked", change, with},
    };
};

consteval AuditAction AuditAction::find(std::string_view name) {
    for (const AuditAction& row : Table::rows) {
        if (row.name_ == name) return row;
    }
    throw "not a name of the audit vocabulary (spec 12)";
}

inline std::span<const AuditAction> AuditAction::all() noexcept { return Table::rows; }

}  // namespace sentinel::writes
