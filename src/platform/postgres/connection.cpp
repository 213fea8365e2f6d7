#include "platform/postgres/connection.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <libpq-fe.h>
#include <sys/socket.h>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/postgres/connection_target.hpp"

namespace sentinel::postgres {

namespace asio = boost::asio;

namespace {

std::string field(const pg_result* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
}

// libpq's own writes notices to stderr; they can quote values.
void ignore_notice(void*, const PGresult*) {}

// A Sync that follows finished statements is answered at once, or never.
constexpr std::chrono::milliseconds settle_limit(1000);
constexpr std::size_t longest_name = 63;  // NAMEDATALEN - 1: the server cuts the rest, and two could become one

}  // namespace

void CancelRelease::operator()(pg_cancel* cancel) const noexcept { PQfreeCancel(cancel); }

void cancel_statement(const CancelHandle& handle) noexcept {
    std::array<char, 256> message;
    PQcancel(handle.get(), message.data(), static_cast<int>(message.size()));
}

void Connection::ConnectionRelease::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

Connection::Connection(asio::any_io_executor executor, const DatabaseOptions& options)
    : options_(&options), descriptor_(std::move(executor)), silence_limit_(options.connect_timeout) {}

Connection::~Connection() {
    // The socket is libpq's: Asio must let go of it before PQfinish closes it.
    if (descriptor_.is_open()) descriptor_.release();
}

asio::awaitable<void> Connection::open() {
    co_await start();
    PQsetnonblocking(connection_.get(), 1);
    PQsetNoticeReceiver(connection_.get(), ignore_notice, nullptr);
    watch_socket();
    if (PQenterPipelineMode(connection_.get()) != 1) lose("no pipeline mode");
    opened_at_ = Clock::now();
    silence_limit_ = options_->statement_timeout + options_->response_grace;
}

asio::awaitable<void> Connection::start() {
    const Clock::time_point limit = Clock::now() + options_->connect_timeout;
    const ConnectionTarget target = co_await ConnectionTarget::resolve(*options_);
    connection_.reset(PQconnectStartParams(target.keywords().data(), target.values().data(), 0));
    if (!connection_) throw std::bad_alloc();
    PQsetNoticeReceiver(connection_.get(), ignore_notice, nullptr);
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        if (status == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD)
            lose(PQerrorMessage(connection_.get()));
        silence_limit_ = std::chrono::duration_cast<std::chrono::milliseconds>(limit - Clock::now());
        watch_socket();
        co_await wait(status == PGRES_POLLING_READING ? Direction::read : Direction::write);
        status = PQconnectPoll(connection_.get());
    }
}

void Connection::watch_socket() {
    // libpq closes a socket and opens the next, often under the same number: Asio must register it anew while connecting.
    if (descriptor_.is_open()) descriptor_.release();
    descriptor_.assign(PQsocket(connection_.get()));
}

asio::awaitable<void> Connection::wait(Direction direction) {
    using asio::experimental::awaitable_operators::operator||;
    boost::system::error_code error;
    deadline_ = Clock::now() + silence_limit_;
    waiting_ = true;
    if (direction == Direction::read) {
        co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                                        asio::redirect_error(asio::use_awaitable, error));
    } else if (direction == Direction::write) {
        co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_write,
                                        asio::redirect_error(asio::use_awaitable, error));
    } else {
        boost::system::error_code other;
        co_await (
            descriptor_.async_wait(asio::posix::descriptor_base::wait_read, asio::redirect_error(asio::use_awaitable, error)) ||
            descriptor_.async_wait(asio::posix::descriptor_base::wait_write, asio::redirect_error(asio::use_awaitable, other)));
        if (!other) error.clear();
    }
    waiting_ = false;
    if (timed_out_) lose("the server stays silent");
    if (error) {
        condemned_ = true;
        throw boost::system::system_error(error);
    }
}

void Connection::check_deadline(Clock::time_point now) {
    if (!waiting_ || now < deadline_) return;
    timed_out_ = true;
    descriptor_.cancel();
}

void Connection::lose(std::string text) {
    broken_ = true;
    condemned_ = true;
    throw DatabaseUnavailable(std::move(text));
}

asio::awaitable<void> Connection::wait_readable() {
    if (broken_) lose("connection lost");
    co_await wait(Direction::read);
    // What came before the end of the stream may still say why; try_next reads it.
    if (PQconsumeInput(connection_.get()) != 1) broken_ = condemned_ = true;
}

bool Connection::try_flush() {
    if (broken_) return true;  // nobody reads it; try_next says why
    if (!std::exchange(flush_requested_, true) && PQsendFlushRequest(connection_.get()) != 1) lose("connection lost");
    const int left = PQflush(connection_.get());
    if (left >= 0) return left == 0;
    // The server may have said why before it went: try_next looks.
    PQconsumeInput(connection_.get());
    broken_ = condemned_ = true;
    return true;
}

asio::awaitable<void> Connection::flush_rest() {
    while (!try_flush()) {
        // A server that waits for us to read its answers reads nothing of ours.
        co_await wait(Direction::either);
        if (PQconsumeInput(connection_.get()) != 1) broken_ = condemned_ = true;
    }
}

const Connection::Prepared& Connection::prepare(const Statement& statement) {
    if (const auto found = prepared_.find(statement.name); found != prepared_.end()) {
        if (found->second.text != statement.text) {
            throw InternalDatabaseError("two statements are called " + std::string(statement.name));
        }
        return found->second;
    }
    if (statement.name.empty() || statement.name.size() > longest_name) {
        throw InternalDatabaseError("unusable name of a statement: " + std::string(statement.name));
    }
    const std::string text(statement.text);
    const auto place = prepared_.emplace(statement.name, Prepared{std::string(statement.name), statement.text}).first;
    if (PQsendPrepare(connection_.get(), place->second.name.c_str(), text.c_str(), 0, nullptr) != 1) {
        prepared_.erase(place);
        lose("connection lost");
    }
    outstanding_.push_back({Arrival::Kind::prepare, 0, statement.name});
    return place->second;
}

std::uint64_t Connection::send(const Statement& statement, Parameters& parameters) {
    if (broken_) lose("connection lost");
    const Prepared& prepared = prepare(statement);
    const Parameters::Arguments& arguments = parameters.arguments();
    constexpr int binary_results = 1;
    const int sent =
        PQsendQueryPrepared(connection_.get(), prepared.name.c_str(), static_cast<int>(parameters.size()),
                            arguments.values.data(), arguments.lengths.data(), arguments.formats.data(), binary_results);
    if (sent != 1) lose("connection lost");
    outstanding_.push_back({Arrival::Kind::statement, ++sequence_, statement.name});
    flush_requested_ = false;
    if (options_->echo) options_->echo(statement);
    return sequence_;
}

void Connection::send_sync() {
    if (broken_) lose("connection lost");
    if (PQpipelineSync(connection_.get()) != 1) lose("connection lost");
    outstanding_.push_back({Arrival::Kind::sync, 0, {}});
    flush_requested_ = true;  // a Sync is answered by itself
}

std::optional<Arrival> Connection::try_next() {
    while (!outstanding_.empty()) {
        if (!broken_ && PQisBusy(connection_.get()) != 0) return std::nullopt;
        pg_result* raw = PQgetResult(connection_.get());
        if (raw == nullptr) {  // ends the results of one statement
            if (PQstatus(connection_.get()) == CONNECTION_BAD) lose("connection lost");
            continue;
        }
        const Outstanding outstanding = outstanding_.front();
        outstanding_.pop_front();
        return arrival_of(outstanding, raw);
    }
    return std::nullopt;
}

Arrival Connection::arrival_of(const Outstanding& outstanding, pg_result* raw) {
    Arrival arrival{.kind = outstanding.kind, .sequence = outstanding.sequence, .result = Result(raw)};
    const ExecStatusType status = PQresultStatus(raw);
    if (PQstatus(connection_.get()) == CONNECTION_BAD) broken_ = condemned_ = true;
    if (outstanding.kind == Arrival::Kind::sync) {
        if (status != PGRES_PIPELINE_SYNC) {
            condemned_ = true;
            arrival.error = error_of(raw, "sync");
        }
        return arrival;
    }
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        if (status == PGRES_COMMAND_OK) arrival.command = PQcmdStatus(raw);
        return arrival;
    }
    // A statement that was not prepared after all must be sent again by the next user.
    if (outstanding.kind == Arrival::Kind::prepare) prepared_.erase(outstanding.name);
    if (status == PGRES_PIPELINE_ABORTED) {
        arrival.aborted = true;
    } else {
        arrival.error = error_of(raw, outstanding.name);
    }
    return arrival;
}

std::exception_ptr Connection::error_of(const pg_result* result, std::string_view statement) {
    Diagnostic diagnostic{.sqlstate = field(result, PG_DIAG_SQLSTATE),
                          .statement = std::string(statement),
                          .constraint = field(result, PG_DIAG_CONSTRAINT_NAME),
                          .table = field(result, PG_DIAG_TABLE_NAME),
                          .text = field(result, PG_DIAG_MESSAGE_PRIMARY)};
    if (diagnostic.sqlstate.starts_with('S')) diagnostic.detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    if (diagnostic.sqlstate.empty() || ends_connection(diagnostic.sqlstate)) {
        condemned_ = true;
        return std::make_exception_ptr(DatabaseUnavailable(std::move(diagnostic)));
    }
    // A table changed under a prepared statement, or the statement is gone: a new connection prepares it anew.
    if (diagnostic.sqlstate == "26000" || field(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery") {
        condemned_ = true;
        return std::make_exception_ptr(DatabaseUnavailable(std::move(diagnostic)));
    }
    return exception_of(std::move(diagnostic));
}

bool Connection::is_idle() const noexcept {
    return !condemned_ && outstanding_.empty() && PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

bool Connection::settle_what_came() {
    if (outstanding_.empty()) return !condemned_;
    if (PQconsumeInput(connection_.get()) != 1) condemned_ = true;
    while (!condemned_ && has_outstanding()) {
        const std::optional<Arrival> arrival = try_next();
        if (!arrival) break;
        if (arrival->error || arrival->aborted) condemned_ = true;
    }
    return !condemned_;
}

asio::awaitable<void> Connection::settle() {
    const std::chrono::milliseconds limit = std::exchange(silence_limit_, settle_limit);
    while (settle_what_came() && has_outstanding()) co_await wait_readable();
    silence_limit_ = limit;
    if (!is_idle()) lose("connection not idle");
}

bool Connection::is_alive() {
    // The reason of an ended session comes before the end of its stream: two reads tell.
    constexpr int reads = 3;
    for (int read = 0; read < reads; ++read) {
        char byte = 0;
        const ssize_t peeked = recv(PQsocket(connection_.get()), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (peeked < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
        if (peeked == 0 || PQconsumeInput(connection_.get()) != 1 || PQstatus(connection_.get()) != CONNECTION_OK) return false;
    }
    return true;
}

CancelHandle Connection::cancel_handle() const { return CancelHandle(PQgetCancel(connection_.get())); }

}  // namespace sentinel::postgres
