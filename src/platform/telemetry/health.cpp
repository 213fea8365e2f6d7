#include "platform/telemetry/health.hpp"
#include "platform/service/timestamp.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace sentinel::telemetry {

namespace {

using core::json::Array;
using core::json::Object;
using core::json::Value;

/// Good results in a row that bring a component back for readiness.
constexpr unsigned good_results_to_return = 2;
/// How long a database may be away before the node leaves: its snapshot answers meanwhile.
constexpr std::int64_t database_patience_seconds = 10;

constexpr std::array all_components = {Component::database, Component::snapshot,  Component::audit,      Component::auth,
                                       Component::cache,    Component::ai_engine, Component::biometrics, Component::jobs,
                                       Component::mail,     Component::webhooks};
static_assert(all_components.size() == component_count);

Array to_array(const auto& texts) {
    Array array;
    for (const std::string_view text : texts) array.emplace_back(text);
    return array;
}

}  // namespace

std::string_view text_of(ComponentState state) noexcept {
    static constexpr std::array<std::string_view, 4> texts = {"healthy", "degraded", "unhealthy", "disabled"};
    return texts[static_cast<std::size_t>(state)];
}

std::string_view text_of(Component component) noexcept {
    static constexpr std::array<std::string_view, component_count> texts = {
        "database", "snapshot", "audit", "auth", "cache", "ai_engine", "biometrics", "jobs", "mail", "webhooks"};
    return texts[static_cast<std::size_t>(component)];
}

std::string_view text_of(StartStep step) noexcept {
    static constexpr std::array<std::string_view, start_step_count> texts = {"configuration", "keys", "migrations", "snapshot"};
    return texts[static_cast<std::size_t>(step)];
}

bool ready_needs(Component component) noexcept { return component <= Component::auth; }

HealthModel::HealthModel(const core::Clock& clock, HealthIdentity identity) : clock_(clock), identity_(std::move(identity)) {
    for (auto& each : entries_) each.since = clock_.now();
}

void HealthModel::note_started(StartStep step) {
    const std::lock_guard lock(mutex_);
    started_[static_cast<std::size_t>(step)] = true;
}

void HealthModel::begin_drain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
}

void HealthModel::disable(Component component) { record(component, {.state = ComponentState::disabled}); }

void HealthModel::record(Component component, CheckResult result) {
    const std::lock_guard lock(mutex_);
    const core::Instant now = clock_.now();
    Entry& noted = entry(component);
    // The rule is for those who left: a first result needs no second one, or every start would take one interval longer.
    const bool is_first = !noted.checked_at;
    // What left readiness since the last result (by silence, or by the end of patience) has to come back by the rule.
    if (!holds_ready(component, now)) noted.holds_ready = false;
    if (state_of(component, now) != noted.last.state) noted.good_in_a_row = 0;
    if (noted.last.state != result.state) noted.since = now;
    noted.good_in_a_row =
        result.state == ComponentState::unhealthy ? 0 : std::min(noted.good_in_a_row + 1, good_results_to_return);
    const bool is_fit = noted.good_in_a_row >= (is_first ? 1 : good_results_to_return);
    if (is_fit || result.state == ComponentState::disabled) noted.holds_ready = true;
    if (!result.error_code.empty()) noted.last_error_code = result.error_code;
    noted.last = std::move(result);
    noted.checked_at = now;
    if (!holds_ready(component, now)) noted.holds_ready = false;
}

ComponentState HealthModel::state_of(Component component, core::Instant now) const {
    const Entry& noted = entry(component);
    if (!noted.checked_at) return ComponentState::unhealthy;
    if (noted.last.state == ComponentState::disabled) return ComponentState::disabled;
    const bool stale = noted.checked_at->plus_seconds(health_result_life.count()) < now;
    return stale ? ComponentState::unhealthy : noted.last.state;
}

bool HealthModel::holds_ready(Component component, core::Instant now) const {
    const Entry& noted = entry(component);
    if (!noted.holds_ready) return false;
    if (state_of(component, now) != ComponentState::unhealthy) return true;
    const bool answered_lately = noted.last.state == ComponentState::unhealthy && component == Component::database;
    return answered_lately && now <= noted.since.plus_seconds(database_patience_seconds);
}

ComponentState HealthModel::worst_of(std::initializer_list<Component> components, core::Instant now) const {
    ComponentState worst = ComponentState::disabled;
    for (const Component component : components) {
        const ComponentState state = state_of(component, now);
        if (state == ComponentState::disabled) continue;
        worst = worst == ComponentState::disabled ? state : std::max(worst, state);
    }
    return worst;
}

std::vector<std::string_view> HealthModel::failing(core::Instant now) const {
    std::vector<std::string_view> names;
    for (const Component component : all_components) {
        if (ready_needs(component) && !holds_ready(component, now)) names.push_back(text_of(component));
    }
    return names;
}

HealthAnswer HealthModel::live() const { return {200, {{"status", "alive"}}}; }

HealthAnswer HealthModel::ready() const {
    const std::lock_guard lock(mutex_);
    const auto names = failing(clock_.now());
    if (draining_) return {503, {{"status", "draining"}, {"failing", to_array(names)}}};
    if (!names.empty()) return {503, {{"status", "unready"}, {"failing", to_array(names)}}};
    return {200, {{"status", "ready"}}};
}

bool HealthModel::is_ready() const { return ready().status == 200; }

bool HealthModel::is_draining() const {
    const std::lock_guard lock(mutex_);
    return draining_;
}

HealthAnswer HealthModel::startup() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string_view> missing;
    for (std::size_t step = 0; step < start_step_count; ++step) {
        if (!started_[step]) missing.push_back(text_of(static_cast<StartStep>(step)));
    }
    if (missing.empty()) return {200, {{"status", "started"}}};
    return {503, {{"status", "starting"}, {"failing", to_array(missing)}}};
}

Object HealthModel::services(core::Instant now) const {
    using enum Component;
    return {{"database", text_of(worst_of({database, snapshot, audit}, now))},
            {"cache", text_of(state_of(cache, now))},
            {"auth", text_of(state_of(auth, now))},
            {"ai_engine", text_of(state_of(ai_engine, now))},
            {"biometrics", text_of(state_of(biometrics, now))}};
}

ComponentState HealthModel::overall(core::Instant now) const {
    using enum Component;
    if (worst_of({database, snapshot, audit, auth}, now) == ComponentState::unhealthy) return ComponentState::unhealthy;
    const auto is_off = [&](Component component) {
        const ComponentState state = state_of(component, now);
        return state != ComponentState::healthy && state != ComponentState::disabled;
    };
    return std::ranges::any_of(all_components, is_off) ? ComponentState::degraded : ComponentState::healthy;
}

HealthAnswer HealthModel::health() const {
    const std::lock_guard lock(mutex_);
    const core::Instant now = clock_.now();
    const ComponentState state = overall(now);
    Object body = {{"status", text_of(state)}, {"timestamp", platform::timestamp_text(now)}};
    if (identity_.public_detail) {
        body.set("version", identity_.version);
        body.set("cache_backend", identity_.cache_backend);
        body.set("services", services(now));
    }
    return {state == ComponentState::unhealthy ? 503 : 200, std::move(body)};
}

Object HealthModel::components() const {
    const std::lock_guard lock(mutex_);
    const core::Instant now = clock_.now();
    Object all;
    for (const Component component : all_components) {
        const Entry& noted = entry(component);
        const double milliseconds = static_cast<double>(noted.last.latency.count()) / 1000;
        all.set(text_of(component),
                Object{{"state", text_of(state_of(component, now))},
                       {"latency_ms", noted.checked_at ? Value(milliseconds) : Value()},
                       {"since", platform::timestamp_text(noted.since)},
                       {"detail", noted.last.detail.empty() ? Value() : Value(noted.last.detail)},
                       {"last_error_code", noted.last_error_code.empty() ? Value() : Value(noted.last_error_code)}});
    }
    return all;
}

}  // namespace sentinel::telemetry
