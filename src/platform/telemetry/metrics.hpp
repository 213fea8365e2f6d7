#pragma once
/// Metrics: counters, gauges and histograms with bounded labels, and their text for Prometheus.
///
/// Families are declared once, at start; their labels name all values they may have, anything else counts as `other`. Asking a
/// family for a series (`with`) takes a lock and a search: keep the handle. Using a handle takes neither. Handles are valid as long
/// as the registry. Everything here is safe to use from every thread.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/telemetry/metric_cells.hpp"

namespace sentinel::telemetry {

/// Buckets of page 13 for durations in seconds: T1 for what takes microseconds, T2 for requests and queries.
inline constexpr double fast_seconds[] = {.00001, .00005, .0001, .0005, .001, .005, .01, .05, .1, .5};
inline constexpr double slow_seconds[] = {.005, .01, .025, .05, .1, .2, .5, 1, 2.5, 5, 10};

/// Counts up.
class Counter {
public:
    Counter(MetricCells& cells, std::uint32_t cell) noexcept : cells_(&cells), cell_(cell) {}
    void add(std::uint64_t amount = 1) const noexcept { cells_->add(cell_, amount); }

private:
    MetricCells* cells_;
    std::uint32_t cell_;
};

/// A level that is counted up and down, as of requests in flight: cheap for many threads at once.
class Level {
public:
    Level(MetricCells& cells, std::uint32_t cell) noexcept : cells_(&cells), cell_(cell) {}
    void add(std::int64_t amount) const noexcept { cells_->add(cell_, static_cast<std::uint64_t>(amount)); }

private:
    MetricCells* cells_;
    std::uint32_t cell_;
};

/// A level that is set.
class Gauge {
public:
    explicit Gauge(std::atomic<double>& value) noexcept : value_(&value) {}
    void set(double value) const noexcept { value_->store(value, std::memory_order_relaxed); }

private:
    std::atomic<double>* value_;
};

/// Counts observations by size.
class Histogram {
public:
    Histogram(MetricCells& cells, std::uint32_t first_cell, std::span<const double> bounds) noexcept
        : cells_(&cells), first_cell_(first_cell), bounds_(bounds) {}
    void observe(double value) const noexcept {
        std::uint32_t bucket = 0;
        while (bucket < bounds_.size() && value > bounds_[bucket]) ++bucket;
        cells_->add(first_cell_ + bucket, 1);
        cells_->add_real(first_cell_ + static_cast<std::uint32_t>(bounds_.size()) + 1, value);
    }

private:
    MetricCells* cells_;
    std::uint32_t first_cell_;
    std::span<const double> bounds_;
};

/// A label and the values it may have.
struct Label {
    std::string name;
    std::vector<std::string> values;
    /// So many values that are not listed are taken as they come (tenant codes), later ones are `other`.
    std::size_t most_open_values = 0;
};

enum class MetricKind : std::uint8_t { counter, level, gauge, histogram };

class MetricsRegistry;

namespace detail {

struct Series {
    std::vector<std::string> label_values;
    std::uint32_t first_cell = 0;
    std::unique_ptr<std::atomic<double>> gauge;  ///< of a gauge only
};

/// The series of one metric.
class FamilyState {
public:
    FamilyState(MetricsRegistry& registry, MetricKind kind, std::string name, std::string help, std::vector<Label> labels,
                std::span<const double> bounds);
    /// REQUIRES: as many values as labels.
    const Series& with(std::span<const std::string_view> values);

    MetricKind kind() const noexcept { return kind_; }
    const std::string& name() const noexcept { return name_; }
    const std::string& help() const noexcept { return help_; }
    const std::vector<Label>& labels() const noexcept { return labels_; }
    const std::vector<double>& bounds() const noexcept { return bounds_; }
    MetricsRegistry& registry() const noexcept { return registry_; }
    /// Calls with each series there is.
    void visit(const std::function<void(const Series&)>& visitor) const;

private:
    std::string_view bounded(Label& label, std::string_view value);
    std::size_t lines_per_series() const noexcept;

    MetricsRegistry& registry_;
    MetricKind kind_;
    std::string name_;
    std::string help_;
    std::vector<Label> labels_;
    std::vector<double> bounds_;
    mutable std::mutex mutex_;
    std::map<std::vector<std::string>, Series> series_;
};

}  // namespace detail

/// All series of one metric. A cheap handle.
template <class Handle>
class Family {
public:
    explicit Family(detail::FamilyState& state) noexcept : state_(&state) {}
    /// The series with these label values, in the order of the declaration.
    Handle with(std::initializer_list<std::string_view> values) const;

private:
    detail::FamilyState* state_;
};

template <>
Counter Family<Counter>::with(std::initializer_list<std::string_view> values) const;
template <>
Level Family<Level>::with(std::initializer_list<std::string_view> values) const;
template <>
Gauge Family<Gauge>::with(std::initializer_list<std::string_view> values) const;
template <>
Histogram Family<Histogram>::with(std::initializer_list<std::string_view> values) const;

/// Takes the values of a metric that is only read when asked for (a pool's size, the process's memory).
class Collected {
public:
    virtual ~Collected() = default;
    virtual void add(std::initializer_list<std::string_view> label_values, double value) = 0;
};

/// What a scrape may be written in.
enum class ExpositionFormat : std::uint8_t { prometheus, openmetrics };
/// The format that an `Accept` header asks for; Prometheus text where it names no other.
ExpositionFormat choose_exposition(std::string_view accept) noexcept;
std::string_view content_type(ExpositionFormat format) noexcept;

class MetricsRegistry {
public:
    /// Series beyond `most_series` (a bucket is one) join their family's series of `other` values.
    explicit MetricsRegistry(std::size_t most_series = 5000);
    MetricsRegistry(const MetricsRegistry&) = delete;
    MetricsRegistry& operator=(const MetricsRegistry&) = delete;

    /// Names are those of page 13 without `sentinel_`. Declaring a name twice is a std::logic_error.
    Family<Counter> counters(std::string name, std::string help, std::vector<Label> labels);
    Family<Level> levels(std::string name, std::string help, std::vector<Label> labels);
    Family<Gauge> gauges(std::string name, std::string help, std::vector<Label> labels);
    Family<Histogram> histograms(std::string name, std::string help, std::span<const double> bounds, std::vector<Label> labels);
    Counter counter(std::string name, std::string help) { return counters(std::move(name), std::move(help), {}).with({}); }
    Level level(std::string name, std::string help) { return levels(std::move(name), std::move(help), {}).with({}); }
    Gauge gauge(std::string name, std::string help) { return gauges(std::move(name), std::move(help), {}).with({}); }
    Histogram histogram(std::string name, std::string help, std::span<const double> bounds) {
        return histograms(std::move(name), std::move(help), bounds, {}).with({});
    }
    /// `collect` runs at each scrape, on the thread that scrapes. It must be quick, and emit few series: they are not bounded here.
    void collected(MetricKind kind, std::string name, std::string help, std::vector<std::string> label_names,
                   std::function<void(Collected&)> collect);

    /// All metrics as text.
    std::string text(ExpositionFormat format) const;

    MetricCells& cells() noexcept { return cells_; }

private:
    friend class detail::FamilyState;
    struct CollectedFamily {
        MetricKind kind;
        std::string name;
        std::string help;
        std::vector<std::string> label_names;
        std::function<void(Collected&)> collect;
    };
    detail::FamilyState& add_family(MetricKind kind, std::string name, std::string help, std::vector<Label> labels,
                                    std::span<const double> bounds);
    void check_new_name(MetricKind kind, const std::string& name) const;
    /// Whether so many more lines of text still fit; they are taken when they do.
    bool take_lines(std::size_t count) noexcept;

    std::atomic<std::size_t> lines_left_;
    MetricCells cells_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<detail::FamilyState>> families_;
    std::vector<CollectedFamily> collected_;
};

}  // namespace sentinel::telemetry
