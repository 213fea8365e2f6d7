#include "platform/telemetry/health_judgement.hpp"

#include <algorithm>

namespace sentinel::telemetry {

using namespace std::chrono_literals;

ComponentState judge_database(const DatabaseReading& reading) noexcept {
    if (!reading.answered || !reading.writable || !reading.schema_as_expected) return ComponentState::unhealthy;
    const bool slow = reading.latency > 500ms || reading.pool_nearly_full_for >= 30s;
    return slow ? ComponentState::degraded : ComponentState::healthy;
}

ComponentState judge_staleness(std::optional<std::chrono::milliseconds> age, std::chrono::seconds limit) noexcept {
    if (!age || *age > limit) return ComponentState::unhealthy;
    return *age > 3s ? ComponentState::degraded : ComponentState::healthy;
}

ComponentState judge_audit(const AuditReading& reading) noexcept {
    if (reading.not_writable_for >= 10s) return ComponentState::unhealthy;
    const bool troubled = reading.write_lag > 5s || reading.not_writable_for > 0s || reading.disk_free_ratio <= 0.1;
    return troubled || !reading.all_chains_whole ? ComponentState::degraded : ComponentState::healthy;
}

ComponentState judge_auth(const AuthReading& reading, std::chrono::seconds staleness_limit) noexcept {
    const bool clock_wrong = reading.clock_offset > 5s || reading.clock_offset < -5s;
    if (clock_wrong || !reading.signing_key_life || *reading.signing_key_life <= 0s) return ComponentState::unhealthy;
    const ComponentState key = *reading.signing_key_life <= 7 * 24h ? ComponentState::degraded : ComponentState::healthy;
    return std::max(key, judge_staleness(reading.revocations_age, staleness_limit));
}

ComponentState judge_jobs(std::chrono::seconds oldest_due, std::size_t parked) noexcept {
    return oldest_due >= 60s || parked > 0 ? ComponentState::degraded : ComponentState::healthy;
}

ComponentState judge_delivery(std::size_t delivered, std::size_t failed) noexcept {
    // 95 of 100, in whole numbers.
    return failed * 100 > (delivered + failed) * 5 ? ComponentState::degraded : ComponentState::healthy;
}

}  // namespace sentinel::telemetry
