#include "platform/postgres/errors.hpp"

#include <utility>
#include <vector>

namespace sentinel::postgres {

namespace {

platform::ServiceError internal_error() { return {platform::ErrorCode::internal_error, "An internal error occurred."}; }

/// Ids separated by commas.
std::vector<std::string> path_of(std::string_view detail) {
    std::vector<std::string> path;
    while (!detail.empty()) {
        const std::size_t end = detail.find(',');
        path.emplace_back(detail.substr(0, end));
        detail.remove_prefix(end == std::string_view::npos ? detail.size() : end + 1);
    }
    return path;
}

bool in_class(std::string_view sqlstate, std::string_view two) noexcept { return sqlstate.starts_with(two); }

/// Classes whose messages quote the values that were sent or stored.
bool quotes_values(std::string_view sqlstate) noexcept {
    return in_class(sqlstate, "22") || in_class(sqlstate, "23") || in_class(sqlstate, "P0") || in_class(sqlstate, "S");
}

template <class Error>
std::exception_ptr as(Diagnostic diagnostic) {
    return std::make_exception_ptr(Error(std::move(diagnostic)));
}

/// Read-only (25006), out of disk, memory or connections (53), and what a lost or starting server says.
bool is_unavailable(std::string_view sqlstate) noexcept {
    return ends_connection(sqlstate) || in_class(sqlstate, "53") || in_class(sqlstate, "58") || sqlstate == "25006";
}

}  // namespace

std::string Diagnostic::line() const {
    std::string line = "database";
    const auto append = [&line](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        line += ' ';
        line += name;
        line += '=';
        line += value;
    };
    append("sqlstate", sqlstate);
    append("statement", statement);
    append("constraint", constraint);
    append("table", table);
    append("text", text);
    return line;
}

DatabaseError::DatabaseError(platform::ServiceError error, Diagnostic diagnostic)
    : ServiceError(std::move(error)), diagnostic_(std::move(diagnostic)) {
    if (quotes_values(diagnostic_.sqlstate)) diagnostic_.text.clear();
}

InternalDatabaseError::InternalDatabaseError(Diagnostic diagnostic) : DatabaseError(internal_error(), std::move(diagnostic)) {}
DatabaseUnavailable::DatabaseUnavailable(Diagnostic diagnostic) : DatabaseError(platform::unavailable(), std::move(diagnostic)) {}
CommitOutcomeUnknown::CommitOutcomeUnknown(Diagnostic diagnostic)
    : DatabaseError(platform::unavailable(), std::move(diagnostic)) {}
StatementTimeout::StatementTimeout(Diagnostic diagnostic) : DatabaseError(platform::unavailable(), std::move(diagnostic)) {}
RetryableConflict::RetryableConflict(Diagnostic diagnostic) : DatabaseError(platform::unavailable(), std::move(diagnostic)) {}
ConstraintViolation::ConstraintViolation(Diagnostic diagnostic) : DatabaseError(internal_error(), std::move(diagnostic)) {}
RaisedException::RaisedException(Diagnostic diagnostic) : DatabaseError(internal_error(), std::move(diagnostic)) {}
HierarchyRefused::HierarchyRefused(Diagnostic diagnostic)
    : DatabaseError(platform::cycle(path_of(diagnostic.detail), "The hierarchy would contain itself or nest too deep."),
                    std::move(diagnostic)) {}

bool ends_connection(std::string_view sqlstate) noexcept {
    return in_class(sqlstate, "08") || in_class(sqlstate, "57P") || sqlstate == "25P03";
}

std::exception_ptr exception_of(Diagnostic diagnostic) {
    const std::string sqlstate = diagnostic.sqlstate;
    if (sqlstate == "23505") return as<UniqueViolation>(std::move(diagnostic));
    if (sqlstate == "23503") return as<ForeignKeyViolation>(std::move(diagnostic));
    if (sqlstate == "23514") return as<CheckViolation>(std::move(diagnostic));
    if (sqlstate == "23502") return as<NotNullViolation>(std::move(diagnostic));
    if (sqlstate == "23P01") return as<ExclusionViolation>(std::move(diagnostic));
    if (in_class(sqlstate, "23")) return as<ConstraintViolation>(std::move(diagnostic));
    if (sqlstate == "40001") return as<SerializationFailure>(std::move(diagnostic));
    if (sqlstate == "40P01") return as<Deadlock>(std::move(diagnostic));
    if (sqlstate == "57014" || sqlstate == "55P03") return as<StatementTimeout>(std::move(diagnostic));
    if (is_unavailable(sqlstate)) return as<DatabaseUnavailable>(std::move(diagnostic));
    if (sqlstate == "22021" || sqlstate == "22P05") return as<InvalidParameter>(std::move(diagnostic));
    if (sqlstate == "SE001") return as<HierarchyRefused>(std::move(diagnostic));
    if (sqlstate == "P0001" || in_class(sqlstate, "S")) return as<RaisedException>(std::move(diagnostic));
    return as<InternalDatabaseError>(std::move(diagnostic));
}

}  // namespace sentinel::postgres
