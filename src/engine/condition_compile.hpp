#pragma once
/// Compiles a conditions object into its flat program.

#include "core/error.hpp"
#include "engine/condition_program.hpp"

namespace sentinel::engine::conditions {

/// Fills the program from its `source`, which must not move afterwards. Returns every fault; with any, the program is of no use.
core::Faults compile(Program& program);

}  // namespace sentinel::engine::conditions
