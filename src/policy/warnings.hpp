#pragma once
/// What is legal in a policy document but hardly meant.

#include <vector>

#include "policy/document.hpp"
#include "policy/problem.hpp"

namespace sentinel::policy {

/// Segments of the paths of permissions and grants that name no resource (06 rule 2; only where the document registers any) or
/// that no question's path can have. Without lines: those are known to whoever has the text.
std::vector<Problem> warnings(const Document& document);

}  // namespace sentinel::policy
