#pragma once
/// One connection: reads requests one after the other, has them answered, writes the answers in the same order.

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "platform/http/request_check.hpp"
#include "platform/http/request_chunks.hpp"
#include "platform/http/request_head.hpp"
#include "platform/http/server_worker.hpp"
#include "platform/http/session_input.hpp"
#include "platform/http/stream.hpp"
#include "platform/http/target.hpp"

namespace sentinel::http {

/// Where a connection comes from and what it may do.
struct Peer {
    core::IpAddress address;
    bool is_management = false;
    bool is_trusted = false;
    bool is_turned_away = false;  ///< it is only told that there is no room
};

class Session {
public:
    using Clock = std::chrono::steady_clock;

    Session(std::shared_ptr<Worker> worker, boost::asio::ip::tcp::socket socket, Peer peer);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Serves the connection to its end; the coroutine keeps it alive.
    static void start(const std::shared_ptr<Session>& session);
    /// Ends what is past its time.
    void check_time(Clock::time_point now);
    /// What waits for a next request closes soon; what is being answered is answered.
    void begin_drain(Clock::time_point now);
    /// Ends it now: a running handler is cancelled.
    void abort();

private:
    enum class Phase : std::uint8_t { idle, head, body, handling, writing, lingering };

    boost::asio::awaitable<void> run(std::shared_ptr<Session> self);
    boost::asio::awaitable<void> turn_away();
    boost::asio::awaitable<void> serve();
    boost::asio::awaitable<bool> receive_head();
    boost::asio::awaitable<bool> receive_body();
    boost::asio::awaitable<bool> receive_sized_body();
    boost::asio::awaitable<bool> receive_chunked_body();
    boost::asio::awaitable<std::size_t> read_into(std::span<char> space);
    boost::asio::awaitable<void> answer();
    boost::asio::awaitable<bool> send();
    boost::asio::awaitable<bool> send_all(std::string_view head, std::string_view body);
    boost::asio::awaitable<bool> send_rest(std::string_view head, std::string_view body, std::size_t sent);
    boost::asio::awaitable<void> linger();

    void begin_request();
    bool understand_head();
    bool understand_framing(const Head& head);
    void place_origin();
    void choose_request_id();
    bool take_present_body() noexcept;
    void end_request();
    bool may_go_on();
    void write_failure(const std::exception_ptr& failure);
    void refuse(const Refusal& refusal) { refusal_ = refusal; }
    void refuse_for_time();
    bool has_more_bytes();
    void enter(Phase phase, Clock::time_point deadline) noexcept;
    void expire();
    bool is_too_slow(Clock::time_point now) const noexcept;
    std::size_t write_now(std::string_view head, std::string_view body, boost::system::error_code& fault);

    std::shared_ptr<Worker> worker_;
    Stream stream_;
    Peer peer_;
    Worker::Sessions::iterator place_;
    boost::asio::cancellation_signal cancel_;
    Phase phase_ = Phase::idle;
    bool expired_ = false;
    bool aborted_ = false;
    bool has_served_ = false;
    const Clock::time_point connected_ = Clock::now();
    Clock::time_point deadline_;
    Clock::time_point phase_start_;
    std::size_t phase_bytes_ = 0;

    SessionInput input_;
    HeadScanner scanner_;
    std::size_t head_size_ = 0;
    std::size_t request_size_ = 0;  ///< of the bytes in `input_`
    Framing framing_;
    std::size_t body_limit_ = 0;
    ChunkedBody chunks_;
    std::string body_;  ///< one that is not in `input_` as it stands
    std::string decoded_path_;
    std::string request_id_;
    Request request_;
    Response response_;
    std::string output_;
    std::optional<Refusal> refusal_;
};

}  // namespace sentinel::http
