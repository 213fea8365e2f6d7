#pragma once
/// Background work: a table of jobs that any node may take (design.md 4). A job is run again until it succeeds; after its last try
/// it is parked with its error.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/vocabulary.hpp"
#include "platform/postgres/database.hpp"
#include "platform/telemetry/log.hpp"

namespace sentinel::writes {

class Wake;

struct Job {
    core::Uuid id;
    std::optional<core::TenantId> tenant;
    std::string kind;
    core::json::Object payload;
    int attempts = 1;  ///< this one included
    int max_attempts = 5;
};

/// Does the work and returns what is kept as its result. Must be idempotent: it may run again after a crash. To fail, throw.
using JobHandler = std::function<boost::asio::awaitable<core::json::Object>(const Job&)>;

struct JobRunnerOptions {
    core::Uuid node;
    std::chrono::milliseconds interval{1000};
    std::chrono::seconds lease{300};      ///< a job of a dead node is taken again after it
    std::chrono::seconds first_delay{5};  ///< doubles with each failure
    std::chrono::seconds longest_delay{3600};
};

/// One for the node, on one worker.
class JobRunner {
public:
    JobRunner(boost::asio::any_io_executor executor, postgres::Database& database, telemetry::Logger& log,
              JobRunnerOptions options);
    ~JobRunner();
    JobRunner(const JobRunner&) = delete;
    JobRunner& operator=(const JobRunner&) = delete;

    /// Kinds without a handler here are left to other nodes.
    void handle(std::string kind, JobHandler handler);
    /// A kind that comes round: on one node at a time, first at once, then `interval` after each end, a parked one included.
    void handle_every(std::chrono::seconds interval, std::string kind, JobHandler handler);
    /// Runs due jobs until stop().
    boost::asio::awaitable<void> run();
    /// Takes one due job and runs it; false when none is due.
    boost::asio::awaitable<bool> run_one();
    void stop();

    /// The pause before the next try after so many.
    std::chrono::seconds delay_after(int attempts) const noexcept;

private:
    struct Handling {
        JobHandler handler;
        std::optional<std::chrono::seconds> interval;
    };

    /// Makes the first job of each kind that comes round, where there is none.
    boost::asio::awaitable<void> plan_recurring();
    boost::asio::awaitable<void> plan_next(postgres::Transaction& transaction, const std::string& kind);
    boost::asio::awaitable<std::optional<Job>> take();
    boost::asio::awaitable<void> finish(const Job& job, const core::json::Object& result);
    boost::asio::awaitable<void> fail(const Job& job, const std::string& error);

    postgres::Database* database_;
    telemetry::Logger* log_;
    JobRunnerOptions options_;
    std::unique_ptr<Wake> wake_;
    std::map<std::string, Handling, std::less<>> handlings_;
    std::vector<std::string> kinds_;
    bool stopping_ = false;
};

}  // namespace sentinel::writes
