#pragma once
/// Opens write transactions: idempotency first, then the locks, the work, the revision, the stored answer, the audit records,
/// COMMIT, and, where policy changed, the publication to every core before the caller may answer (design.md 4).

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "platform/access/access_store.hpp"
#include "platform/postgres/database.hpp"
#include "platform/service/actor.hpp"
#include "platform/writes/policy_locks.hpp"
#include "platform/writes/write_transaction.hpp"

namespace sentinel::writes {

/// One for each worker.
class Writer {
public:
    Writer(postgres::Database& database, access::AccessView& access, WriteTools tools)
        : database_(&database), access_(&access), tools_(tools) {}

    /// `work(WriteTransaction&)` in a transaction of the tenant acted in, for what changes no policy. Its result T must be the
    /// declared result of the endpoint where the request carries an idempotency key. Throws platform::Replay when it was done before.
    template <class T, class Work>
    boost::asio::awaitable<T> write(platform::RequestContext& context, Work work) {
        return run_typed<T>(context, std::nullopt, std::move(work));
    }

    /// Likewise for what changes policy: it raises the revision of the target, and of its descendants where they are locked, if the
    /// work wrote a change of policy.
    template <class T, class Work>
    boost::asio::awaitable<T> write_policy(platform::RequestContext& context, PolicyLocks locks, Work work) {
        return run_typed<T>(context, std::move(locks), std::move(work));
    }

    const WriteTools& tools() const noexcept { return tools_; }
    postgres::Database& database() noexcept { return *database_; }

private:
    struct Steps {
        std::function<boost::asio::awaitable<void>(WriteTransaction&)> work;
        std::function<const void*()> result;
        const std::type_info* type = nullptr;
        std::optional<PolicyLocks> locks;
    };

    struct Outcome {
        std::vector<TenantRevision> raised;
        std::vector<access::Revocation> revocations;
    };

    template <class T, class Work>
    boost::asio::awaitable<T> run_typed(platform::RequestContext& context, std::optional<PolicyLocks> locks, Work work) {
        if constexpr (std::is_void_v<T>) {
            Steps steps{
                .work = std::ref(work), .result = [] { return nullptr; }, .type = &typeid(void), .locks = std::move(locks)};
            co_await run(context, steps);
        } else {
            std::optional<T> result;
            Steps steps{.work = [&result, &work](WriteTransaction& write) -> boost::asio::awaitable<void> {
                            result = co_await work(write);
                        },
                        .result = [&result] { return static_cast<const void*>(&*result); },
                        .type = &typeid(T),
                        .locks = std::move(locks)};
            co_await run(context, steps);
            co_return std::move(*result);
        }
    }

    boost::asio::awaitable<void> run(platform::RequestContext& context, Steps& steps);
    /// What happens inside the transaction; tells what is to be published after COMMIT.
    boost::asio::awaitable<Outcome> run_in(postgres::Transaction& transaction, platform::RequestContext& context, Steps& steps);
    boost::asio::awaitable<void> work_under_locks(WriteTransaction& write, Steps& steps, Outcome& outcome);
    boost::asio::awaitable<void> publish(const Outcome& outcome);

    postgres::Database* database_;
    access::AccessView* access_;
    WriteTools tools_;
};

}  // namespace sentinel::writes
