#include "core/error.hpp"

#include <gtest/gtest.h>

namespace sentinel::core {
namespace {

TEST(ErrorText, names_each_kind) {
    EXPECT_EQ(error_text(ErrorKind::validation_failed), "validation_failed");
    EXPECT_EQ(error_text(ErrorKind::not_found), "not_found");
    EXPECT_EQ(error_text(ErrorKind::conflict), "conflict");
    EXPECT_EQ(error_text(ErrorKind::forbidden), "forbidden");
    EXPECT_EQ(error_text(ErrorKind::unauthenticated), "unauthenticated");
    EXPECT_EQ(error_text(ErrorKind::rate_limited), "rate_limited");
    EXPECT_EQ(error_text(ErrorKind::unavailable), "unavailable");
}

TEST(PointerTo, escapes_as_rfc_6901) {
    EXPECT_EQ(pointer_to("", "a"), "/a");
    EXPECT_EQ(pointer_to("/a", "b/c~d"), "/a/b~1c~0d");
    EXPECT_EQ(pointer_to("/a", ""), "/a/");
    EXPECT_EQ(pointer_to("/a", "~1"), "/a/~01");
}

TEST(PointerTo, writes_an_index) {
    EXPECT_EQ(pointer_to("/roles", std::size_t{0}), "/roles/0");
    EXPECT_EQ(pointer_to("/roles", std::size_t{120}), "/roles/120");
}

}  // namespace
}  // namespace sentinel::core
