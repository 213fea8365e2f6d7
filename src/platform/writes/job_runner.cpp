#include "platform/writes/job_runner.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "platform/service/error.hpp"
#include "platform/writes/statements.hpp"
#include "platform/writes/wake.hpp"

namespace sentinel::writes {

namespace json = core::json;

namespace {

constexpr postgres::Statement take_job{
    "writes.take_job",
    "UPDATE sentinel_private.jobs SET state = 'running', attempts = attempts + 1, locked_by = $1, "
    "locked_until = now() + make_interval(secs => $2::double precision) WHERE id = ("
    "SELECT id FROM sentinel_private.jobs WHERE kind = ANY ($3::text[]) AND "
    "(state = 'queued' AND run_at <= now() OR state = 'running' AND locked_until < now()) "
    "ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
    "RETURNING id, tenant_id, kind, payload, attempts, max_attempts"};
// Only the holder of the lease writes the end: a job that took longer than its lease belongs to another node by then.
constexpr postgres::Statement finish_job{
    "writes.finish_job",
    "UPDATE sentinel_private.jobs SET state = 'done', result = $4, finished_at = now(), locked_by = NULL, locked_until = NULL, "
    "last_error = NULL WHERE id = $1 AND locked_by = $2 AND attempts = $3"};
constexpr postgres::Statement retry_job{
    "writes.retry_job",
    "UPDATE sentinel_private.jobs SET state = 'queued', run_at = now() + make_interval(secs => $4::double precision), last_error "
    "= $5, "
    "locked_by = NULL, locked_until = NULL WHERE id = $1 AND locked_by = $2 AND attempts = $3"};
constexpr postgres::Statement park_job{"writes.park_job",
                                       "UPDATE sentinel_private.jobs SET state = 'parked', last_error = $4, finished_at = now(), "
                                       "locked_by = NULL, locked_until = NULL "
                                       "WHERE id = $1 AND locked_by = $2 AND attempts = $3"};

// Where one is open already, that one is it.
constexpr postgres::Statement plan_job{
    "writes.plan_job",
    "INSERT INTO sentinel_private.jobs (id, kind, unique_key, run_at) VALUES (gen_random_uuid(), $1, 'recurring', "
    "now() + make_interval(secs => $2::double precision)) ON CONFLICT DO NOTHING"};

Job job_of(const postgres::Row& row) {
    return {.id = row.get<core::Uuid>(0),
            .tenant = row.get<std::optional<core::TenantId>>(1),
            .kind = row.get<std::string>(2),
            .payload = row.get<json::Object>(3),
            .attempts = row.get<std::int32_t>(4),
            .max_attempts = row.get<std::int32_t>(5)};
}

}  // namespace

postgres::StatementList job_statements() noexcept {
    static constexpr const postgres::Statement* statements[] = {&take_job, &finish_job, &retry_job, &park_job, &plan_job};
    return statements;
}

JobRunner::JobRunner(boost::asio::any_io_executor executor, postgres::Database& database, telemetry::Logger& log,
                     JobRunnerOptions options)
    : database_(&database), log_(&log), options_(options), wake_(std::make_unique<Wake>(std::move(executor))) {}

JobRunner::~JobRunner() = default;

void JobRunner::handle(std::string kind, JobHandler handler) {
    kinds_.push_back(kind);
    handlings_.insert_or_assign(std::move(kind), Handling{std::move(handler), std::nullopt});
}

void JobRunner::handle_every(std::chrono::seconds interval, std::string kind, JobHandler handler) {
    kinds_.push_back(kind);
    handlings_.insert_or_assign(std::move(kind), Handling{std::move(handler), interval});
}

boost::asio::awaitable<void> JobRunner::run() {
    bool is_planned = false;
    while (!stopping_) {
        bool ran = false;
        try {
            if (!is_planned) co_await plan_recurring();
            is_planned = true;
            ran = co_await run_one();
        } catch (const platform::ServiceError&) {
            // The database is away: the next round asks again.
        }
        if (!ran && !stopping_) co_await wake_->wait(options_.interval);
    }
}

boost::asio::awaitable<bool> JobRunner::run_one() {
    const std::optional<Job> job = co_await take();
    if (!job) co_return false;
    json::Object result;
    std::string error;
    try {
        result = co_await handlings_.find(job->kind)->second.handler(*job);
    } catch (const std::exception& failure) {
        error = failure.what();
        if (error.empty()) error = "failed";
    }
    if (error.empty()) {
        co_await finish(*job, result);
    } else {
        co_await fail(*job, error);
    }
    co_return true;
}

void JobRunner::stop() {
    stopping_ = true;
    wake_->cut_short();
}

std::chrono::seconds JobRunner::delay_after(int attempts) const noexcept {
    std::chrono::seconds delay = options_.first_delay;
    for (int attempt = 1; attempt < attempts && delay < options_.longest_delay; ++attempt) delay *= 2;
    return std::min(delay, options_.longest_delay);
}

boost::asio::awaitable<void> JobRunner::plan_recurring() {
    co_await database_->write_private([&](postgres::Transaction& transaction) -> boost::asio::awaitable<void> {
        for (const auto& [kind, handling] : handlings_) {
            if (handling.interval) co_await transaction.execute(plan_job, kind, 0.0);
        }
    });
}

boost::asio::awaitable<void> JobRunner::plan_next(postgres::Transaction& transaction, const std::string& kind) {
    const std::optional<std::chrono::seconds> interval = handlings_.find(kind)->second.interval;
    if (interval) co_await transaction.execute(plan_job, kind, static_cast<double>(interval->count()));
}

boost::asio::awaitable<std::optional<Job>> JobRunner::take() {
    const postgres::Result result =
        co_await database_->write_private([&](postgres::Transaction& transaction) -> boost::asio::awaitable<postgres::Result> {
            co_return co_await transaction.execute(take_job, options_.node, static_cast<double>(options_.lease.count()), kinds_);
        });
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return job_of(*row);
}

boost::asio::awaitable<void> JobRunner::finish(const Job& job, const json::Object& result) {
    co_await database_->write_private([&](postgres::Transaction& transaction) -> boost::asio::awaitable<void> {
        co_await transaction.execute(finish_job, job.id, options_.node, job.attempts, result);
        co_await plan_next(transaction, job.kind);
    });
}

boost::asio::awaitable<void> JobRunner::fail(const Job& job, const std::string& error) {
    const bool is_last = job.attempts >= job.max_attempts;
    log_->warning("jobs", is_last ? "job parked" : "job failed",
                  {{"job_id", job.id}, {"kind", job.kind}, {"attempt", job.attempts}, {"error", error}});
    const std::string kept = error.substr(0, 1000);
    co_await database_->write_private([&](postgres::Transaction& transaction) -> boost::asio::awaitable<void> {
        if (is_last) {
            co_await transaction.execute(park_job, job.id, options_.node, job.attempts, kept);
            co_await plan_next(transaction, job.kind);
        } else {
            co_await transaction.execute(retry_job, job.id, options_.node, job.attempts,
                                         static_cast<double>(delay_after(job.attempts).count()), kept);
        }
    });
}

}  // namespace sentinel::writes
