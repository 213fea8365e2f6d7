#pragma once
/// The statements of sessions and tokens, for the list of this module.

#include "platform/postgres/statement.hpp"

namespace sentinel::auth {

postgres::StatementList session_statements() noexcept;

}  // namespace sentinel::auth
