#pragma once
/// A node with two workers that can write, on a migrated database, for tests of this folder and of the modules.

#include <memory>
#include <utility>
#include <vector>

#include "core/encoding.hpp"
#include "platform/access/access_testing.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/crypto/random.hpp"
#include "platform/writes/writer.hpp"

namespace sentinel::writes::testing {

using access::testing::TestDatabase;
using boost::asio::awaitable;

inline std::shared_ptr<const crypto::ServerKeys> make_server_keys(const crypto::MasterKey& master) {
    std::vector<crypto::WrappedServerKey> rows;
    for (const crypto::ServerKeyPurpose purpose : crypto::all_server_key_purposes)
        rows.push_back(make_server_key(master, purpose, 1));
    return std::make_shared<const crypto::ServerKeys>(*crypto::ServerKeys::load(master, rows));
}

/// One event loop with its writer.
class WritingWorker {
public:
    WritingWorker(access::AccessStore& store, TenantKeys& keys, const core::Clock& clock)
        : worker_(store, 4),
          ids_(clock, crypto::random_number),
          tools_{.ids = &ids_, .clock = &clock, .keys = &keys},
          writer_(worker_.view().database(), worker_.view(), tools_) {}
    template <class T>
    T run(awaitable<T> work) {
        return worker_.run(std::move(work));
    }
    boost::asio::io_context& context() { return worker_.context(); }
    access::AccessView& view() { return worker_.view(); }
    postgres::Database& database() { return worker_.view().database(); }
    Writer& writer() { return writer_; }
    const WriteTools& tools() const { return tools_; }

private:
    access::testing::Worker worker_;
    core::UuidV7Generator ids_;
    WriteTools tools_;
    Writer writer_;
};

class WritingNode {
public:
    WritingNode() {
        for (int count = 0; count < 2; ++count) workers_.push_back(std::make_unique<WritingWorker>(store_, keys_, clock_));
        feed_ = std::make_unique<access::AccessFeed>(worker(0).view());
        worker(0).run(feed_->start());
    }
    WritingWorker& worker(std::size_t index) { return *workers_[index]; }
    TenantKeys& keys() { return keys_; }

    static platform::RequestContext system_context(core::TenantId tenant) {
        platform::RequestContext context;
        context.actor.home_tenant = tenant;
        context.actor.tenant = tenant;
        return context;
    }

    // One master key for the program: the database outlives the node.
    static const std::shared_ptr<const crypto::MasterKey>& master() {
        static const auto key = std::make_shared<const crypto::MasterKey>(crypto::MasterKey::generate());
        return key;
    }
    static const std::shared_ptr<const crypto::ServerKeys>& server_keys() {
        static const auto keys = make_server_keys(*master());
        return keys;
    }

private:
    core::SystemClock clock_;
    TenantKeys keys_{master(), server_keys()};
    access::AccessStore store_;
    std::vector<std::unique_ptr<WritingWorker>> workers_;
    std::unique_ptr<access::AccessFeed> feed_;
};

inline void insert_keys(WritingNode& node, core::TenantId tenant, const std::vector<crypto::WrappedTenantKey>& keys) {
    static constexpr postgres::Statement insert{
        "writes_testing.insert_key",
        "INSERT INTO sentinel_private.tenant_keys (tenant_id, key_version, purpose, wrapped_key) VALUES ($1, $2, $3, $4)"};
    node.worker(0).run(node.worker(0).database().write_private([&](postgres::Transaction& transaction) -> awaitable<void> {
        for (const crypto::WrappedTenantKey& key : keys) {
            co_await transaction.execute(insert, tenant, key.version, crypto::text_of(key.purpose),
                                         postgres::as_bytes(key.wrapped));
        }
    }));
}

inline core::TenantId tenant_with_keys(WritingNode& node) {
    access::testing::OtherNode other;
    const core::TenantId tenant = other.tenant();
    const crypto::NewTenantKeys made = crypto::make_tenant_keys(node.keys().master(), tenant);
    other.change(tenant, "update sentinel.tenants set tenant_salt_encrypted = '\\x" + core::to_hex(made.salt_encrypted) +
                             "' where id = $t");
    insert_keys(node, tenant, made.keys);
    return tenant;
}

}  // namespace sentinel::writes::testing
