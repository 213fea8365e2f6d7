#include "platform/access/rate_buckets.hpp"

#include <random>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace sentinel::access {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start = 1'000 * second;
constexpr std::array<std::uint64_t, 2> seed = {1, 2};

TEST(RateTable, KeepsKeysApart) {
    RateTable table(1024, seed);
    const RateLimit once = RateLimit::per_minute(1);
    for (int number = 0; number < 50; ++number) EXPECT_TRUE(table.take(std::to_string(number), once, 1, start).passes) << number;
    for (int number = 0; number < 50; ++number) EXPECT_FALSE(table.take(std::to_string(number), once, 1, start).passes) << number;
}

TEST(RateTable, FromAFullBucketTheFigurePassesAtOnceAndOneMoreAfterTheInterval) {
    for (const std::int64_t figure : {1, 7, 60, 1'000, 600'000}) {
        RateTable table(64, seed);
        const RateLimit limit = RateLimit::per_minute(figure);
        for (std::int64_t count = 0; count < figure; ++count) {
            const RateVerdict verdict = table.take("a", limit, 1, start);
            ASSERT_TRUE(verdict.passes) << figure << " " << count;
            ASSERT_EQ(verdict.remaining, figure - count - 1);
        }
        const RateVerdict refused = table.take("a", limit, 1, start);
        EXPECT_FALSE(refused.passes);
        EXPECT_EQ(refused.retry_nanoseconds, limit.interval());
        EXPECT_FALSE(table.take("a", limit, 1, start + refused.retry_nanoseconds - 1).passes);
        EXPECT_TRUE(table.take("a", limit, 1, start + refused.retry_nanoseconds).passes);
        EXPECT_TRUE(table.take("b", limit, 1, start).passes);
    }
}

TEST(RateTable, InAnySpanAtMostTheBurstAndTheSteadyRatePass) {
    std::mt19937_64 random(42);
    for (int trial = 0; trial < 200; ++trial) {
        RateTable table(64, seed);
        const auto figure = static_cast<std::int64_t>(1 + random() % 2'000);
        const RateLimit limit = RateLimit::per_minute(figure);
        std::vector<std::int64_t> passed;
        std::int64_t now = start;
        for (int request = 0; request < 3'000; ++request) {
            now += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(1 + limit.interval()));
            if (random() % 500 == 0) now += static_cast<std::int64_t>(random() % (90 * second));
            if (table.take("a", limit, 1, now).passes) passed.push_back(now);
        }
        // The span from the i-th to the j-th that passed holds j - i + 1 of them.
        for (std::size_t from = 0; from < passed.size(); from += 37) {
            for (std::size_t to = from; to < passed.size(); ++to) {
                const auto count = static_cast<__int128>(to - from + 1);
                const __int128 span = passed[to] - passed[from];
                ASSERT_LE(count * 60 * second, static_cast<__int128>(figure) * 60 * second + figure * span) << figure;
            }
        }
    }
}

TEST(RateTable, PeekingTakesNothingAndGivingBackUndoesATake) {
    RateTable table(64, seed);
    const RateLimit limit = RateLimit::per_minute(2);
    for (int count = 0; count < 5; ++count) EXPECT_TRUE(table.peek("a", limit, 1, start).passes);
    EXPECT_TRUE(table.take("a", limit, 2, start).passes);
    EXPECT_FALSE(table.peek("a", limit, 1, start).passes);
    table.give_back("a", limit, 1);
    EXPECT_TRUE(table.take("a", limit, 1, start).passes);
    EXPECT_FALSE(table.take("a", limit, 1, start).passes);
    EXPECT_FALSE(table.take("b", limit, 3, start).passes);
    EXPECT_TRUE(table.take("b", limit, 2, start).passes);
}

TEST(RateTable, AFloodOfMadeUpKeysNeitherGrowsItNorForgetsADebt) {
    RateTable table(64, seed);
    const RateLimit limit = RateLimit::per_minute(3);
    for (int count = 0; count < 3; ++count) EXPECT_TRUE(table.take("victim", limit, 1, start).passes);
    for (int number = 0; number < 10'000; ++number) table.take("flood " + std::to_string(number), limit, 1, start + 1);
    EXPECT_FALSE(table.take("victim", limit, 1, start + 2).passes);
    EXPECT_EQ(table.cells(), 64U);
    EXPECT_TRUE(table.take("late comer", limit, 1, start + 120 * second).passes);
}

TEST(RateTable, ThreadsTogetherPassNoMoreThanTheFigure) {
    for (int trial = 0; trial < 20; ++trial) {
        RateTable table(64, seed);
        const RateLimit limit = RateLimit::per_minute(1'000);
        std::atomic<int> passed{0};
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&] {
                for (int count = 0; count < 1'000; ++count) passed += table.take("a", limit, 1, start).passes ? 1 : 0;
            });
        }
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(passed.load(), 1'000);
    }
}

TEST(RateTable, CellsChangeHandsUnderThreadsWithoutDoublePasses) {
    RateTable table(8, seed);  // one set: every key is in the way of every other
    const RateLimit once = RateLimit::per_minute(1);
    std::array<std::atomic<int>, 6> passed{};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int round = 0; round < 500; ++round) {
                for (std::size_t key = 0; key < passed.size(); ++key) {
                    const std::string name = std::to_string(key) + "/" + std::to_string(round);
                    passed[key] += table.take(name, once, 1, start + round * 61 * second).passes ? 1 : 0;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    // Threads run at different times, so that a round may be judged by a table that is rounds ahead: never more than one a round.
    for (const std::atomic<int>& count : passed) EXPECT_LE(count.load(), 500);
}

TEST(RateBuckets, AddressesOfOneIpv6NetworkShareABucket) {
    RateBuckets buckets({});
    const RateLimit limit = RateLimit::per_minute(1);
    const auto take = [&](std::string_view address) {
        return buckets.take(BucketKey::address(BucketKind::address_minute, *core::IpAddress::parse(address)), limit, 1, start)
            .passes;
    };
    EXPECT_TRUE(take("2001:db8:1:2::1"));
    EXPECT_FALSE(take("2001:db8:1:2:ffff::9"));
    EXPECT_TRUE(take("2001:db8:1:3::1"));
    EXPECT_TRUE(take("192.0.2.1"));
    EXPECT_TRUE(take("192.0.2.2"));
    EXPECT_FALSE(take("192.0.2.1"));
}

TEST(RateBuckets, ZeroIsNoLimitAndATenantMayHaveItsOwnFigure) {
    RateBuckets buckets({.tenant_per_minute = 0});
    const BucketKey key = BucketKey::tenant(BucketKind::tenant, {});
    for (int count = 0; count < 10'000; ++count)
        EXPECT_TRUE(buckets.take(key, buckets.limit(BucketKind::tenant), 1, start).passes);
    EXPECT_EQ(buckets.limit(BucketKind::tenant, 5).burst, 5);
    EXPECT_EQ(buckets.limit(BucketKind::principal).burst, 600);
    EXPECT_EQ(RateBuckets({.enabled = false}).limit(BucketKind::principal, 7).is_limited(), false);
}

TEST(RateBuckets, ReportsABlockedBucketOnceAMinute) {
    RateBuckets buckets({});
    const BucketKey key = BucketKey::tenant(BucketKind::tenant, {});
    EXPECT_TRUE(buckets.is_report_due(key, start));
    EXPECT_FALSE(buckets.is_report_due(key, start + 59 * second));
    EXPECT_TRUE(buckets.is_report_due(key, start + 60 * second));
    EXPECT_TRUE(buckets.is_report_due(BucketKey::tenant(BucketKind::checks, {}), start));
}

TEST(RateBuckets, TellsTheHeadersFigures) {
    const RateLimit limit = RateLimit::per_minute(60);
    RateTable table(64, seed);
    const RateVerdict taken = table.take("a", limit, 1, start);
    const http::RateState state = rate_state(limit, taken, 100);
    EXPECT_EQ(state.limit, 60);
    EXPECT_EQ(state.remaining, 59);
    EXPECT_EQ(state.reset, 101);
    table.take("a", limit, 59, start);
    EXPECT_EQ(retry_seconds(table.take("a", limit, 1, start)), 1);
}

}  // namespace
}  // namespace sentinel::access
