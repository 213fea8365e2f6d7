#pragma once
/// From what a check measured to a component's state: the thresholds of page 13.

#include <chrono>
#include <optional>

#include "platform/telemetry/health.hpp"

namespace sentinel::telemetry {

struct DatabaseReading {
    bool answered = false;
    bool writable = false;
    bool schema_as_expected = false;
    std::chrono::milliseconds latency{};
    std::chrono::seconds pool_nearly_full_for{};  ///< how long over 90 % of it have been in use
};
ComponentState judge_database(const DatabaseReading& reading) noexcept;

/// Of what is confirmed every second (policy revisions, revocations): its age against MAX_STALENESS_SECONDS. Absent = never read.
ComponentState judge_staleness(std::optional<std::chrono::milliseconds> age, std::chrono::seconds limit) noexcept;

struct AuditReading {
    std::chrono::milliseconds write_lag{};
    std::chrono::seconds not_writable_for{};
    double disk_free_ratio = 1;
    bool all_chains_whole = true;
};
ComponentState judge_audit(const AuditReading& reading) noexcept;

struct AuthReading {
    std::optional<std::chrono::seconds> signing_key_life;  ///< until the end of the usable key; absent = there is none
    std::optional<std::chrono::milliseconds> revocations_age;
    std::chrono::milliseconds clock_offset{};  ///< from the database's clock, of either sign
};
ComponentState judge_auth(const AuthReading& reading, std::chrono::seconds staleness_limit) noexcept;

ComponentState judge_jobs(std::chrono::seconds oldest_due, std::size_t parked) noexcept;
/// Of mail and webhooks within the last hour.
ComponentState judge_delivery(std::size_t delivered, std::size_t failed) noexcept;

}  // namespace sentinel::telemetry
