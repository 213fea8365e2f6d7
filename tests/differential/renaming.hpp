#pragma once
/// The same tenant under other ids, names and codes, stored in another order.

#include "generator.hpp"

namespace sentinel::differential {

/// Every id, role, group and subject name and every code or plain text of a path gets another one, consistently in rows, conditions,
/// attributes and questions; every list is shuffled. REQUIRES: a world generated with `renamable`.
World rename(Random& random, const World& world);

}  // namespace sentinel::differential
