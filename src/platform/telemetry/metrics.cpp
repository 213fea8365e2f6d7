#include "platform/telemetry/metrics.hpp"

#include <algorithm>
#include <stdexcept>

namespace sentinel::telemetry {

namespace detail {

namespace {
constexpr std::string_view other = "other";
}

FamilyState::FamilyState(MetricsRegistry& registry, MetricKind kind, std::string name, std::string help,
                         std::vector<Label> labels, std::span<const double> bounds)
    : registry_(registry),
      kind_(kind),
      name_(std::move(name)),
      help_(std::move(help)),
      labels_(std::move(labels)),
      bounds_(bounds.begin(), bounds.end()) {}

std::string_view FamilyState::bounded(Label& label, std::string_view value) {
    if (std::ranges::find(label.values, value) != label.values.end()) return value;
    if (label.most_open_values == 0 || value == other) return other;
    --label.most_open_values;
    label.values.emplace_back(value);
    return value;
}

std::size_t FamilyState::lines_per_series() const noexcept { return kind_ == MetricKind::histogram ? bounds_.size() + 3 : 1; }

const Series& FamilyState::with(std::span<const std::string_view> values) {
    const std::lock_guard lock(mutex_);
    if (values.size() != labels_.size()) throw std::logic_error("metric " + name_ + ": wrong number of labels");
    std::vector<std::string> key;
    for (std::size_t index = 0; index < values.size(); ++index) key.emplace_back(bounded(labels_[index], values[index]));
    if (const auto found = series_.find(key); found != series_.end()) return found->second;
    // The series of `other` is always to be had, so that nothing goes uncounted.
    if (!registry_.take_lines(lines_per_series())) std::ranges::fill(key, other);
    const auto [place, is_new] = series_.try_emplace(key);
    if (!is_new) return place->second;
    Series& series = place->second;
    series.label_values = key;
    if (kind_ == MetricKind::gauge) {
        series.gauge = std::make_unique<std::atomic<double>>(0.0);
    } else {
        // A histogram has a cell for each bucket, one for what is beyond them, and the sum.
        series.first_cell = registry_.cells_.reserve(kind_ == MetricKind::histogram ? bounds_.size() + 2 : 1);
    }
    return series;
}

void FamilyState::visit(const std::function<void(const Series&)>& visitor) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, series] : series_) visitor(series);
}

}  // namespace detail

template <>
Counter Family<Counter>::with(std::initializer_list<std::string_view> values) const {
    return {state_->registry().cells(), state_->with({values.begin(), values.size()}).first_cell};
}

template <>
Level Family<Level>::with(std::initializer_list<std::string_view> values) const {
    return {state_->registry().cells(), state_->with({values.begin(), values.size()}).first_cell};
}

template <>
Gauge Family<Gauge>::with(std::initializer_list<std::string_view> values) const {
    return Gauge(*state_->with({values.begin(), values.size()}).gauge);
}

template <>
Histogram Family<Histogram>::with(std::initializer_list<std::string_view> values) const {
    return {state_->registry().cells(), state_->with({values.begin(), values.size()}).first_cell, state_->bounds()};
}

// A family that has no room left still gets its series of `other`, hence the reserve.
MetricsRegistry::MetricsRegistry(std::size_t most_series) : lines_left_(most_series), cells_(most_series + 4096) {}

bool MetricsRegistry::take_lines(std::size_t count) noexcept {
    std::size_t left = lines_left_.load();
    while (left >= count) {
        if (lines_left_.compare_exchange_weak(left, left - count)) return true;
    }
    return false;
}

void MetricsRegistry::check_new_name(MetricKind kind, const std::string& name) const {
    const bool known = std::ranges::any_of(families_, [&](const auto& family) { return family->name() == name; }) ||
                       std::ranges::any_of(collected_, [&](const auto& family) { return family.name == name; });
    if (known) throw std::logic_error("metric " + name + " is declared twice");
    if ((kind == MetricKind::counter) != name.ends_with("_total"))
        throw std::logic_error("metric " + name + ": counters end with _total");
}

detail::FamilyState& MetricsRegistry::add_family(MetricKind kind, std::string name, std::string help, std::vector<Label> labels,
                                                 std::span<const double> bounds) {
    const std::lock_guard lock(mutex_);
    check_new_name(kind, name);
    families_.push_back(
        std::make_unique<detail::FamilyState>(*this, kind, std::move(name), std::move(help), std::move(labels), bounds));
    return *families_.back();
}

Family<Counter> MetricsRegistry::counters(std::string name, std::string help, std::vector<Label> labels) {
    return Family<Counter>(add_family(MetricKind::counter, std::move(name), std::move(help), std::move(labels), {}));
}

Family<Level> MetricsRegistry::levels(std::string name, std::string help, std::vector<Label> labels) {
    return Family<Level>(add_family(MetricKind::level, std::move(name), std::move(help), std::move(labels), {}));
}

Family<Gauge> MetricsRegistry::gauges(std::string name, std::string help, std::vector<Label> labels) {
    return Family<Gauge>(add_family(MetricKind::gauge, std::move(name), std::move(help), std::move(labels), {}));
}

Family<Histogram> MetricsRegistry::histograms(std::string name, std::string help, std::span<const double> bounds,
                                              std::vector<Label> labels) {
    return Family<Histogram>(add_family(MetricKind::histogram, std::move(name), std::move(help), std::move(labels), bounds));
}

void MetricsRegistry::collected(MetricKind kind, std::string name, std::string help, std::vector<std::string> label_names,
                                std::function<void(Collected&)> collect) {
    const std::lock_guard lock(mutex_);
    check_new_name(kind, name);
    collected_.push_back({kind, std::move(name), std::move(help), std::move(label_names), std::move(collect)});
}

}  // namespace sentinel::telemetry
