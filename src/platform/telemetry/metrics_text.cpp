#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "platform/telemetry/metrics.hpp"

namespace sentinel::telemetry {

namespace {

std::string_view type_text(MetricKind kind) {
    switch (kind) {
        case MetricKind::counter: return "counter";
        case MetricKind::histogram: return "histogram";
        default: return "gauge";
    }
}

/// Prometheus escapes three characters in a label's value, two of them in a help text.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
    for (const char letter : text) {
        if (letter == '\n') {
            out += "\\n";
        } else {
            if (letter == '\\' || (quotes && letter == '"')) out += '\\';
            out += letter;
        }
    }
}

void append_number(std::string& out, double number) {
    if (std::isnan(number)) {
        out += "NaN";
    } else if (std::isinf(number)) {
        out += number > 0 ? "+Inf" : "-Inf";
    } else {
        fmt::format_to(std::back_inserter(out), "{}", number);
    }
}

/// Writes metrics one after the other.
class TextWriter {
public:
    explicit TextWriter(ExpositionFormat format) : format_(format) {}

    void begin(MetricKind kind, std::string_view name, std::string_view help) {
        name_ = fmt::format("sentinel_{}", name);
        std::string_view family = name_;
        // OpenMetrics names a counter's family without the suffix that its samples carry.
        if (format_ == ExpositionFormat::openmetrics && kind == MetricKind::counter) family.remove_suffix(6);
        fmt::format_to(std::back_inserter(out_), "# HELP {} ", family);
        append_escaped(out_, help, format_ == ExpositionFormat::openmetrics);
        fmt::format_to(std::back_inserter(out_), "\n# TYPE {} {}\n", family, type_text(kind));
    }

    /// One sample; `bound` is the value of the label `le` of a bucket.
    template <class Names, class Values>
    void sample(std::string_view suffix, const Names& names, const Values& values, const auto& number,
                std::string_view bound = {}) {
        out_ += name_;
        out_ += suffix;
        char before = '{';
        auto value = std::begin(values);
        for (const auto& name : names) append_label(before, name, *value++);
        if (!bound.empty()) append_label(before, "le", bound);
        if (before == ',') out_ += '}';
        out_ += ' ';
        if constexpr (std::is_same_v<std::decay_t<decltype(number)>, double>) {
            append_number(out_, number);
        } else {
            fmt::format_to(std::back_inserter(out_), "{}", number);
        }
        out_ += '\n';
    }

    std::string finish() && {
        if (format_ == ExpositionFormat::openmetrics) out_ += "# EOF\n";
        return std::move(out_);
    }

private:
    void append_label(char& before, std::string_view name, std::string_view value) {
        fmt::format_to(std::back_inserter(out_), "{}{}=\"", before, name);
        append_escaped(out_, value, true);
        out_ += '"';
        before = ',';
    }

    ExpositionFormat format_;
    std::string name_;
    std::string out_;
};

class CollectedWriter final : public Collected {
public:
    CollectedWriter(TextWriter& writer, const std::vector<std::string>& names) : writer_(writer), names_(names) {}
    void add(std::initializer_list<std::string_view> label_values, double value) override {
        if (label_values.size() == names_.size()) writer_.sample("", names_, label_values, value);
    }

private:
    TextWriter& writer_;
    const std::vector<std::string>& names_;
};

using Names = std::vector<std::string_view>;

void append_histogram(TextWriter& writer, const Names& names, const detail::Series& series, const std::vector<double>& bounds,
                      const MetricCells& cells) {
    std::uint64_t count = 0;
    for (std::size_t bucket = 0; bucket <= bounds.size(); ++bucket) {
        count += cells.sum(series.first_cell + static_cast<std::uint32_t>(bucket));
        const std::string bound = bucket < bounds.size() ? fmt::format("{}", bounds[bucket]) : "+Inf";
        writer.sample("_bucket", names, series.label_values, count, bound);
    }
    writer.sample("_sum", names, series.label_values,
                  cells.sum_real(series.first_cell + static_cast<std::uint32_t>(bounds.size()) + 1));
    writer.sample("_count", names, series.label_values, count);
}

void append_series(TextWriter& writer, const Names& names, const detail::Series& series, const detail::FamilyState& family,
                   const MetricCells& cells) {
    switch (family.kind()) {
        case MetricKind::counter: writer.sample("", names, series.label_values, cells.sum(series.first_cell)); return;
        case MetricKind::level:
            writer.sample("", names, series.label_values, static_cast<std::int64_t>(cells.sum(series.first_cell)));
            return;
        case MetricKind::gauge:
            writer.sample("", names, series.label_values, series.gauge->load(std::memory_order_relaxed));
            return;
        case MetricKind::histogram: append_histogram(writer, names, series, family.bounds(), cells); return;
    }
}

}  // namespace

ExpositionFormat choose_exposition(std::string_view accept) noexcept {
    return accept.contains("application/openmetrics-text") ? ExpositionFormat::openmetrics : ExpositionFormat::prometheus;
}

std::string_view content_type(ExpositionFormat format) noexcept {
    return format == ExpositionFormat::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                   : "text/plain; version=0.0.4; charset=utf-8";
}

std::string MetricsRegistry::text(ExpositionFormat format) const {
    TextWriter writer(format);
    const std::lock_guard lock(mutex_);
    for (const auto& family : families_) {
        writer.begin(family->kind(), family->name(), family->help());
        Names names;
        for (const auto& label : family->labels()) names.push_back(label.name);
        family->visit([&](const detail::Series& series) { append_series(writer, names, series, *family, cells_); });
    }
    for (const auto& family : collected_) {
        writer.begin(family.kind, family.name, family.help);
        CollectedWriter collected(writer, family.label_names);
        family.collect(collected);
    }
    return std::move(writer).finish();
}

}  // namespace sentinel::telemetry
