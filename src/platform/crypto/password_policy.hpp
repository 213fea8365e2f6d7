#pragma once
/// What a new password must be (spec 02 "Password policy"). The last five are compared by the caller, who has their hashes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/service/error.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::crypto {

/// PASSWORD_…
struct PasswordRules {
    std::size_t min_length = 12;
    bool require_uppercase = true;
    bool require_lowercase = true;
    bool require_numbers = true;
    bool require_special = true;
};
inline constexpr std::size_t max_password_length = 128;
inline constexpr std::size_t max_password_bytes = 512;
inline constexpr std::size_t password_history_length = 5;

enum class PasswordFault : std::uint8_t {
    not_text,  ///< not UTF-8
    too_short,
    too_long,
    blank,
    no_uppercase,
    no_lowercase,
    no_number,
    no_special,
    common,
    contains_identity,  ///< the username or the e-mail's local part
    repeats,            ///< more than three equal characters in a row
    used_before,        ///< one of the last five: found by the caller
};

/// Every rule that the password breaks, in the order above. `email` may be empty, and so may `username`.
std::vector<PasswordFault> password_faults(const platform::Secret& password, const PasswordRules& rules,
                                           std::string_view username, std::string_view email);
/// For `details.errors`; the text never contains the password.
platform::InputFault to_input_fault(PasswordFault fault, const PasswordRules& rules, std::string_view pointer);

/// In the built-in list, without regard to case, common substitutions (`p4ssw0rd`) and digits or signs at its ends.
bool is_common_password(std::string_view text);

}  // namespace sentinel::crypto
