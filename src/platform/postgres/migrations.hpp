#pragma once
/// The schema's migrations as they were when the program was built (migrations/*.sql).

#include <span>
#include <string_view>

namespace sentinel::postgres {

struct Migration {
    int version;                ///< 1, 2, 3 …
    std::string_view name;      ///< `foundation`
    std::string_view checksum;  ///< SHA-256 of the text, 64 lower-case hexadecimal digits
    std::string_view text;      ///< SQL statements, run in one transaction
};

/// In order of version, without gaps.
std::span<const Migration> embedded_migrations() noexcept;

}  // namespace sentinel::postgres
