#pragma once
/// Health as page 13 wants it: the last result of each component's background check, and the answers that follow from them.
/// Nothing here does any work of its own: a flood of probes costs nothing. Safe to use from every thread.

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/time.hpp"

namespace sentinel::telemetry {

enum class ComponentState : std::uint8_t { healthy, degraded, unhealthy, disabled };
/// `healthy` …
std::string_view text_of(ComponentState state) noexcept;

enum class Component : std::uint8_t {
    database,
    snapshot,
    audit,
    auth,
    cache,
    ai_engine,
    biometrics,
    jobs,
    mail,
    webhooks,
};
inline constexpr std::size_t component_count = static_cast<std::size_t>(Component::webhooks) + 1;
/// `database` …
std::string_view text_of(Component component) noexcept;
/// Whether a node without it is not ready.
bool ready_needs(Component component) noexcept;

/// How often components are checked, and how long one check may take.
inline constexpr std::chrono::seconds health_check_interval{5};
inline constexpr std::chrono::seconds health_check_limit{2};
/// A result older than this is worth nothing: who should check has stopped.
inline constexpr std::chrono::seconds health_result_life{20};

/// What one check found. Detail and error code are for callers with `system:read`.
struct CheckResult {
    ComponentState state = ComponentState::unhealthy;
    std::chrono::microseconds latency{};
    std::string detail;
    std::string error_code;  ///< empty = no error
};

/// What a node must have done before it is started.
enum class StartStep : std::uint8_t { configuration, keys, migrations, snapshot };
inline constexpr std::size_t start_step_count = 4;
std::string_view text_of(StartStep step) noexcept;

/// An answer of a health endpoint.
struct HealthAnswer {
    int status = 200;
    core::json::Object body;
};

/// What `/health` says besides states.
struct HealthIdentity {
    std::string version;
    std::string cache_backend;
    bool public_detail = true;  ///< HEALTH_PUBLIC_DETAIL
};

class HealthModel {
public:
    /// The clock must outlive the model.
    HealthModel(const core::Clock& clock, HealthIdentity identity);

    void note_started(StartStep step);
    /// From SIGTERM on: never ready again.
    void begin_drain();
    /// Components are unhealthy until their first result, except those disabled here.
    void disable(Component component);
    void record(Component component, CheckResult result);

    HealthAnswer live() const;
    HealthAnswer ready() const;
    HealthAnswer startup() const;
    HealthAnswer health() const;
    /// Of each component `{state, latency_ms, since, detail, last_error_code}`, for `/api/v1/system/health`.
    core::json::Object components() const;
    bool is_ready() const;
    bool is_draining() const;

private:
    struct Entry {
        CheckResult last;
        std::optional<core::Instant> checked_at;
        core::Instant since;  ///< of the present state
        std::string last_error_code;
        unsigned good_in_a_row = 0;
        bool holds_ready = false;  ///< fit for readiness, by the rule of coming back and leaving
    };
    const Entry& entry(Component component) const { return entries_[static_cast<std::size_t>(component)]; }
    Entry& entry(Component component) { return entries_[static_cast<std::size_t>(component)]; }
    ComponentState state_of(Component component, core::Instant now) const;
    ComponentState worst_of(std::initializer_list<Component> components, core::Instant now) const;
    bool holds_ready(Component component, core::Instant now) const;
    std::vector<std::string_view> failing(core::Instant now) const;
    core::json::Object services(core::Instant now) const;
    ComponentState overall(core::Instant now) const;

    const core::Clock& clock_;
    HealthIdentity identity_;
    mutable std::mutex mutex_;
    std::array<Entry, component_count> entries_;
    std::array<bool, start_step_count> started_{};
    bool draining_ = false;
};

}  // namespace sentinel::telemetry
