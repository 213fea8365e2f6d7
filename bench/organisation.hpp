#pragma once
/// A made-up organisation of any size: the tenant that the benchmarks ask about. The same size gives the same tenant.

#include <cstdint>

#include "engine/engine.hpp"

namespace sentinel::bench {

struct Size {
    std::size_t users = 10'000;
    std::size_t permissions = 1'000;  ///< in all, spread over the roles
    std::size_t permissions_a_role = 20;
    std::size_t roles_a_user = 2;
    std::size_t depth = 5;  ///< of the resource tree
};

/// Users are UUIDs; each holds one of up to 997 combinations of roles (as many as there are roles to begin with) and one of 48 attribute sets.
engine::TenantPolicy organisation(const Size& size);

/// The n-th user.
engine::SubjectId user(std::size_t number);

/// Allowed by an unconditional permission on a type.
engine::Question plain_question(std::size_t user_number);
/// Allowed on a registered resource at the tree's full depth by a permission with three conditions on a node above it.
engine::Question conditional_question(std::size_t user_number, const Size& size);
/// Denied: nothing names the action.
engine::Question denied_question(std::size_t user_number);

engine::Instant noon() noexcept;

}  // namespace sentinel::bench
