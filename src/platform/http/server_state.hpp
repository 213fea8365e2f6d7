#pragma once
/// What the workers of one server share: settings that never change, and counts of connections.

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "platform/http/server.hpp"

namespace sentinel::http {

/// How many connections there are, in all and by address. Thread-safe.
class ConnectionCounts {
public:
    explicit ConnectionCounts(const ServerOptions& options) : options_(options) {}
    /// False, and nothing counted, where a cap is reached.
    bool enter(const core::IpAddress& address, bool is_management, bool is_trusted_peer);
    void leave(const core::IpAddress& address, bool is_management, bool is_trusted_peer);
    std::size_t total() const noexcept { return total_.load(std::memory_order_relaxed); }

private:
    struct AddressHash {
        std::size_t operator()(const core::IpAddress& address) const noexcept;
    };
    const ServerOptions& options_;
    std::atomic<std::size_t> total_ = 0;
    std::atomic<std::size_t> management_ = 0;
    std::mutex mutex_;
    std::unordered_map<core::IpAddress, std::size_t, AddressHash> by_address_;
};

struct ServerState {
    explicit ServerState(ServerOptions given) : options(std::move(given)), counts(options) {}
    const ServerOptions options;
    const core::SystemClock system_clock;
    ConnectionCounts counts;
    std::size_t requests_per_worker = 1;
    std::atomic<std::size_t> workers_left = 0;  ///< that have not drained yet
    std::function<void()> drained;              ///< written before the workers are told to drain

    const core::Clock& clock() const noexcept { return options.clock == nullptr ? system_clock : *options.clock; }
};

}  // namespace sentinel::http
