#include "platform/http/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>

#include "platform/http/error_body.hpp"
#include "platform/http/forwarded.hpp"
#include "platform/http/response_writer.hpp"

namespace sentinel::http {

namespace asio = boost::asio;
using asio::awaitable;
using boost::system::error_code;
using platform::ErrorCode;
using platform::ServiceError;

namespace {

constexpr auto resumed = asio::as_tuple(asio::deferred);
constexpr std::size_t copied_body = 16 * 1024;   // above it a body goes out from where it is
constexpr std::size_t kept_memory = 64 * 1024;   // of one request for the next one
constexpr std::size_t chunk_scratch = 4 * 1024;  // room for reading a chunked body behind its head
constexpr auto slow_start = std::chrono::seconds(5);

}  // namespace

Session::Session(std::shared_ptr<Worker> worker, asio::ip::tcp::socket socket, Peer peer)
    : worker_(std::move(worker)),
      stream_(std::move(socket), peer.is_management ? nullptr : worker_->tls()),
      peer_(peer),
      place_(worker_->join(*this)),
      deadline_(connected_ + (worker_->is_draining() ? worker_->limits().linger_time : worker_->limits().header_time)),
      scanner_({worker_->limits().request_line, worker_->limits().headers, worker_->limits().header_count}) {
    request_.peer_address = peer_.address;
    request_.is_management = peer_.is_management;
    request_.is_trusted_peer = peer_.is_trusted;
}

Session::~Session() {
    if (peer_.is_turned_away) {
        --worker_->turned_away;
    } else {
        worker_->state().counts.leave(peer_.address, peer_.is_management, peer_.is_trusted);
        worker_->observer().connection_closed(peer_.is_management);
    }
    error_code ignored;
    stream_.socket().close(ignored);
    worker_->leave(place_);
}

void Session::start(const std::shared_ptr<Session>& session) {
    const auto report = [worker = session->worker_](const std::exception_ptr& failure) {
        if (!failure) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) { worker->observer().failed({}, error.what()); }
    };
    asio::co_spawn(session->worker_->context(), session->run(session),
                   asio::bind_cancellation_slot(session->cancel_.slot(), report));
}

awaitable<void> Session::run(std::shared_ptr<Session> self) {
    static_cast<void>(self);
    error_code fault;
    stream_.socket().non_blocking(true, fault);
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), fault);
    const bool is_open = co_await stream_.open();
    if (!is_open) co_return;
    if (peer_.is_turned_away) {
        co_await turn_away();
    } else {
        co_await serve();
    }
    co_await linger();
}

awaitable<void> Session::turn_away() {
    begin_request();
    response_.clear();
    write_error(response_, platform::unavailable(), request_id_, worker_->state().clock().now());
    response_.close = true;
    co_await send();
}

awaitable<void> Session::serve() {
    while (true) {
        const bool has_head = co_await receive_head();
        if (!has_head || !understand_head()) break;
        if (!take_present_body()) {
            const bool has_body = co_await receive_body();
            if (!has_body) break;
        }
        co_await answer();
        const bool sent = co_await send();
        if (!sent || response_.close) co_return;
        end_request();
    }
    if (!refusal_) co_return;
    response_.clear();
    write_error(response_, error_of(*refusal_), request_id_, worker_->state().clock().now());
    response_.close = true;
    co_await send();
}

// --- Reading -------------------------------------------------------------------------------------------------------------------

awaitable<bool> Session::receive_head() {
    scanner_.restart();
    request_id_.clear();
    if (!input_.unread().empty()) begin_request();
    while (true) {
        // After a request that was answered, what can begin no other is the rest of a miscounted body: nobody waits for an answer.
        if (has_served_ && !input_.unread().empty() && !is_token_character(input_.unread().front())) co_return false;
        const auto found = scanner_.scan(input_.unread());
        if (!found) {
            choose_request_id();
            refuse(found.error());
            co_return false;
        }
        if (*found) {
            head_size_ = **found;
            co_return true;
        }
        if (input_.space().empty()) input_.extend(input_.reach() + 1);
        const bool is_first = input_.unread().empty();
        const std::size_t count = co_await read_into(input_.space());
        if (count == 0) co_return false;
        if (is_first) begin_request();
        input_.received(count);
    }
}

void Session::begin_request() {
    request_.started = Clock::now();
    // The first head's time runs from the connection's start.
    enter(Phase::head, (has_served_ ? request_.started : connected_) + worker_->limits().header_time);
    request_.headers.clear();
    request_.method = Method::get;
    request_.target = request_.path = request_.query = request_.body = {};
    if (peer_.is_turned_away) choose_request_id();
}

awaitable<std::size_t> Session::read_into(std::span<char> space) {
    auto [fault, count] = co_await stream_.read_some(asio::buffer(space.data(), space.size()), resumed);
    if (!expired_) co_return fault ? 0 : count;
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    expired_ = false;
    if (!fault) co_return count;
    if (phase_ == Phase::idle && !aborted_ && !stream_.is_secure()) {
        // What arrived at the last moment is still answered.
        const std::size_t late = stream_.socket().read_some(asio::buffer(space.data(), space.size()), fault);
        co_return fault ? 0 : late;
    }
    refuse_for_time();
    co_return 0;
}

void Session::refuse_for_time() {
    if (phase_ != Phase::head && phase_ != Phase::body) return;
    choose_request_id();
    if (aborted_) return refuse({ErrorCode::unavailable, {}, "The server is shutting down."});
    refuse({ErrorCode::request_timeout, {}, "The request did not arrive in time."});
}

bool Session::understand_head() {
    decoded_path_.clear();
    body_.clear();
    const auto head = parse_head(input_.unread().substr(0, head_size_), worker_->limits().header_count, request_.headers);
    choose_request_id();
    if (!head) {
        refuse(head.error());
        return false;
    }
    request_.method = head->method;
    const auto framing = check_fields(request_.headers);
    if (!framing) {
        refuse(framing.error());
        return false;
    }
    framing_ = *framing;
    if (framing_.is_chunked && input_.reach() < head_size_ + chunk_scratch) {
        input_.extend(head_size_ + chunk_scratch);
        return understand_head();
    }
    return understand_framing(*head);
}

bool Session::understand_framing(const Head& head) {
    const auto target = parse_target(head.target, decoded_path_);
    if (!target) {
        refuse(target.error());
        return false;
    }
    request_.target = head.target;
    request_.path = target->path;
    request_.query = target->query;
    request_.has_query = target->has_query;
    place_origin();
    body_limit_ = worker_->handler().body_limit(head.method, target->path).value_or(worker_->limits().body);
    if (framing_.content_length > body_limit_) {
        refuse({ErrorCode::payload_too_large, {}, "The body is larger than this route takes."});
        return false;
    }
    request_size_ = head_size_ + framing_.content_length;
    return true;
}

void Session::place_origin() {
    request_.client_address = peer_.address;
    request_.is_secure = stream_.is_secure();
    if (!peer_.is_trusted) return;
    const Origin origin = origin_through_proxy(request_.headers, peer_.address, worker_->state().options.trusted_proxies);
    request_.client_address = origin.client;
    request_.is_secure = request_.is_secure || origin.is_secure;
}

void Session::choose_request_id() {
    const auto given = request_.header("X-Request-ID").value_or(std::string_view());
    const auto is_allowed = [](char letter) {
        return is_alphanumeric(letter) || letter == '.' || letter == '_' || letter == '-';
    };
    if (!given.empty() && given.size() <= 64 && std::ranges::all_of(given, is_allowed) &&
        request_.headers.count("X-Request-ID") == 1) {
        request_id_ = given;
    } else {
        request_id_ = worker_->make_request_id();
    }
    request_.request_id = request_id_;
}

/// The usual case: the body came with its head, or there is none.
bool Session::take_present_body() noexcept {
    if (framing_.is_chunked || input_.unread().size() < request_size_) return false;
    request_.body = input_.unread().substr(head_size_, framing_.content_length);
    return true;
}

awaitable<bool> Session::receive_body() {
    const bool is_awaited = framing_.expects_continue && input_.unread().size() == head_size_;
    if (is_awaited) {
        const bool told = co_await send_all("HTTP/1.1 100 Continue\r\n\r\n", {});
        if (!told) co_return false;
    }
    enter(Phase::body, request_.started + worker_->limits().request_time);
    const bool received = framing_.is_chunked ? co_await receive_chunked_body() : co_await receive_sized_body();
    co_return received;
}

awaitable<bool> Session::receive_sized_body() {
    const std::size_t size = framing_.content_length;
    if (request_size_ <= input_.reach()) {
        while (input_.unread().size() < request_size_) {
            const std::size_t count = co_await read_into(input_.space());
            if (count == 0) co_return false;
            input_.received(count);
            phase_bytes_ += count;
        }
        request_.body = input_.unread().substr(head_size_, size);
        co_return true;
    }
    body_ = input_.unread().substr(head_size_);
    request_size_ = head_size_ + body_.size();
    while (body_.size() < size) {
        // Memory follows what arrives, not what is announced.
        const std::size_t before = body_.size();
        body_.resize(std::min(size, before + kept_memory));
        const std::size_t count = co_await read_into(std::span(body_).subspan(before));
        body_.resize(before + count);
        if (count == 0) co_return false;
        phase_bytes_ += count;
    }
    request_.body = body_;
    co_return true;
}

awaitable<bool> Session::receive_chunked_body() {
    chunks_.restart(body_limit_, body_limit_ + worker_->limits().headers);
    while (true) {
        const std::string_view bytes = input_.unread().substr(head_size_);
        const auto used = chunks_.decode(bytes, body_);
        if (!used) {
            refuse(used.error());
            co_return false;
        }
        if (chunks_.done()) {
            request_size_ = head_size_ + *used;
            request_.body = body_;
            co_return true;
        }
        input_.keep(head_size_);
        const std::size_t count = co_await read_into(input_.space());
        if (count == 0) co_return false;
        input_.received(count);
        phase_bytes_ += count;
    }
}

// --- Answering -----------------------------------------------------------------------------------------------------------------

awaitable<void> Session::answer() {
    response_.clear();
    if (worker_->requests_in_progress >= worker_->state().requests_per_worker && !peer_.is_management) {
        write_error(response_, platform::unavailable(), request_id_, worker_->state().clock().now());
        worker_->observer().answered(request_, response_, true);
        response_.close = !may_go_on();
        co_return;
    }
    enter(Phase::handling, request_.started + worker_->limits().request_time);
    ++worker_->requests_in_progress;
    std::exception_ptr failure;
    try {
        co_await worker_->handler().handle(request_, response_);
    } catch (...) { failure = std::current_exception(); }
    --worker_->requests_in_progress;
    if (expired_) co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (failure) write_failure(failure);
    expired_ = false;
    add_cors(response_, request_, worker_->state().options.allowed_origins);
    worker_->observer().answered(request_, response_, false);
    response_.close = !may_go_on();
}

void Session::write_failure(const std::exception_ptr& failure) {
    const auto write = [this](const ServiceError& error) {
        write_error(response_, error, request_id_, worker_->state().clock().now());
    };
    const bool out_of_time = expired_;
    response_.close = response_.close || out_of_time;
    try {
        std::rethrow_exception(failure);
    } catch (const ServiceError& error) { return write(error); } catch (const std::exception& error) {
        if (!out_of_time) worker_->observer().failed(request_id_, error.what());
    } catch (...) { worker_->observer().failed(request_id_, "an exception of an unknown type"); }
    response_.headers.clear();
    if (out_of_time) return write(platform::unavailable());  // all of the request was here: not the client's fault
    write(ServiceError(ErrorCode::internal_error, "Something went wrong here. The request id finds it in the log."));
}

/// Whether the connection stays open after this answer.
bool Session::may_go_on() {
    if (response_.close || framing_.wants_close || aborted_) return false;
    return !worker_->is_draining() || has_more_bytes();
}

bool Session::has_more_bytes() { return input_.unread().size() > request_size_ || stream_.has_bytes(); }

void Session::end_request() {
    has_served_ = true;
    input_.consume(request_size_);
    if (body_.capacity() > kept_memory) body_ = std::string();
    if (output_.capacity() > kept_memory) output_ = std::string();
    // The next one's time begins with its first byte.
    enter(Phase::idle, Clock::now() + (worker_->is_draining() ? worker_->limits().linger_time : worker_->limits().idle_time));
}

// --- Writing -------------------------------------------------------------------------------------------------------------------

awaitable<bool> Session::send() {
    if (refusal_) worker_->observer().answered(request_, response_, true);
    const bool is_head = request_.method == Method::head;
    output_.clear();
    append_answer_head(output_, response_,
                       {.request_id = request_id_,
                        .is_head = is_head,
                        .closes = response_.close,
                        .strict_transport_security = worker_->state().options.strict_transport_security});
    std::string_view body = carries_body(response_, is_head) ? std::string_view(response_.body) : std::string_view();
    if (body.size() <= copied_body) {
        output_.append(body);
        body = {};
    }
    const bool sent = co_await send_all(output_, body);
    co_return sent;
}

awaitable<bool> Session::send_all(std::string_view head, std::string_view body) {
    std::size_t sent = 0;
    if (!stream_.is_secure()) {
        error_code fault;
        sent = write_now(head, body, fault);
        if (sent == head.size() + body.size()) co_return true;
        if (fault && fault != asio::error::would_block) co_return false;
    }
    const bool all = co_await send_rest(head, body, sent);
    co_return all;
}

std::size_t Session::write_now(std::string_view head, std::string_view body, error_code& fault) {
    if (body.empty()) return stream_.socket().write_some(asio::buffer(head.data(), head.size()), fault);
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(head.data(), head.size()),
                                                     asio::buffer(body.data(), body.size())};
    return stream_.socket().write_some(parts, fault);
}

awaitable<bool> Session::send_rest(std::string_view head, std::string_view body, std::size_t sent) {
    const auto write_time = worker_->limits().write_time;
    enter(Phase::writing, Clock::now() + write_time);
    while (sent < head.size() + body.size()) {
        const std::string_view rest = sent < head.size() ? head.substr(sent) : body.substr(sent - head.size());
        auto [fault, count] = co_await stream_.write_some(asio::buffer(rest.data(), rest.size()), resumed);
        if (expired_) {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
            // What the client does not take must not stay in the kernel either: the close is a reset.
            stream_.socket().set_option(asio::ip::tcp::socket::linger(true, 0), fault);
            co_return false;
        }
        if (fault) co_return false;
        sent += count;
        phase_bytes_ += count;
        deadline_ = Clock::now() + write_time;
    }
    co_return true;
}

/// Reads on for a while after the last answer: closing on unread bytes would reset the connection and lose the answer.
awaitable<void> Session::linger() {
    error_code fault;
    if (phase_ == Phase::writing && expired_) co_return;
    expired_ = false;
    enter(Phase::lingering, Clock::now() + worker_->limits().linger_time);
    co_await stream_.announce_end();
    if (expired_) co_return;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, fault);
    if (fault) co_return;
    std::array<char, 512> dropped{};
    while (!expired_) {
        auto [failure, count] = co_await stream_.socket().async_read_some(asio::buffer(dropped), resumed);
        if (failure) co_return;
    }
}

// --- Time ----------------------------------------------------------------------------------------------------------------------

void Session::enter(Phase phase, Clock::time_point deadline) noexcept {
    phase_ = phase;
    deadline_ = deadline;
    phase_bytes_ = 0;
    if (phase == Phase::body || phase == Phase::writing) phase_start_ = Clock::now();
}

bool Session::is_too_slow(Clock::time_point now) const noexcept {
    if (phase_ != Phase::body && phase_ != Phase::writing) return false;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - phase_start_ - slow_start).count();
    return seconds > 0 && phase_bytes_ < static_cast<std::size_t>(seconds) * worker_->limits().minimum_bytes_per_second;
}

void Session::check_time(Clock::time_point now) {
    if (!expired_ && (now >= deadline_ || is_too_slow(now))) expire();
}

void Session::begin_drain(Clock::time_point now) {
    if (phase_ == Phase::idle) deadline_ = std::min(deadline_, now + worker_->limits().linger_time);
}

void Session::abort() {
    aborted_ = true;
    if (!expired_) expire();
}

void Session::expire() {
    expired_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
}

}  // namespace sentinel::http
