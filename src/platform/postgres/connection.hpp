#pragma once
/// One libpq connection in pipeline mode on an io_context. Inside of platform/postgres only.

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "platform/postgres/database.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/parameters.hpp"
#include "platform/postgres/result.hpp"
#include "platform/postgres/statement.hpp"

struct pg_conn;
struct pg_cancel;

namespace sentinel::postgres {

struct CancelRelease {
    void operator()(pg_cancel* cancel) const noexcept;
};
/// What ends a running statement from another thread.
using CancelHandle = std::unique_ptr<pg_cancel, CancelRelease>;
/// Blocks.
void cancel_statement(const CancelHandle& handle) noexcept;

/// What the server answered to one thing that was sent.
struct Arrival {
    enum class Kind : std::uint8_t { prepare, statement, sync };
    Kind kind = Kind::statement;
    std::uint64_t sequence = 0;
    Result result;
    std::string command;       ///< command tag of a statement that gave no rows: `COMMIT`, `ROLLBACK`
    std::exception_ptr error;  ///< null = done
    bool aborted = false;      ///< not run, because of an error before it
};

class Connection {
public:
    using Clock = std::chrono::steady_clock;

    Connection(boost::asio::any_io_executor executor, const DatabaseOptions& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Connects; throws DatabaseUnavailable.
    boost::asio::awaitable<void> open();

    /// Puts a statement, prepared before when it is new here, into the pipeline; returns its sequence number.
    std::uint64_t send(const Statement& statement, Parameters& parameters);
    /// Ends the implicit transaction and what an error aborted.
    void send_sync();
    /// Asks the server to answer all that was sent so far, and writes it out; false when bytes are left: then flush_rest() is due.
    bool try_flush();
    boost::asio::awaitable<void> flush_rest();
    /// The next answer, if it has come.
    std::optional<Arrival> try_next();
    /// Waits for bytes of the server. Throws DatabaseUnavailable when it stays silent too long, system_error when cancelled.
    boost::asio::awaitable<void> wait_readable();

    /// Is an answer outstanding?
    bool has_outstanding() const noexcept { return !outstanding_.empty(); }
    /// Usable, no transaction open, nothing in the pipeline.
    bool is_idle() const noexcept;
    /// Reads the answers that are outstanding and already there; false when the connection is lost.
    bool settle_what_came();
    /// The same, waiting for all of them.
    boost::asio::awaitable<void> settle();
    /// Without a round trip: did the server close it?
    bool is_alive();
    bool is_condemned() const noexcept { return condemned_; }
    /// Never use it again.
    void condemn() noexcept { condemned_ = true; }
    Clock::time_point opened_at() const noexcept { return opened_at_; }
    CancelHandle cancel_handle() const;

    /// Called now and then: ends a wait whose time is over.
    void check_deadline(Clock::time_point now);

    Clock::time_point idle_since{};
    Parameters scratch;

private:
    struct Outstanding {
        Arrival::Kind kind;
        std::uint64_t sequence;
        std::string_view name;
    };
    struct Prepared {
        std::string name;  ///< ends with NUL, as libpq wants it
        std::string_view text;
    };
    struct ConnectionRelease {
        void operator()(pg_conn* connection) const noexcept;
    };
    enum class Direction : std::uint8_t { read, write, either };

    boost::asio::awaitable<void> start();
    boost::asio::awaitable<void> wait(Direction direction);
    void watch_socket();
    const Prepared& prepare(const Statement& statement);
    Arrival arrival_of(const Outstanding& outstanding, pg_result* raw);
    std::exception_ptr error_of(const pg_result* result, std::string_view statement);
    [[noreturn]] void lose(std::string text);

    const DatabaseOptions* options_;
    boost::asio::posix::stream_descriptor descriptor_;
    std::unique_ptr<pg_conn, ConnectionRelease> connection_;
    std::unordered_map<std::string_view, Prepared> prepared_;
    std::deque<Outstanding> outstanding_;
    std::uint64_t sequence_ = 0;
    bool flush_requested_ = true;
    bool condemned_ = false;
    bool broken_ = false;
    bool waiting_ = false;
    bool timed_out_ = false;
    std::chrono::milliseconds silence_limit_;
    Clock::time_point deadline_{};
    Clock::time_point opened_at_{};
};

}  // namespace sentinel::postgres
