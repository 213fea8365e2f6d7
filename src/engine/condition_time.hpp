#pragma once
/// Windows of local time, and when the clock alone can change the truth of a condition.

#include "engine/condition.hpp"
#include "engine/condition_program.hpp"

namespace sentinel::engine::conditions {

bool holds(const TimeWindow& window, Instant instant) noexcept;
bool holds(const Weekdays& weekdays, Instant instant) noexcept;

/// Fills program.time_leaves and edges_computable from the leaves.
void find_time_leaves(Program& program);
TimeEdge next_edge(const Program& program, Instant now);

}  // namespace sentinel::engine::conditions
