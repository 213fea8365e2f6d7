#pragma once
/// The hourly removal of what has ended, and the months of partitioned tables made ahead (spec 02 rule 24, spec 15 section 8).

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "core/json.hpp"
#include "core/vocabulary.hpp"
#include "platform/postgres/database.hpp"
#include "platform/postgres/statement.hpp"
#include "platform/writes/job_runner.hpp"

namespace sentinel::upkeep {

/// Goes tenant by tenant; each transaction takes at most 10,000 rows of a table. What expires is removed an hour late, so that a node
/// whose clock is behind never meets a valid token whose revocation is gone.
class Upkeep {
public:
    static constexpr std::string_view job_kind = "upkeep.hourly";

    /// The database must outlive it; used on one worker.
    explicit Upkeep(postgres::Database& database) : database_(&database) {}

    /// The handler of the job: `{"removed": rows}`. Safe to repeat, and to run on two nodes at once. Throws platform::unavailable()
    /// when stop() came first.
    boost::asio::awaitable<core::json::Object> run(const writes::Job& job);
    /// Ends a run after the transaction it is in.
    void stop() noexcept { stopping_ = true; }

private:
    boost::asio::awaitable<void> make_months();
    boost::asio::awaitable<std::int64_t> remove_shared();
    boost::asio::awaitable<std::int64_t> remove_of(core::TenantId tenant);
    void check_stopping() const;

    postgres::Database* database_;
    bool stopping_ = false;
};

/// All statements of this folder.
postgres::StatementList statements() noexcept;

}  // namespace sentinel::upkeep
