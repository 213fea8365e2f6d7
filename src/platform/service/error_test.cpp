#include "platform/service/error.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace {

using namespace sentinel;
using namespace sentinel::platform;

TEST(ServiceError, NamesEveryFaultOfAnInput) {
    const ServiceError error = validation_failed({{InputPlace::body, "/name", Rule::required, "name is missing."},
                                                  {InputPlace::query, "/limit", Rule::maximum, "limit is at most 100."}});
    EXPECT_EQ(error.status(), 400);
    EXPECT_EQ(text_of(error.code()), "VALIDATION_ERROR");
    EXPECT_EQ(core::json::to_text(error.details()),
              R"({"errors":[{"in":"body","message":"name is missing.","pointer":"/name","rule":"required"},)"
              R"({"in":"query","message":"limit is at most 100.","pointer":"/limit","rule":"maximum"}]})");
}

TEST(ServiceError, EachCodeHasItsOwnTextAndAnErrorStatus) {
    std::vector<std::string_view> seen;
    for (int code = 0; code <= static_cast<int>(ErrorCode::stale_revision); ++code) {
        const auto text = text_of(static_cast<ErrorCode>(code));
        EXPECT_GE(status_of(static_cast<ErrorCode>(code)), 400) << text;
        EXPECT_EQ(std::ranges::count(seen, text), 0) << text;
        seen.push_back(text);
    }
}

TEST(ServiceError, SaysWhenToTryAgain) {
    const ServiceError error = rate_limited("tenant", std::chrono::seconds(7));
    EXPECT_EQ(error.status(), 429);
    EXPECT_EQ(error.retry_after(), std::chrono::seconds(7));
    EXPECT_EQ(core::json::to_text(error.details()), R"({"bucket":"tenant","retry_after":7})");
}

TEST(ServiceError, ConflictCarriesItsReasonAndPlace) {
    const ServiceError error = conflict("duplicate", "The code is taken.", "/code");
    EXPECT_EQ(error.status(), 409);
    EXPECT_EQ(core::json::to_text(error.details()), R"({"pointer":"/code","reason":"duplicate"})");
}

}  // namespace
