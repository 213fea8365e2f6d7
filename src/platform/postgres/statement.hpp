#pragma once
/// A named SQL statement. Repositories hold them as constants; nothing assembles SQL at run time.

#include <span>
#include <string_view>

namespace sentinel::postgres {

/// Prepared once per connection under its name. `name` is unique in the program and at most 63 bytes (`users.find`).
/// The parameters' types are those that the server infers: write `$1::bigint` where it cannot.
/// REQUIRES: both texts live as long as the program.
struct Statement {
    std::string_view name;
    std::string_view text;
};

/// What a module offers to the tests that EXPLAIN every statement.
using StatementList = std::span<const Statement* const>;

}  // namespace sentinel::postgres
