#pragma once
/// The key rings of tenants, loaded when first needed.

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/crypto/master_key.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::writes {

using KeyRingPointer = std::shared_ptr<const crypto::KeyRing>;

/// One for the node; thread-safe. Keeps at most `capacity` rings: past that all are dropped and loaded again as needed.
class TenantKeys {
public:
    TenantKeys(std::shared_ptr<const crypto::MasterKey> master, std::shared_ptr<const crypto::ServerKeys> server,
               std::size_t capacity = 10'000)
        : master_(std::move(master)), server_(std::move(server)), capacity_(capacity) {}

    /// The ring of the transaction's tenant. Throws platform::not_found("tenant") where the tenant has no keys: it is purged, or none.
    boost::asio::awaitable<KeyRingPointer> of(postgres::Transaction& transaction);
    /// After a key was made, retired or destroyed.
    void forget(core::TenantId tenant);

    const crypto::MasterKey& master() const noexcept { return *master_; }
    const crypto::ServerKeys& server() const noexcept { return *server_; }

private:
    KeyRingPointer find(core::TenantId tenant) const;
    void keep(const KeyRingPointer& ring);

    std::shared_ptr<const crypto::MasterKey> master_;
    std::shared_ptr<const crypto::ServerKeys> server_;
    std::size_t capacity_;
    mutable std::mutex mutex_;  ///< held for a look-up; never while loading
    std::unordered_map<core::TenantId, KeyRingPointer> rings_;
};

}  // namespace sentinel::writes
