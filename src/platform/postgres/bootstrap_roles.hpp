#pragma once
/// The two roles: sentinel_owner owns and migrates, sentinel_app serves.

#include <string>
#include <vector>

#include "platform/postgres/setup_connection.hpp"

namespace sentinel::postgres {

inline constexpr const char* owner_role = "sentinel_owner";
inline constexpr const char* serving_role = "sentinel_app";
inline constexpr const char* database_name = "sentinel_db";
/// The one value of DATABASE_SCHEMA: the migrations name their schemas.
inline constexpr const char* schema_name = "sentinel";

/// What makes both roles and the database in an empty cluster, one statement a line. Run by a superuser.
std::string bootstrap_statements();

/// Before migrating: is this sentinel_owner, does the database belong to it, is sentinel_app there? Makes sentinel_app where the
/// connecting role may. Throws SetupError (not_permitted) with the statements that an administrator has to run.
void ensure_roles(SetupConnection& owner);

/// What is wrong with the role that this connection serves as; empty = nothing.
std::vector<std::string> serving_role_faults(SetupConnection& connection);

}  // namespace sentinel::postgres
