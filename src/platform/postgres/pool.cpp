#include "platform/postgres/pool.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sentinel::postgres {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds housekeeping_interval(250);
constexpr std::chrono::milliseconds first_back_off(50);
constexpr std::chrono::milliseconds longest_back_off(1000);

/// Runs a function when its scope ends, however it ends.
template <class Function>
class AtExit {
public:
    explicit AtExit(Function function) : function_(std::move(function)) {}
    AtExit(const AtExit&) = delete;
    AtExit& operator=(const AtExit&) = delete;
    ~AtExit() { function_(); }

private:
    Function function_;
};

}  // namespace

Lease::Lease(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection) noexcept
    : pool_(std::move(pool)), connection_(std::move(connection)) {}

Lease::~Lease() { close(); }

void Lease::close() noexcept {
    if (connection_) pool_->destroy(std::move(connection_));
}

void Lease::give_back() { pool_->give_back(std::move(connection_)); }

void Lease::cancel_and_close() { pool_->cancel_and_destroy(std::move(connection_)); }

Pool::Pool(asio::any_io_executor executor, DatabaseOptions options)
    : executor_(std::move(executor)), options_(std::move(options)), housekeeping_(executor_) {}

Pool::~Pool() = default;

void Pool::start() {
    housekeeping_.expires_after(housekeeping_interval);
    housekeeping_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const std::shared_ptr<Pool> pool = weak.lock();
        if (error || !pool || pool->closed_) return;
        pool->keep_house();
        pool->start();
    });
}

void Pool::keep_house() {
    const Clock::time_point now = Clock::now();
    for (Connection* connection : all_) connection->check_deadline(now);
    close_idle(now);
}

void Pool::close_idle(Clock::time_point now) {
    std::size_t excess = count_ > options_.size ? count_ - options_.size : 0;
    std::vector<std::unique_ptr<Connection>> kept;
    for (auto& connection : idle_) {
        const bool spare = excess > 0 && now - connection->idle_since >= options_.overflow_idle;
        if (spare) --excess;
        if (spare || is_too_old(*connection, now)) {
            destroy(std::move(connection));
        } else {
            kept.push_back(std::move(connection));
        }
    }
    idle_ = std::move(kept);
}

bool Pool::is_too_old(const Connection& connection, Clock::time_point now) const noexcept {
    return now - connection.opened_at() >= options_.recycle_after;
}

std::unique_ptr<Connection> Pool::take_idle() {
    if (idle_.empty()) return nullptr;
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
}

asio::awaitable<Lease> Pool::acquire() {
    for (;;) {
        if (closed_) throw DatabaseUnavailable("the pool is closed");
        std::unique_ptr<Connection> connection = take_idle();
        const bool fresh = !connection && may_connect();
        if (fresh) {
            connection = co_await connect();
        } else if (!connection) {
            connection = co_await wait_for_one();
        }
        if (!connection) continue;  // a place came free, no connection
        Lease lease(shared_from_this(), std::move(connection));
        if (fresh) co_return lease;
        if (!lease->settle_what_came()) continue;
        if (lease->has_outstanding()) {
            try {
                co_await lease->settle();
            } catch (const DatabaseUnavailable&) { continue; }
        }
        if (!lease->is_alive()) continue;
        if (lease->is_idle()) co_return lease;
    }
}

asio::awaitable<std::unique_ptr<Connection>> Pool::connect() {
    if (Clock::now() < connect_again_) throw DatabaseUnavailable("the database could not be reached a moment ago");
    auto connection = std::make_unique<Connection>(executor_, options_);
    ++count_;
    ++connecting_;
    all_.insert(connection.get());
    bool open = false;
    const AtExit leave([&] {
        --connecting_;
        if (!open) destroy(std::move(connection));
    });
    try {
        co_await connection->open();
    } catch (const DatabaseUnavailable&) {
        note_connect_failure();
        throw;
    }
    back_off_ = std::chrono::milliseconds(0);
    connect_again_ = {};
    open = true;
    std::unique_ptr<Connection> opened = std::move(connection);
    co_return opened;
}

void Pool::note_connect_failure() {
    back_off_ = std::clamp(back_off_ * 2, first_back_off, longest_back_off);
    connect_again_ = Clock::now() + back_off_;
}

asio::awaitable<std::unique_ptr<Connection>> Pool::wait_for_one() {
    if (waiting_.size() >= options_.maximum_waiting) throw DatabaseUnavailable("too many wait for a connection");
    Waiter waiter{.timer = asio::steady_timer(executor_, options_.wait_timeout)};
    const auto place = waiting_.insert(waiting_.end(), &waiter);
    const AtExit leave([&] {
        if (!waiter.woken) waiting_.erase(place);
        // Woken and cancelled at once: the next in the queue gets it.
        if (waiter.connection) give_back(std::move(waiter.connection));
    });
    boost::system::error_code error;
    co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (!waiter.woken && !error) throw DatabaseUnavailable("no connection came free in time");
    if (!waiter.woken) throw boost::system::system_error(error);
    std::unique_ptr<Connection> connection = std::move(waiter.connection);
    co_return connection;
}

void Pool::wake_one(std::unique_ptr<Connection> connection) {
    if (waiting_.empty()) {
        if (connection) idle_.push_back(std::move(connection));
        return;
    }
    Waiter* waiter = waiting_.front();
    waiting_.pop_front();
    waiter->woken = true;
    waiter->connection = std::move(connection);
    waiter->timer.cancel();
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    const Clock::time_point now = Clock::now();
    const bool usable = connection->has_outstanding() ? !connection->is_condemned() : connection->is_idle();
    if (closed_ || !usable || is_too_old(*connection, now)) {
        destroy(std::move(connection));
        return;
    }
    connection->idle_since = now;
    wake_one(std::move(connection));
}

void Pool::destroy(std::unique_ptr<Connection> connection) noexcept {
    all_.erase(connection.get());
    connection.reset();
    --count_;
    if (!waiting_.empty()) wake_one(nullptr);
}

void Pool::cancel_and_destroy(std::unique_ptr<Connection> connection) {
    if (!cancellers_) cancellers_ = std::make_unique<asio::thread_pool>(1);
    asio::post(*cancellers_, [handle = connection->cancel_handle()] { cancel_statement(handle); });
    destroy(std::move(connection));
}

PoolStatistics Pool::statistics() const noexcept {
    return {
        .idle = idle_.size(), .busy = count_ - idle_.size() - connecting_, .connecting = connecting_, .waiting = waiting_.size()};
}

void Pool::close() noexcept {
    closed_ = true;
    housekeeping_.cancel();
    while (!idle_.empty()) destroy(take_idle());
    while (!waiting_.empty()) wake_one(nullptr);
}

}  // namespace sentinel::postgres
