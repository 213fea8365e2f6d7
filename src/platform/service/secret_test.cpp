#include "platform/service/secret.hpp"

#include <sstream>
#include <type_traits>

#include <gtest/gtest.h>

namespace {

using sentinel::platform::Secret;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Comparable = requires(const T& left, const T& right) { left == right; };

static_assert(!Printable<Secret>);
static_assert(!Comparable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);

TEST(Secret, IsRevealedOnlyByName) {
    const Secret secret("correct horse");
    EXPECT_EQ(secret.reveal(), "correct horse");
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
    Secret first("correct horse");
    const Secret second(std::move(first));
    EXPECT_EQ(second.reveal(), "correct horse");
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
}

}  // namespace
