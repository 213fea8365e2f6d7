#include "platform/telemetry/metric_cells.hpp"

#include <stdexcept>

namespace sentinel::telemetry {

namespace {

/// A bit for each slot that a living thread has. Process-wide, as threads are; an atomic, so that it outlives every thread's end.
constinit std::atomic<std::uint64_t> taken_slots = 0;

/// Gives the slot back when its thread ends; the next owner goes on from the numbers that are there.
struct SlotHolder {
    unsigned slot = no_slot;
    SlotHolder() = default;
    SlotHolder(const SlotHolder&) = delete;
    SlotHolder& operator=(const SlotHolder&) = delete;
    ~SlotHolder() {
        detail::thread_slot = shared_slot;
        if (slot != no_slot) taken_slots.fetch_and(~(std::uint64_t{1} << slot), std::memory_order_release);
    }
};

}  // namespace

unsigned detail::claim_thread_slot() noexcept {
    thread_local SlotHolder holder;
    std::uint64_t taken = taken_slots.load(std::memory_order_relaxed);
    while (true) {
        const auto free = static_cast<unsigned>(std::countr_one(taken));
        if (free >= shared_slot) return thread_slot = shared_slot;
        // Acquire: what the slot's former thread counted must be seen before going on from it.
        if (taken_slots.compare_exchange_weak(taken, taken | std::uint64_t{1} << free, std::memory_order_acquire)) {
            holder.slot = free;
            return thread_slot = free;
        }
    }
}

MetricCells::~MetricCells() = default;

std::uint32_t MetricCells::reserve(std::size_t count) {
    const std::lock_guard lock(mutex_);
    if (count > capacity_ - reserved_) throw std::length_error("too many metrics");
    const std::size_t first = reserved_;
    reserved_ += count;
    return static_cast<std::uint32_t>(first);
}

MetricCells::Block MetricCells::make_block(unsigned slot) noexcept {
    const std::lock_guard lock(mutex_);
    if (!owned_[slot]) {
        owned_[slot] = std::make_unique<std::atomic<std::uint64_t>[]>(capacity_);
        blocks_[slot].store(owned_[slot].get(), std::memory_order_release);
    }
    return owned_[slot].get();
}

std::uint64_t MetricCells::sum(std::uint32_t index) const noexcept {
    std::uint64_t sum = 0;
    for (const auto& slot : blocks_) {
        const Block block = slot.load(std::memory_order_acquire);
        if (block != nullptr) sum += block[index].load(std::memory_order_relaxed);
    }
    return sum;
}

double MetricCells::sum_real(std::uint32_t index) const noexcept {
    double sum = 0;
    for (const auto& slot : blocks_) {
        const Block block = slot.load(std::memory_order_acquire);
        if (block != nullptr) sum += std::bit_cast<double>(block[index].load(std::memory_order_relaxed));
    }
    return sum;
}

}  // namespace sentinel::telemetry
