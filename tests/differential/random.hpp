#pragma once
/// A pseudo-random source whose sequence is the same on every platform and library (xoshiro256**, seeded by splitmix64).

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sentinel::differential {

/// One step of splitmix64: a good hash of 64 bits.
constexpr std::uint64_t mix(std::uint64_t seed) noexcept {
    seed += 0x9E3779B97F4A7C15ULL;
    seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EBULL;
    return seed ^ (seed >> 31);
}

class Random {
public:
    explicit Random(std::uint64_t seed) noexcept {
        for (auto& word : state_) {
            seed = mix(seed);
            word = seed;
        }
    }

    std::uint64_t next() noexcept {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// 0 to bound - 1. REQUIRES: 0 < bound < 2^32.
    std::size_t below(std::size_t bound) noexcept { return ((next() >> 32) * bound) >> 32; }
    std::size_t between(std::size_t low, std::size_t high) noexcept { return low + below(high - low + 1); }
    bool chance(unsigned percent) noexcept { return below(100) < percent; }

    template <class List>
    const auto& pick(const List& list) noexcept {
        return list[below(std::size(list))];
    }

    template <class Row>
    void shuffle(std::vector<Row>& rows) {
        for (std::size_t end = rows.size(); end > 1; --end) { std::swap(rows[end - 1], rows[below(end)]); }
    }

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace sentinel::differential
