#include "engine/condition_time.hpp"

#include <algorithm>

namespace sentinel::engine::conditions {

namespace {

constexpr int seconds_of_day = 86'400;

bool is_range(Operator operation) noexcept { return operation >= Operator::greater && operation <= Operator::between; }

bool is_environment(const Operand& operand) noexcept {
    return operand.is_reference && conditions::is_environment(operand.reference.source);
}

bool refers_to_environment(const Program& program, const Leaf& leaf) {
    if (is_environment(leaf.operand)) return true;
    switch (leaf.operation) {
        case Operator::between: {
            if (leaf.operand.is_reference) return false;
            return std::ranges::any_of(program.bounds[leaf.detail], [](const Operand& bound) { return is_environment(bound); });
        }
        case Operator::in:
        case Operator::not_in:
        case Operator::contains_any:
        case Operator::contains_all: {
            if (leaf.operand.is_reference) return false;
            return std::ranges::any_of(program.lists[leaf.detail].references,
                                       [](const Path& path) { return conditions::is_environment(path.source); });
        }
        default: return false;
    }
}

bool has_literal_instants(const Program& program, const Leaf& leaf) {
    if (leaf.operation != Operator::between) return leaf.operand.instant.has_value();
    if (leaf.operand.is_reference) return false;
    return std::ranges::all_of(program.bounds[leaf.detail], [](const Operand& bound) { return bound.instant.has_value(); });
}

bool has_computable_edge(const Program& program, const Leaf& leaf) {
    if (leaf.attribute.source != Source::environment_time) return false;
    if (leaf.operation == Operator::time_of_day || leaf.operation == Operator::weekday) return true;
    return is_range(leaf.operation) && has_literal_instants(program, leaf);
}

class EarliestEdge {
public:
    explicit EarliestEdge(Instant now) : now_(now) {}

    void add(Instant instant) {
        if (instant > now_ && (!earliest_ || instant < *earliest_)) earliest_ = instant;
    }

    /// The truth changes just after `instant`: that itself is early enough as an edge, unless it is now.
    void add_just_after(Instant instant) { add(instant == now_ ? next_nanosecond(instant) : instant); }

    /// The next instants at which the local time is one of `seconds`. The offset is constant until the zone's next transition,
    /// which is an edge itself, so nothing beyond it need be right.
    void add_local(const core::Zone& zone, std::initializer_list<int> seconds) {
        const int second_of_day = zone.civil(now_).second_of_day;
        for (const int second : seconds) {
            const int ahead = second > second_of_day ? second - second_of_day : second - second_of_day + seconds_of_day;
            add(Instant{now_.seconds + ahead, 0});
        }
        if (const auto transition = zone.next_transition(now_)) add(*transition);
    }

    std::optional<Instant> earliest() const { return earliest_; }

private:
    static Instant next_nanosecond(Instant instant) {
        if (instant.nanoseconds == 999'999'999) return {instant.seconds + 1, 0};
        return {instant.seconds, instant.nanoseconds + 1};
    }

    Instant now_;
    std::optional<Instant> earliest_;
};

void add_edges(const Program& program, const Leaf& leaf, EarliestEdge& edge) {
    switch (leaf.operation) {
        case Operator::time_of_day: {
            const TimeWindow& window = program.windows[leaf.detail];
            return edge.add_local(window.zone, {window.from, window.to});
        }
        case Operator::weekday: return edge.add_local(program.weekdays[leaf.detail].zone, {0});
        case Operator::greater:
        case Operator::less_or_equal: return edge.add_just_after(*leaf.operand.instant);
        case Operator::between: {
            const auto& [low, high] = program.bounds[leaf.detail];
            edge.add(*low.instant);
            return edge.add_just_after(*high.instant);
        }
        default: return edge.add(*leaf.operand.instant);
    }
}

}  // namespace

bool holds(const TimeWindow& window, Instant instant) noexcept {
    const int second = window.zone.civil(instant).second_of_day;
    if (window.from < window.to) return window.from <= second && second < window.to;
    return window.from <= second || second < window.to;
}

bool holds(const Weekdays& weekdays, Instant instant) noexcept {
    return (weekdays.mask >> weekdays.zone.civil(instant).weekday & 1u) != 0;
}

void find_time_leaves(Program& program) {
    for (std::uint32_t index = 0; index < program.leaves.size(); ++index) {
        const Leaf& leaf = program.leaves[index];
        const bool on_environment = conditions::is_environment(leaf.attribute.source) && leaf.operation != Operator::exists;
        if (on_environment && has_computable_edge(program, leaf)) {
            program.time_leaves.push_back(index);
        } else if (on_environment || refers_to_environment(program, leaf)) {
            program.edges_computable = false;
        }
    }
}

TimeEdge next_edge(const Program& program, Instant now) {
    if (!program.edges_computable) return {.computable = false, .next = std::nullopt};
    EarliestEdge edge(now);
    for (const std::uint32_t index : program.time_leaves) add_edges(program, program.leaves[index], edge);
    return {.computable = true, .next = edge.earliest()};
}

}  // namespace sentinel::engine::conditions
