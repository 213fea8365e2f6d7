#pragma once
/// A small hash map from 64-bit keys to 32-bit numbers: one array, linear probing, load at most one half. Built once, then read.

#include <bit>
#include <cstdint>
#include <vector>

namespace sentinel::engine {

class FlatMap {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    /// The number of the key, or none. Usually one cache line.
    std::uint32_t find(std::uint64_t key) const noexcept {
        if (slots_.empty()) return none;
        for (std::size_t at = place(key);; at = (at + 1) & (slots_.size() - 1)) {
            const Slot& slot = slots_[at];
            if (slot.number == none || slot.key == key) return slot.number;
        }
    }

    /// The number kept under the key; `fresh` is kept when there is none yet. REQUIRES: fresh != none.
    std::uint32_t find_or_insert(std::uint64_t key, std::uint32_t fresh) {
        if ((count_ + 1) * 2 > slots_.size()) grow();
        for (std::size_t at = place(key);; at = (at + 1) & (slots_.size() - 1)) {
            Slot& slot = slots_[at];
            if (slot.number != none && slot.key == key) return slot.number;
            if (slot.number != none) continue;
            slot = {key, fresh};
            ++count_;
            return fresh;
        }
    }

    std::size_t bytes() const noexcept { return slots_.capacity() * sizeof(Slot); }

private:
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t number = none;
    };
    std::size_t place(std::uint64_t key) const noexcept {
        return (key * 0x9E3779B97F4A7C15ULL) >> (64 - static_cast<unsigned>(std::countr_zero(slots_.size())));
    }
    void grow() {
        std::vector<Slot> before = std::move(slots_);
        slots_.assign(before.empty() ? 8 : before.size() * 2, Slot{});
        count_ = 0;
        for (const Slot& slot : before) {
            if (slot.number != none) find_or_insert(slot.key, slot.number);
        }
    }

    std::vector<Slot> slots_;
    std::size_t count_ = 0;
};

}  // namespace sentinel::engine
