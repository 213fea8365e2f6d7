#include "platform/service/timestamp.hpp"

#include <gtest/gtest.h>

namespace sentinel::platform {
namespace {

std::string text_of(std::string_view text) { return timestamp_text(*core::Instant::parse(text)); }

TEST(Timestamp, AlwaysHasMicrosecondsAndZ) {
    EXPECT_EQ(text_of("2026-01-31T08:00:00Z"), "2026-01-31T08:00:00.000000Z");
    EXPECT_EQ(text_of("2026-11-23T22:49:42.72311Z"), "2026-11-23T22:49:42.723110Z");
    EXPECT_EQ(text_of("2024-02-29T23:59:59.1234569+02:00"), "2024-02-29T21:59:59.123456Z");
    EXPECT_EQ(text_of("1969-12-31T23:59:59.5Z"), "1969-12-31T23:59:59.500000Z");
    EXPECT_EQ(text_of("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00.000000Z");
    EXPECT_EQ(text_of("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace sentinel::platform
