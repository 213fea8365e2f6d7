#pragma once
/// What a database call can throw. Every one is a platform::ServiceError, so that one which nobody catches becomes the right
/// answer (503 or 500) by itself, and its message says nothing about statement, server or data.

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "platform/service/error.hpp"

namespace sentinel::postgres {

/// What happened, for the log. Holds no parameter and no row.
struct Diagnostic {
    std::string sqlstate;    ///< five characters; empty when the fault is not the server's
    std::string statement;   ///< name of the statement
    std::string constraint;  ///< name of the constraint that was broken
    std::string table;
    std::string text;    ///< only where it cannot quote values: never for SQLSTATE classes 22, 23 and P0
    std::string detail;  ///< of an exception that a function of ours raised; only ids, by contract, and never logged

    /// One line.
    std::string line() const;
};

/// Base of all. REQUIRES nothing of catchers: uncaught it is INTERNAL_ERROR or UNAVAILABLE.
class DatabaseError : public platform::ServiceError {
public:
    const Diagnostic& diagnostic() const noexcept { return diagnostic_; }

protected:
    DatabaseError(platform::ServiceError error, Diagnostic diagnostic);

private:
    Diagnostic diagnostic_;
};

/// A fault of ours: wrong SQL, wrong type read, missing right (500).
class InternalDatabaseError : public DatabaseError {
public:
    explicit InternalDatabaseError(Diagnostic diagnostic);
    explicit InternalDatabaseError(std::string text) : InternalDatabaseError(Diagnostic{.text = std::move(text)}) {}
};

/// A value that PostgreSQL cannot hold: NUL byte, invalid UTF-8, an instant outside its years (500: the binder refuses such
/// input earlier).
class InvalidParameter final : public InternalDatabaseError {
public:
    using InternalDatabaseError::InternalDatabaseError;
};

/// No connection, server shutting down, too many connections, read-only, disk full, pool exhausted (503).
class DatabaseUnavailable : public DatabaseError {
public:
    explicit DatabaseUnavailable(Diagnostic diagnostic);
    explicit DatabaseUnavailable(std::string text) : DatabaseUnavailable(Diagnostic{.text = std::move(text)}) {}
};

/// COMMIT was sent and no answer came: the write may or may not be there (503). Never report it as success or plain failure.
class CommitOutcomeUnknown final : public DatabaseError {
public:
    explicit CommitOutcomeUnknown(Diagnostic diagnostic);
};

/// A statement ran into `statement_timeout`, a lock into `lock_timeout`, or it was cancelled (503).
class StatementTimeout final : public DatabaseError {
public:
    explicit StatementTimeout(Diagnostic diagnostic);
};

/// Serialization failure or deadlock: the same transaction may succeed when run again (503).
class RetryableConflict : public DatabaseError {
public:
    explicit RetryableConflict(Diagnostic diagnostic);
};
class SerializationFailure final : public RetryableConflict {
public:
    using RetryableConflict::RetryableConflict;
};
class Deadlock final : public RetryableConflict {
public:
    using RetryableConflict::RetryableConflict;
};

/// A constraint was broken. Services that expect it turn it into `platform::conflict(…)`; uncaught it is a fault of ours (500).
class ConstraintViolation : public DatabaseError {
public:
    explicit ConstraintViolation(Diagnostic diagnostic);
    const std::string& constraint() const noexcept { return diagnostic().constraint; }
    const std::string& table() const noexcept { return diagnostic().table; }
};
class UniqueViolation final : public ConstraintViolation {
public:
    using ConstraintViolation::ConstraintViolation;
};
class ForeignKeyViolation final : public ConstraintViolation {
public:
    using ConstraintViolation::ConstraintViolation;
};
class CheckViolation final : public ConstraintViolation {
public:
    using ConstraintViolation::ConstraintViolation;
};
class NotNullViolation final : public ConstraintViolation {
public:
    using ConstraintViolation::ConstraintViolation;
};
class ExclusionViolation final : public ConstraintViolation {
public:
    using ConstraintViolation::ConstraintViolation;
};

/// RAISE EXCEPTION of a function or trigger of our own (SQLSTATE P0001, or a code of ours that begins with `S`). `sqlstate` tells
/// which; uncaught it is a fault of ours (500).
class RaisedException final : public DatabaseError {
public:
    explicit RaisedException(Diagnostic diagnostic);
    const std::string& sqlstate() const noexcept { return diagnostic().sqlstate; }
};

/// A row would make a hierarchy contain itself or nest too deep (SQLSTATE SE001, whose detail is the path of ids): 409 CYCLE.
class HierarchyRefused final : public DatabaseError {
public:
    explicit HierarchyRefused(Diagnostic diagnostic);
};

/// The one place where SQLSTATEs become types.
[[nodiscard]] std::exception_ptr exception_of(Diagnostic diagnostic);
/// Does this SQLSTATE say that the connection or the server is gone or going?
bool ends_connection(std::string_view sqlstate) noexcept;

}  // namespace sentinel::postgres
