#pragma once
/// Access matrices: who has which permission, one pair a line, and the policy that says exactly the same.

#include <expected>
#include <string>
#include <string_view>

#include "policy/document.hpp"

namespace sentinel::app {

struct MatrixFault {
    std::size_t line = 0;
    std::string message;
};

/// The action that a permission of a matrix allows, and the type of what it is about.
inline constexpr std::string_view matrix_action = "access";
inline constexpr std::string_view matrix_type = "entitlement";

/// Reads lines `user permission` (blanks between, empty lines skipped, doubles allowed). Permission p becomes an allow of
/// `access` on `entitlement/p`; each distinct set of permissions becomes one role (`role-00001` … in the order of the first
/// user that has it); each user holds exactly that role.
std::expected<policy::Document, MatrixFault> read_access_matrix(std::string_view text, std::string_view tenant);

}  // namespace sentinel::app
