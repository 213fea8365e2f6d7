#include "platform/crypto/password_hasher.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/encoding.hpp"
#include "platform/crypto/random.hpp"
#include "platform/service/error.hpp"

namespace sentinel::crypto {

namespace {

constexpr int lowest_priority = 19;

/// One call that waits: `run` computes, `refuse` ends it without. Either ends it by posting to the caller's executor.
struct Job {
    std::move_only_function<void()> run;
    std::move_only_function<void()> refuse;
};

/// What a coroutine is waked with: a result, or why there is none.
template <class Result>
struct Outcome {
    std::exception_ptr error;
    Result result;
};

}  // namespace

class PasswordHasher::Pool {
public:
    explicit Pool(const PasswordHasherOptions& options) : cost(options.cost), most_waiting_(options.queue) {
        const std::scoped_lock lock(mutex_);
        for (std::size_t index = 0; index < options.threads; ++index) threads_.emplace_back([this] { work(); });
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool() { stop(); }

    /// False when the job was not taken.
    bool offer(Job& job) {
        {
            const std::scoped_lock lock(mutex_);
            if (stopped_ || waiting_.size() >= most_waiting_ + threads_.size() - running_) return false;
            waiting_.push_back(std::move(job));
        }
        changed_.notify_one();
        return true;
    }

    void stop() {
        std::deque<Job> refused;
        {
            const std::scoped_lock lock(mutex_);
            stopped_ = true;
            refused.swap(waiting_);
        }
        changed_.notify_all();
        for (Job& job : refused) job.refuse();
        for (std::thread& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }

    void wait_until_idle() {
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return waiting_.empty() && running_ == 0; });
    }

    /// Runs `compute` on a thread of the pool; goes on where the caller runs.
    template <class Result, class Compute>
    boost::asio::awaitable<Result> run(Compute compute) {
        const auto& token = boost::asio::use_awaitable;
        co_return co_await boost::asio::async_initiate<decltype(token), void(std::exception_ptr, Result)>(
            [this](auto handler, Compute computing) { this->template start<Result>(std::move(handler), std::move(computing)); },
            token, std::move(compute));
    }

    const PasswordCost cost;

private:
    template <class Result, class Handler, class Compute>
    void start(Handler handler, Compute compute) {
        // The guard keeps the caller's io_context running while nothing but this thread pool knows of the wait.
        auto executor = boost::asio::get_associated_executor(handler);
        auto finish = [guard = boost::asio::make_work_guard(executor),
                       waiting = std::move(handler)](Outcome<Result> outcome) mutable {
            boost::asio::post(guard.get_executor(), [waiting = std::move(waiting), outcome = std::move(outcome)]() mutable {
                std::move(waiting)(outcome.error, std::move(outcome.result));
            });
            guard.reset();
        };
        auto end = std::make_shared<decltype(finish)>(std::move(finish));
        Job job{[end, compute = std::move(compute)]() mutable { (*end)(computed<Result>(compute)); },
                [end] { (*end)({std::make_exception_ptr(platform::unavailable()), Result{}}); }};
        if (!offer(job)) job.refuse();
    }

    template <class Result, class Compute>
    static Outcome<Result> computed(Compute& compute) {
        try {
            return {nullptr, compute()};
        } catch (...) { return {std::current_exception(), Result{}}; }
    }

    void work() {
        // Of this thread alone: Linux gives threads their own niceness.
        setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), lowest_priority);
        while (std::optional<Job> job = next()) {
            job->run();
            job.reset();  // with what it holds of its caller's io_context
            const std::scoped_lock lock(mutex_);
            if (--running_ == 0) idle_.notify_all();
        }
    }

    std::optional<Job> next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        if (waiting_.empty()) return std::nullopt;
        ++running_;
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        return job;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable idle_;
    std::deque<Job> waiting_;
    std::size_t running_ = 0;  ///< a free thread's job counts as running from the start, not as waiting
    std::size_t most_waiting_;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

// A password nobody knows, so that its hash matches nothing.
PasswordHasher::PasswordHasher(const PasswordHasherOptions& options)
    : pool_(std::make_unique<Pool>(options)), nobody_(hash_password(random_secret(32), options.cost)) {}

PasswordHasher::~PasswordHasher() = default;

const PasswordCost& PasswordHasher::cost() const noexcept { return pool_->cost; }

boost::asio::awaitable<std::string> PasswordHasher::hash(platform::Secret password) {
    auto compute = [password = std::move(password), cost = pool_->cost] { return hash_password(password, cost); };
    return pool_->run<std::string>(std::move(compute));
}

boost::asio::awaitable<bool> PasswordHasher::verify(platform::Secret password, std::string phc) {
    auto compute = [password = std::move(password), phc = std::move(phc)] { return verify_password(password, phc); };
    return pool_->run<bool>(std::move(compute));
}

boost::asio::awaitable<bool> PasswordHasher::verify_nobody(platform::Secret password) {
    return verify(std::move(password), nobody_);
}

void PasswordHasher::stop() { pool_->stop(); }

void PasswordHasher::wait_until_idle() { pool_->wait_until_idle(); }

}  // namespace sentinel::crypto
