#pragma once
/// The numbers behind counters: each thread adds to a block of its own, a scrape sums the blocks.
///
/// Layout: one block of cells for every thread slot, so that no two threads write to one cache line. A cell has one writer (the
/// slot's thread) and is added to without a locked instruction; only the last slot is shared, by threads beyond the others.

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace sentinel::telemetry {

inline constexpr unsigned thread_slots = 64;
inline constexpr unsigned shared_slot = thread_slots - 1;
inline constexpr unsigned no_slot = ~0U;

namespace detail {
/// The slot of this thread while it lives; constinit, so that reading it costs one instruction.
inline constinit thread_local unsigned thread_slot = no_slot;
unsigned claim_thread_slot() noexcept;
}  // namespace detail

class MetricCells {
public:
    explicit MetricCells(std::size_t capacity) : capacity_(capacity) {}
    ~MetricCells();
    MetricCells(const MetricCells&) = delete;
    MetricCells& operator=(const MetricCells&) = delete;

    /// The first of `count` new cells in a row; throws std::length_error when there is no room.
    std::uint32_t reserve(std::size_t count);

    /// Adds to a cell, modulo 2^64 (so a negative amount may be added as its two's complement).
    void add(std::uint32_t index, std::uint64_t amount) noexcept {
        const unsigned slot = this_slot();
        std::atomic<std::uint64_t>& cell = block_of(slot)[index];
        if (slot == shared_slot) {
            cell.fetch_add(amount, std::memory_order_relaxed);
        } else {
            cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
        }
    }
    /// Adds to a cell that holds the bits of a double.
    void add_real(std::uint32_t index, double amount) noexcept {
        const unsigned slot = this_slot();
        std::atomic<std::uint64_t>& cell = block_of(slot)[index];
        std::uint64_t before = cell.load(std::memory_order_relaxed);
        const auto after = [&] { return std::bit_cast<std::uint64_t>(std::bit_cast<double>(before) + amount); };
        if (slot != shared_slot) return cell.store(after(), std::memory_order_relaxed);
        while (!cell.compare_exchange_weak(before, after(), std::memory_order_relaxed)) {}
    }
    std::uint64_t sum(std::uint32_t index) const noexcept;
    double sum_real(std::uint32_t index) const noexcept;

private:
    using Block = std::atomic<std::uint64_t>*;

    static unsigned this_slot() noexcept {
        return detail::thread_slot != no_slot ? detail::thread_slot : detail::claim_thread_slot();
    }
    Block block_of(unsigned slot) noexcept {
        const Block block = blocks_[slot].load(std::memory_order_acquire);
        return block != nullptr ? block : make_block(slot);
    }
    Block make_block(unsigned slot) noexcept;

    std::size_t capacity_;
    std::mutex mutex_;
    std::size_t reserved_ = 0;
    std::array<std::atomic<Block>, thread_slots> blocks_{};
    std::array<std::unique_ptr<std::atomic<std::uint64_t>[]>, thread_slots> owned_;
};

}  // namespace sentinel::telemetry
