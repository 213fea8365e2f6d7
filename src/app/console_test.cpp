#include "app/console.hpp"

#include <gtest/gtest.h>

namespace sentinel::app {
namespace {

TEST(Visible, LeavesReadableTextAlone) { EXPECT_EQ(visible("Ærø \\ 東京 \U0001F6A2"), "Ærø \\ 東京 \U0001F6A2"); }

TEST(Visible, EscapesWhatCouldSteerATerminal) {
    EXPECT_EQ(visible("a\033[31mb\r\n\x7F"), "a\\u{1b}[31mb\\u{d}\\u{a}\\u{7f}");
    EXPECT_EQ(visible("\u0085\u202E\u2028\u200B"), "\\u{85}\\u{202e}\\u{2028}\\u{200b}");
    EXPECT_EQ(visible(std::string_view("\0", 1)), "\\u{0}");
}

TEST(Visible, EscapesNoncharacters) {
    EXPECT_EQ(visible("\uFFFE\uFFFF\uFDD0\U0001FFFF"), "\\u{fffe}\\u{ffff}\\u{fdd0}\\u{1ffff}");
    EXPECT_EQ(visible("\uFFFD\uFDF0"), "\uFFFD\uFDF0");
}

TEST(Visible, EscapesBytesThatAreNoUtf8) {
    EXPECT_EQ(visible("a\xFF\xC3"), "a\\xff\\xc3");
    EXPECT_EQ(visible("\xED\xA0\x80"), "\\xed\\xa0\\x80");
    EXPECT_EQ(visible("\xF4\x90\x80\x80x"), "\\xf4\\x90\\x80\\x80x");
}

TEST(Style, PaintsOnlyWhenAskedTo) {
    EXPECT_EQ(Style(false).paint(Colour::green, "yes"), "yes");
    EXPECT_EQ(Style(true).paint(Colour::green, "yes"), "\033[1;32myes\033[0m");
    EXPECT_EQ(Style(true).paint(Colour::plain, "yes"), "yes");
}

}  // namespace
}  // namespace sentinel::app
