#pragma once
/// One transaction that changes something: the change, what it revokes, the jobs it needs and its audit records commit together
/// or not at all (spec 15 rule 7, spec 12 rule 1).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/ids.hpp"
#include "core/ip.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "platform/access/revocations.hpp"
#include "platform/postgres/transaction.hpp"
#include "platform/service/actor.hpp"
#include "platform/writes/audit_record.hpp"
#include "platform/writes/tenant_keys.hpp"

namespace sentinel::writes {

/// What every write needs; one for each worker.
struct WriteTools {
    core::UuidV7Generator* ids = nullptr;
    const core::Clock* clock = nullptr;
    TenantKeys* keys = nullptr;
};

/// Work for later, made in the transaction that makes it due.
struct NewJob {
    std::string kind;
    core::json::Object payload;
    std::optional<core::Instant> run_at;  ///< absent = now
    std::string unique_key;               ///< an open job of this kind and key is not made twice; empty = no such bound
    int max_attempts = 5;
};

/// A mail, rendered and sent by a job.
struct NewMail {
    std::string to;  ///< the stored address
    std::string template_name;
    core::json::Object data;
};

/// Handed to the function that does the work; ends with it.
class WriteTransaction {
public:
    WriteTransaction(postgres::Transaction& transaction, platform::RequestContext& context, const WriteTools& tools)
        : transaction_(&transaction), context_(&context), tools_(&tools) {}
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;

    template <class... Arguments>
    boost::asio::awaitable<postgres::Result> execute(const postgres::Statement& statement, Arguments&&... arguments) {
        return transaction_->execute(statement, std::forward<Arguments>(arguments)...);
    }
    postgres::Transaction& sql() noexcept { return *transaction_; }
    core::TenantId tenant() const noexcept { return transaction_->tenant(); }
    platform::RequestContext& context() noexcept { return *context_; }

    core::Uuid new_id() { return tools_->ids->next(); }
    core::Instant now() const { return tools_->clock->now(); }
    const crypto::MasterKey& master_key() const noexcept { return tools_->keys->master(); }
    /// The key ring of the current tenant.
    boost::asio::awaitable<KeyRingPointer> keys() { return tools_->keys->of(*transaction_); }

    /// Appended to the current tenant's chain, last in the transaction and in the order of the calls.
    void audit(AuditEvent event) { audit_in(tenant(), std::move(event)); }
    /// Likewise in another tenant (the actor's own).
    void audit_in(core::TenantId tenant, AuditEvent event);
    /// In all of chains_of().
    void audit_across(core::TenantId tenant, const AuditEvent& event);
    /// Ends sessions, tokens or keys on every node within a second, on this one before the write answers. The revocation's tenant
    /// and sequence are set here.
    boost::asio::awaitable<void> revoke(access::Revocation revocation);
    boost::asio::awaitable<void> enqueue(const NewJob& job);
    boost::asio::awaitable<void> send_mail(const NewMail& mail);

    /// Called by the writer before COMMIT. Tenants' heads are locked in order of id.
    boost::asio::awaitable<void> append_audit();
    const std::vector<access::Revocation>& revocations() const noexcept { return revocations_; }

private:
    postgres::Transaction* transaction_;
    platform::RequestContext* context_;
    const WriteTools* tools_;
    std::map<core::TenantId, std::vector<AuditEvent>> audit_;
    std::vector<access::Revocation> revocations_;
};

}  // namespace sentinel::writes
