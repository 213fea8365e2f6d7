#pragma once
/// Greedy minimisation of a case that shows a difference.

#include <functional>

#include "dump.hpp"

namespace sentinel::differential {

/// Drops list items and members of the case as long as `still_differs` holds, until nothing more can go; stops after a number of
/// attempts that keeps it within some seconds. REQUIRES: still_differs(one).
Case minimise(const Case& one, const std::function<bool(const Case&)>& still_differs);

}  // namespace sentinel::differential
