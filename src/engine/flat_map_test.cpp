#include "engine/flat_map.hpp"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace sentinel::engine {
namespace {

TEST(FlatMap, FindsNothingWhileEmpty) {
    const FlatMap map;
    EXPECT_EQ(map.find(0), FlatMap::none);
    EXPECT_EQ(map.find(~std::uint64_t{0}), FlatMap::none);
    EXPECT_EQ(map.bytes(), 0U);
}

TEST(FlatMap, KeepsTheFirstNumberOfAKey) {
    FlatMap map;
    EXPECT_EQ(map.find_or_insert(5, 1), 1U);
    EXPECT_EQ(map.find_or_insert(5, 2), 1U);
    EXPECT_EQ(map.find(5), 1U);
    EXPECT_EQ(map.find(6), FlatMap::none);
}

TEST(FlatMap, EqualsAMapOfRandomKeys) {
    std::mt19937_64 random(11);
    FlatMap map;
    std::unordered_map<std::uint64_t, std::uint32_t> model;
    for (std::uint32_t number = 0; number < 5'000; ++number) {
        const std::uint64_t key = random() % 3'000;
        EXPECT_EQ(map.find_or_insert(key, number), model.try_emplace(key, number).first->second);
    }
    for (std::uint64_t key = 0; key < 3'000; ++key) {
        const auto found = model.find(key);
        ASSERT_EQ(map.find(key), found == model.end() ? FlatMap::none : found->second) << key;
    }
}

TEST(FlatMap, FindsKeysThatShareAPlace) {
    // The highest bits of the product choose the place: multiples of 2^61 share one of eight.
    FlatMap map;
    for (std::uint64_t key = 0; key < 3; ++key) map.find_or_insert(key << 61, static_cast<std::uint32_t>(key));
    for (std::uint64_t key = 0; key < 3; ++key) EXPECT_EQ(map.find(key << 61), key);
    EXPECT_EQ(map.find(std::uint64_t{5} << 61), FlatMap::none);
}

TEST(FlatMap, IsAtMostHalfFull) {
    FlatMap map;
    for (std::uint32_t number = 0; number < 1'000; ++number) map.find_or_insert(number, number);
    EXPECT_GE(map.bytes(), 2'000U * 12);
    EXPECT_LE(map.bytes(), 4'000U * 16);
}

}  // namespace
}  // namespace sentinel::engine
