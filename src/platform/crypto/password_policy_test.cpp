#include "platform/crypto/password_policy.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sentinel::crypto;
using sentinel::platform::Rule;
using sentinel::platform::Secret;
using Faults = std::vector<PasswordFault>;
using enum PasswordFault;

Faults faults_of(std::string password, const PasswordRules& rules = {}) {
    return password_faults(Secret(std::move(password)), rules, "jane.doe", "finance@test-001.example");
}

TEST(PasswordPolicy, AcceptsAStrongPassword) {
    EXPECT_EQ(faults_of("Correct-Horse-42"), Faults{});
    EXPECT_EQ(faults_of("Zw\xC3\xB6lf Boxk\xC3\xA4mpfer 12!"), Faults{});
}

TEST(PasswordPolicy, ReportsEveryBrokenRule) {
    EXPECT_EQ(faults_of(""), (Faults{too_short, blank, no_uppercase, no_lowercase, no_number, no_special}));
    EXPECT_EQ(faults_of("aaaa"), (Faults{too_short, no_uppercase, no_number, no_special, common, repeats}));
    EXPECT_EQ(faults_of("            "), (Faults{blank, no_uppercase, no_lowercase, no_number, repeats}));
}

TEST(PasswordPolicy, AsksForEachKindAsConfigured) {
    EXPECT_EQ(faults_of("correct-horse-42"), Faults{no_uppercase});
    EXPECT_EQ(faults_of("CORRECT-HORSE-42"), Faults{no_lowercase});
    EXPECT_EQ(faults_of("Correct-Horse-xy"), Faults{no_number});
    EXPECT_EQ(faults_of("CorrectHorsexy42"), Faults{no_special});
    EXPECT_EQ(faults_of("correct horse nail cable",
                        {.min_length = 20, .require_uppercase = false, .require_numbers = false, .require_special = false}),
              Faults{});
}

TEST(PasswordPolicy, CountsCodePointsAndBytes) {
    EXPECT_EQ(faults_of("Abc-1234567"), Faults{too_short});
    EXPECT_EQ(faults_of("Abc-12345678"), Faults{});
    std::string longest = "Ab-1";
    while (longest.size() < 128) longest += "xyz9";
    EXPECT_EQ(faults_of(longest), Faults{});
    EXPECT_EQ(faults_of(longest + "x"), Faults{too_long});
    std::string emoji = "Ab-1";  // 4 + 124 code points of 4 bytes: 500 bytes fit, 128 code points do
    for (int index = 0; index < 62; ++index) emoji += "\xF0\x9F\x90\x8E\xF0\x9F\x94\x8B";
    EXPECT_EQ(faults_of(emoji), Faults{});
    EXPECT_EQ(faults_of("Abc-123456\xC3\xA4"), Faults{too_short}) << "11 code points in 12 bytes";
    EXPECT_EQ(faults_of("Abc-12345a\xCC\x88"), Faults{too_short}) << "a letter and its mark are one in NFC";
}

TEST(PasswordPolicy, RefusesNamesOfItsOwner) {
    EXPECT_EQ(faults_of("xX1!Jane.DoexX1!"), Faults{contains_identity});
    EXPECT_EQ(faults_of("1-FINANCE-trousers"), Faults{contains_identity});
    EXPECT_EQ(password_faults(Secret("Correct-Bob-Horse-42"), {}, "bob", "bob@x.example"), Faults{})
        << "three letters are no name";
    EXPECT_EQ(password_faults(Secret("Correct-Horse-42"), {}, "", ""), Faults{});
    EXPECT_EQ(password_faults(Secret("1-STRASSE-trousers"), {},
                              "stra\xC3\x9F"
                              "e",
                              ""),
              Faults{contains_identity});
}

TEST(PasswordPolicy, AllowsThreeEqualCharactersInARow) {
    EXPECT_EQ(faults_of("Correct-Horse-444"), Faults{});
    EXPECT_EQ(faults_of("Correct-Horse-4444"), Faults{repeats});
}

TEST(PasswordPolicy, KnowsCommonPasswordsInDisguise) {
    for (const std::string_view common :
         {"password", "PASSWORD", "Password123!", "P@ssw0rd2024!", "!!Welcome1!!", "123456789012", "qwertyuiop", "Qwertz-2026-",
          "Sunsh1ne1234!", "CorrectHorseBatteryStaple", "1qaz2wsx"}) {
        EXPECT_TRUE(is_common_password(common)) << common;
    }
    for (const std::string_view rare : {"", "Correct-Horse-42", "passwordless-travel", "J7#kdq9!xW2z", "4711-4812-4913"}) {
        EXPECT_FALSE(is_common_password(rare)) << rare;
    }
}

TEST(PasswordPolicy, RefusesBytesThatAreNoText) { EXPECT_EQ(faults_of("Correct-Horse-\xFF"), Faults{not_text}); }

TEST(PasswordPolicy, DescribesFaultsWithoutThePassword) {
    const auto fault = to_input_fault(too_short, {.min_length = 14}, "/new_password");
    EXPECT_EQ(fault.pointer, "/new_password");
    EXPECT_EQ(fault.rule, Rule::min_length);
    EXPECT_EQ(fault.message, "The password needs at least 14 characters.");
    EXPECT_EQ(to_input_fault(used_before, {}, "/password").rule, Rule::unique);
}

}  // namespace
