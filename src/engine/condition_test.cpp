#include "engine/condition.hpp"

#include <gtest/gtest.h>

TEST(Condition, EmptyIsTrue) {
    EXPECT_EQ(sentinel::engine::Condition().evaluate({}), sentinel::engine::Truth::yes);
}
