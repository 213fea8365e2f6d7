#include "platform/http/server_state.hpp"

#include <string_view>

namespace sentinel::http {

namespace {

bool enter_below(std::atomic<std::size_t>& count, std::size_t limit) noexcept {
    if (count.fetch_add(1, std::memory_order_relaxed) < limit) return true;
    count.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

}  // namespace

std::size_t ConnectionCounts::AddressHash::operator()(const core::IpAddress& address) const noexcept {
    const auto* bytes = reinterpret_cast<const char*>(address.bytes.data());
    return std::hash<std::string_view>{}(std::string_view(bytes, address.bytes.size()));
}

bool ConnectionCounts::enter(const core::IpAddress& address, bool is_management, bool is_trusted_peer) {
    if (is_management) return enter_below(management_, options_.limits.management_connections);
    if (!enter_below(total_, options_.limits.connections)) return false;
    if (is_trusted_peer) return true;
    const std::scoped_lock lock(mutex_);
    std::size_t& count = by_address_[address];
    if (count < options_.limits.connections_per_address) {
        ++count;
        return true;
    }
    total_.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

void ConnectionCounts::leave(const core::IpAddress& address, bool is_management, bool is_trusted_peer) {
    if (is_management) {
        management_.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    total_.fetch_sub(1, std::memory_order_relaxed);
    if (is_trusted_peer) return;
    const std::scoped_lock lock(mutex_);
    const auto found = by_address_.find(address);
    if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
}

}  // namespace sentinel::http
