#include "core/text.hpp"

#include <string>

#include <gtest/gtest.h>

namespace sentinel::core {
namespace {

using std::string_view_literals::operator""sv;

TEST(IsUtf8, accepts_well_formed_text) {
    for (const auto text : {""sv, "plain"sv, "exactly8"sv, "\0"sv, "é"sv, "€"sv, "😀"sv, "a long text with é near the end"sv,
                            "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF4\x8F\xBF\xBF"sv}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
}

TEST(IsUtf8, refuses_ill_formed_text) {
    for (const auto text : {"\x80"sv, "\xC3"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x9F\xBF"sv, "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv,
                            "\xE2\x82"sv, "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xF0\x9F\x98"sv,
                            "\xC3\x28"sv, "12345678\xFF"sv, "1234567\xC3"sv, "\xE2\x28\xA1"sv, "\xF0\x28\x8C\xBC"sv}) {
        EXPECT_FALSE(is_utf8(text));
    }
}

TEST(CodePoints, counts_sequences) {
    EXPECT_EQ(code_points(""), 0U);
    EXPECT_EQ(code_points("aé€😀"), 4U);
}

TEST(IsNfc, tells_composed_from_decomposed) {
    EXPECT_TRUE(is_nfc(""));
    EXPECT_TRUE(is_nfc("plain text"));
    EXPECT_TRUE(is_nfc("caf\u00E9"));
    EXPECT_FALSE(is_nfc("cafe\u0301"));
    EXPECT_FALSE(is_nfc("\u212B"));               // the Angstrom sign is Å
    EXPECT_FALSE(is_nfc("a\u0323\u0302\u0323"));  // marks out of order
    EXPECT_FALSE(is_nfc("\u1100\u1161"));         // Hangul jamo that compose
    EXPECT_TRUE(is_nfc("\uAC00"));
    EXPECT_FALSE(is_nfc("q\u0307\u0323"));
    EXPECT_TRUE(is_nfc("日本語 😀 q\u0323\u0307"));
    EXPECT_FALSE(is_nfc("\u0958"));  // excluded from composition
    EXPECT_TRUE(is_nfc("a\0b\u00E9"sv));
    EXPECT_FALSE(is_nfc("a\0e\u0301"sv));
}

TEST(Nfc, composes_what_is_not) {
    EXPECT_EQ(to_nfc("plain text"), "plain text");
    EXPECT_EQ(to_nfc("cafe\u0301"), "caf\u00E9");
    EXPECT_EQ(to_nfc("\u1100\u1161"), "\uAC00");
    EXPECT_EQ(to_nfc(std::string_view("e\u0301\0x", 5)), std::string_view("\u00E9\0x", 4));
}

TEST(HasControlOrFormat, finds_the_four_categories) {
    for (const auto text : {"\0"sv, "a\nb"sv, "\x7F"sv, "\u0085"sv, "a\u200Bb"sv, "\u202E"sv, "\u2028"sv, "\u2029"sv, "\uFEFF"sv,
                            "\u00AD"sv, "\U000E0041"sv}) {
        EXPECT_TRUE(has_control_or_format(text)) << text;
    }
    for (const auto text : {""sv, "plain text"sv, "é€😀"sv, "\u00A0"sv, "\u3000"sv, "\uE000"sv, "\u0301"sv}) {
        EXPECT_FALSE(has_control_or_format(text)) << text;
    }
}

TEST(HasBlankEnd, sees_unicode_white_space_at_either_end) {
    for (const auto text : {" a"sv, "a "sv, "\ta"sv, "a\r"sv, " "sv, "a\u00A0"sv, "\u3000a"sv, "a\u2003"sv, "\u1680é"sv,
                            "é\u0085"sv, "a\u202F"sv, "\u205Fa"sv, "a\u2028"sv}) {
        EXPECT_TRUE(has_blank_end(text)) << text;
    }
    for (const auto text : {"a"sv, "a b"sv, "é"sv, "😀"sv, "a\u00A0b"sv, "\u200Ba"sv, "日本"sv}) {
        EXPECT_FALSE(has_blank_end(text)) << text;
    }
}

TEST(CaseFold, makes_equal_what_differs_in_case_alone) {
    EXPECT_EQ(case_folded("Straße ÉCOLE"), "strasse école");
    EXPECT_EQ(case_folded("E\u0301"), case_folded("é"));
    EXPECT_EQ(case_folded("ΑΣ"), case_folded("ας"));
    EXPECT_NE(case_folded("ı"), case_folded("i"));
    EXPECT_EQ(case_folded(""), "");
}

TEST(CaseFold, compatibility_forms_fold_together) {
    EXPECT_EQ(compatibility_folded("Ａdmin＠x.example"), "admin@x.example");
    EXPECT_EQ(compatibility_folded("ﬁ"), "fi");
    EXPECT_NE(case_folded("ﬁ①"), compatibility_folded("ﬁ①"));
    const std::string once = compatibility_folded("\u0345Α");
    EXPECT_EQ(compatibility_folded(once), once);
}

TEST(AsciiCase, folds_only_ascii) {
    EXPECT_EQ(to_lower_ascii('A'), 'a');
    EXPECT_EQ(to_lower_ascii('Z'), 'z');
    EXPECT_EQ(to_lower_ascii('['), '[');
    EXPECT_EQ(to_lower_ascii('@'), '@');
    EXPECT_TRUE(equals_ignoring_ascii_case("HeLLo-1", "hEllO-1"));
    EXPECT_FALSE(equals_ignoring_ascii_case("a", "ab"));
    EXPECT_FALSE(equals_ignoring_ascii_case("É", "é"));
    EXPECT_FALSE(equals_ignoring_ascii_case("[", "{"));
}

}  // namespace
}  // namespace sentinel::core
