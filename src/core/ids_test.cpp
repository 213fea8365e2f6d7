#include "core/ids.hpp"

#include <unordered_set>

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "core/vectors_test.hpp"

namespace sentinel::core {
namespace {

const Uuid dns_name_space = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

Instant at(const char* text) { return *Instant::parse(text); }

TEST(Uuid, conformance_vectors) {
    SENTINEL_NEEDS_VECTORS("ids/uuid.json");
    const auto set = vectors::parse("ids/uuid.json");
    for (const auto& row : vectors::rows(set, "valid")) {
        const std::string text = vectors::text(row, "text");
        const auto uuid = Uuid::parse(text);
        ASSERT_TRUE(uuid) << text;
        EXPECT_EQ(uuid->version(), static_cast<int>(vectors::number(row, "version"))) << text;
        EXPECT_TRUE(equals_ignoring_ascii_case(uuid->text(), text)) << uuid->text();
        if (uuid->version() == 7) EXPECT_EQ(static_cast<double>(uuid->unix_milliseconds()), vectors::number(row, "unix_ms"));
    }
    for (const auto& row : vectors::rows(set, "invalid")) {
        EXPECT_FALSE(Uuid::parse(vectors::text(row, "text"))) << vectors::text(row, "text");
    }
}

TEST(Uuid, text_is_lower_case) {
    EXPECT_EQ(Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")->text(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(Uuid, version_5_of_rfc_9562) {
    EXPECT_EQ(Uuid::v5(dns_name_space, "www.example.com").text(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    EXPECT_NE(Uuid::v5(dns_name_space, "a"), Uuid::v5(dns_name_space, "b"));
    EXPECT_NE(Uuid::v5(dns_name_space, "a"), Uuid::v5(Uuid{}, "a"));
}

TEST(Uuid, order_is_that_of_the_text) {
    const auto low = *Uuid::parse("00000000-0000-0000-0000-0000000000ff");
    const auto high = *Uuid::parse("ff000000-0000-0000-0000-000000000000");
    EXPECT_LT(low, high);
}

TEST(UuidV7Generator, writes_time_version_and_variant) {
    const FixedClock clock(at("2022-02-22T19:22:22.001999Z"));
    UuidV7Generator generator(clock, [] { return ~0ULL; });
    const Uuid uuid = generator.next();
    EXPECT_EQ(uuid.version(), 7);
    EXPECT_EQ(uuid.bytes[8] >> 6, 2);
    EXPECT_EQ(uuid.unix_milliseconds(), 1'645'557'742'001);
}

TEST(UuidV7Generator, rises_while_the_clock_stands_or_goes_back) {
    FixedClock clock(at("2026-01-01T00:00:00Z"));
    std::uint64_t state = 1;
    UuidV7Generator generator(clock, [&state] { return state *= 0xD1342543DE82EF95ULL; });
    Uuid last = generator.next();
    for (int count = 0; count < 20'000; ++count) {
        if (count == 10'000) clock.set(at("2025-12-31T23:59:00Z"));
        const Uuid next = generator.next();
        ASSERT_LT(last, next) << count;
        last = next;
    }
    EXPECT_EQ(last.unix_milliseconds(), 1'767'225'600'000);
}

TEST(UuidV7Generator, borrows_a_millisecond_when_the_counter_is_full) {
    const FixedClock clock(at("2026-01-01T00:00:00Z"));
    UuidV7Generator generator(clock, [] { return ~0ULL; });  // starts the counter at half of its range
    Uuid last = generator.next();
    const auto first_millisecond = last.unix_milliseconds();
    std::size_t made = 0;
    while (last.unix_milliseconds() == first_millisecond) {
        const Uuid next = generator.next();
        ASSERT_LT(last, next);
        last = next;
        ++made;
    }
    EXPECT_EQ(made, (1U << 17) + 1);
    EXPECT_EQ(last.unix_milliseconds(), first_millisecond + 1);
}

TEST(UuidV7Generator, uses_the_random_source) {
    const FixedClock clock(at("2026-01-01T00:00:00Z"));
    UuidV7Generator zeros(clock, [] { return 0ULL; });
    UuidV7Generator ones(clock, [] { return ~0ULL; });
    EXPECT_EQ(zeros.next().text(), "019b76da-a800-7000-8000-000000000000");
    EXPECT_EQ(ones.next().text(), "019b76da-a800-77ff-bfff-ffffffffffff");
}

TEST(UuidV7Generator, a_clock_before_1970_counts_as_1970) {
    const FixedClock clock(at("1900-01-01T00:00:00Z"));
    UuidV7Generator generator(clock, [] { return 0ULL; });
    EXPECT_EQ(generator.next().unix_milliseconds(), 0);
}

TEST(Id, parses_hashes_and_prints) {
    using ThingId = Id<struct ThingTag>;
    const auto id = ThingId::parse("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->text(), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    EXPECT_FALSE(ThingId::parse("vessel-001"));
    const std::unordered_set<ThingId> ids{*id, *id, ThingId{}};
    EXPECT_EQ(ids.size(), 2U);
}

}  // namespace
}  // namespace sentinel::core
