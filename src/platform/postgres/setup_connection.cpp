#include "platform/postgres/setup_connection.hpp"

#include <utility>

#include <libpq-fe.h>

namespace sentinel::postgres {

namespace {

struct CloseConnection {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ConnectionHandle = std::unique_ptr<PGconn, CloseConnection>;
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

std::string without_line_end(const char* text) {
    std::string line = text == nullptr ? "" : text;
    while (!line.empty() && line.back() == '\n') line.pop_back();
    return line;
}

std::string field_of(const PGresult* result, int field) { return without_line_end(PQresultErrorField(result, field)); }

void ignore_notice(void*, const PGresult*) {}

void check(PGconn* connection, const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    if (PQstatus(connection) == CONNECTION_BAD) {
        throw SetupError(SetupError::Kind::unreachable,
                         "The connection to PostgreSQL broke: " + without_line_end(PQerrorMessage(connection)));
    }
    std::string message = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
    if (const std::string detail = field_of(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) message += " (" + detail + ")";
    throw SetupError(SetupError::Kind::statement, message, field_of(result, PG_DIAG_SQLSTATE));
}

}  // namespace

struct SetupConnection::Implementation {
    ConnectionHandle connection;
};

SetupConnection::SetupConnection(const platform::Secret& connection_info) : implementation_(std::make_unique<Implementation>()) {
    implementation_->connection.reset(PQconnectdb(connection_info.reveal().c_str()));
    PGconn* const connection = implementation_->connection.get();
    if (PQstatus(connection) != CONNECTION_OK) {
        throw SetupError(SetupError::Kind::unreachable,
                         "PostgreSQL does not let us in: " + without_line_end(PQerrorMessage(connection)));
    }
    PQsetNoticeReceiver(connection, ignore_notice, nullptr);
}

SetupConnection::~SetupConnection() = default;
SetupConnection::SetupConnection(SetupConnection&& other) noexcept = default;
SetupConnection& SetupConnection::operator=(SetupConnection&& other) noexcept = default;

SetupRows SetupConnection::query(std::string_view statement, std::initializer_list<SetupValue> parameters) {
    std::vector<const char*> values;
    for (const SetupValue& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
    PGconn* const connection = implementation_->connection.get();
    const ResultHandle result(PQexecParams(connection, std::string(statement).c_str(), static_cast<int>(values.size()), nullptr,
                                           values.data(), nullptr, nullptr, 0));
    check(connection, result.get());
    SetupRows rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (int row = 0; row < PQntuples(result.get()); ++row) {
        for (int column = 0; column < PQnfields(result.get()); ++column) {
            SetupValue& value = rows[static_cast<std::size_t>(row)].emplace_back();
            if (!PQgetisnull(result.get(), row, column)) value = PQgetvalue(result.get(), row, column);
        }
    }
    return rows;
}

std::string SetupConnection::value(std::string_view statement, std::initializer_list<SetupValue> parameters) {
    return query(statement, parameters).at(0).at(0).value();
}

void SetupConnection::run(std::string_view script) {
    PGconn* const connection = implementation_->connection.get();
    const ResultHandle result(PQexec(connection, std::string(script).c_str()));
    check(connection, result.get());
}

bool SetupConnection::in_transaction() const noexcept {
    return PQtransactionStatus(implementation_->connection.get()) == PQTRANS_INTRANS;
}

}  // namespace sentinel::postgres
