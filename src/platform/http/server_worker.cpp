#include "platform/http/server_worker.hpp"

#include <algorithm>
#include <utility>

#include "platform/http/forwarded.hpp"
#include "platform/http/listener.hpp"
#include "platform/http/session.hpp"

namespace sentinel::http {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t most_turned_away = 256;

core::IpAddress address_of(const asio::ip::address& address) {
    core::IpAddress result;
    const auto copy = [&](const auto& bytes) { std::ranges::copy(bytes, result.bytes.begin()); };
    if (address.is_v4()) {
        copy(address.to_v4().to_bytes());
    } else if (address.to_v6().is_v4_mapped()) {
        copy(asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_bytes());
    } else {
        copy(address.to_v6().to_bytes());
        result.is_v6 = true;
    }
    return result;
}

/// Often enough that no limit is passed by much.
milliseconds sweep_interval_of(const Limits& limits) {
    const auto shortest =
        std::min({limits.header_time, limits.request_time, limits.idle_time, limits.write_time, limits.linger_time});
    return std::clamp(shortest / 4, milliseconds(5), milliseconds(500));
}

}  // namespace

Worker::Worker(std::shared_ptr<ServerState> state, const ServerWorker& parts)
    : state_(std::move(state)),
      context_(*parts.context),
      handler_(*parts.handler),
      tls_(state_->options.tls),
      observer_(parts.observer == nullptr ? &silent_ : parts.observer),
      sweep_timer_(context_),
      patience_timer_(context_),
      sweep_interval_(sweep_interval_of(state_->options.limits)),
      random_(std::random_device{}()),
      ids_(state_->clock(), [this] { return random_(); }) {}

Worker::~Worker() = default;

std::uint16_t Worker::listen(const ListenAddress& address) {
    listeners_.push_back(std::make_shared<Listener>(*this, address));
    return listeners_.back()->port();
}

void Worker::start() {
    for (const auto& listener : listeners_) listener->start(shared_from_this());
    schedule_sweep();
}

void Worker::accepted(asio::ip::tcp::socket socket, bool is_management) {
    boost::system::error_code fault;
    const auto endpoint = socket.remote_endpoint(fault);
    if (fault) return;
    Peer peer{.address = address_of(endpoint.address()), .is_management = is_management};
    peer.is_trusted = is_in(state_->options.trusted_proxies, peer.address);
    if (state_->counts.enter(peer.address, is_management, peer.is_trusted)) {
        observer().connection_opened(is_management);
    } else {
        observer().connection_refused(is_management);
        if (turned_away >= most_turned_away) return;
        ++turned_away;
        peer.is_turned_away = true;
    }
    Session::start(std::make_shared<Session>(shared_from_this(), std::move(socket), peer));
}

Worker::Sessions::iterator Worker::join(Session& session) { return sessions_.insert(sessions_.end(), &session); }

void Worker::leave(Sessions::iterator place) {
    sessions_.erase(place);
    finish_drain_when_empty();
}

void Worker::schedule_sweep() {
    sweep_timer_.expires_after(sweep_interval_);
    sweep_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& fault) {
        if (fault || self->has_reported_) return;
        self->sweep();
        self->schedule_sweep();
    });
}

void Worker::sweep() {
    const auto now = Session::Clock::now();
    // A session may end, and so leave the list, while it is looked at.
    for (auto place = sessions_.begin(); place != sessions_.end();) (*place++)->check_time(now);
}

void Worker::begin_drain(milliseconds patience) {
    if (is_draining_) return;
    is_draining_ = true;
    const auto now = Session::Clock::now();
    for (Session* session : sessions_) session->begin_drain(now);
    for (const auto& listener : listeners_) listener->begin_drain(shared_from_this());
    patience_timer_.expires_after(patience);
    patience_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& fault) {
        if (!fault) self->end_patience();
    });
    finish_drain_when_empty();
}

void Worker::end_patience() {
    for (auto place = sessions_.begin(); place != sessions_.end();) (*place++)->abort();
    // A handler that cannot be cancelled does not hold up the end.
    patience_timer_.expires_after(limits().linger_time + sweep_interval_ * 2);
    patience_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& fault) {
        if (!fault) self->report_drained();
    });
}

void Worker::finish_drain_when_empty() {
    if (!is_draining_ || !sessions_.empty()) return;
    if (std::ranges::any_of(listeners_, [](const auto& listener) { return listener->is_open(); })) return;
    report_drained();
}

void Worker::report_drained() {
    if (std::exchange(has_reported_, true)) return;
    sweep_timer_.cancel();
    patience_timer_.cancel();
    if (state_->workers_left.fetch_sub(1) == 1 && state_->drained) state_->drained();
}

}  // namespace sentinel::http
