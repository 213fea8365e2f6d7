#pragma once
/// Whether the database still guards itself as the migrations left it (spec 15 section 2 rule 4).

#include <string>
#include <vector>

#include "platform/postgres/setup_connection.hpp"

namespace sentinel::postgres {

/// One sentence for each gap in row security, policies, grants, owners, functions and triggers of every table and partition, and for
/// each right that sentinel_app must not have; empty = none. Any role of ours may ask.
std::vector<std::string> catalogue_faults(SetupConnection& connection);

}  // namespace sentinel::postgres
