#include "platform/crypto/password_policy.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <utf8proc.h>

#include "core/text.hpp"

namespace sentinel::crypto {

namespace {

constexpr std::size_t shortest_identity = 4;  // shorter names stand in too many words
constexpr std::size_t longest_repeat = 3;

/// What the code points of a password are.
struct Survey {
    std::size_t length = 0;
    bool upper = false;
    bool lower = false;
    bool number = false;
    bool special = false;
    bool blank = true;
    std::size_t longest_run = 0;
};

// Letters without case count as special: a rule that asks for case must not lock out scripts that have none.
void note_kind(Survey& survey, std::int32_t point) {
    switch (utf8proc_category(point)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LT: survey.upper = true; break;
        case UTF8PROC_CATEGORY_LL: survey.lower = true; break;
        case UTF8PROC_CATEGORY_ND: survey.number = true; break;
        default: survey.special = true;
    }
}

bool is_blank(std::int32_t point) {
    const auto category = utf8proc_category(point);
    return point <= ' ' || category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_CC;
}

/// REQUIRES: UTF-8.
Survey survey_of(std::string_view text) {
    Survey survey;
    std::int32_t previous = -1;
    std::size_t run = 0;
    while (!text.empty()) {
        std::int32_t point = 0;
        const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                           static_cast<utf8proc_ssize_t>(text.size()), &point);
        text.remove_prefix(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 1)));
        ++survey.length;
        note_kind(survey, point);
        survey.blank = survey.blank && is_blank(point);
        run = point == previous ? run + 1 : 1;
        survey.longest_run = std::max(survey.longest_run, run);
        previous = point;
    }
    return survey;
}

bool contains_identity(const platform::Secret& folded_password, std::string_view identity) {
    if (!core::is_utf8(identity) || core::code_points(identity) < shortest_identity) return false;
    return folded_password.reveal().contains(core::case_folded(identity));
}

struct Description {
    PasswordFault fault;
    platform::Rule rule;
    std::string_view message;
};

constexpr auto descriptions = std::to_array<Description>({
    {PasswordFault::not_text, platform::Rule::format, "The password is not valid UTF-8 text."},
    {PasswordFault::too_short, platform::Rule::min_length, "The password needs at least {} characters."},
    {PasswordFault::too_long, platform::Rule::max_length, "The password is longer than 128 characters or 512 bytes."},
    {PasswordFault::blank, platform::Rule::pattern, "The password is blank."},
    {PasswordFault::no_uppercase, platform::Rule::pattern, "The password needs an upper-case letter."},
    {PasswordFault::no_lowercase, platform::Rule::pattern, "The password needs a lower-case letter."},
    {PasswordFault::no_number, platform::Rule::pattern, "The password needs a digit."},
    {PasswordFault::no_special, platform::Rule::pattern, "The password needs a character that is neither letter nor digit."},
    {PasswordFault::common, platform::Rule::forbidden, "The password is one of those that are guessed first."},
    {PasswordFault::contains_identity, platform::Rule::forbidden, "The password contains the username or the e-mail address."},
    {PasswordFault::repeats, platform::Rule::pattern, "The password repeats a character more than three times in a row."},
    {PasswordFault::used_before, platform::Rule::unique, "The password is one of the last five."},
});
static_assert(descriptions.size() == static_cast<std::size_t>(PasswordFault::used_before) + 1);

}  // namespace

std::vector<PasswordFault> password_faults(const platform::Secret& password, const PasswordRules& rules,
                                           std::string_view username, std::string_view email) {
    if (!core::is_utf8(password.reveal())) return {PasswordFault::not_text};
    const platform::Secret text(core::to_nfc(password.reveal()));
    const platform::Secret folded_text(core::case_folded(text.reveal()));
    const Survey survey = survey_of(text.reveal());
    std::vector<PasswordFault> faults;
    const auto note = [&faults](bool broken, PasswordFault fault) {
        if (broken) faults.push_back(fault);
    };
    note(survey.length < rules.min_length, PasswordFault::too_short);
    note(survey.length > max_password_length || text.reveal().size() > max_password_bytes, PasswordFault::too_long);
    note(survey.blank, PasswordFault::blank);
    note(rules.require_uppercase && !survey.upper, PasswordFault::no_uppercase);
    note(rules.require_lowercase && !survey.lower, PasswordFault::no_lowercase);
    note(rules.require_numbers && !survey.number, PasswordFault::no_number);
    note(rules.require_special && !survey.special, PasswordFault::no_special);
    note(is_common_password(text.reveal()), PasswordFault::common);
    const bool named =
        contains_identity(folded_text, username) || contains_identity(folded_text, email.substr(0, email.find('@')));
    note(named, PasswordFault::contains_identity);
    note(survey.longest_run > longest_repeat, PasswordFault::repeats);
    return faults;
}

platform::InputFault to_input_fault(PasswordFault fault, const PasswordRules& rules, std::string_view pointer) {
    const Description& description = descriptions[static_cast<std::size_t>(fault)];
    std::string message(description.message);
    if (fault == PasswordFault::too_short) message = fmt::format(fmt::runtime(description.message), rules.min_length);
    return {platform::InputPlace::body, std::string(pointer), description.rule, std::move(message)};
}

}  // namespace sentinel::crypto
