#pragma once
/// Sessions that may only finish their login (spec 02 rule 9). Their tokens say so in the claim `scope`: it is cut to one word that is
/// no scope, so that whoever does not know the word lets them do nothing.

#include <cstdint>
#include <optional>
#include <string_view>

namespace sentinel::access {

enum class Restriction : std::uint8_t { password_change, mfa_enrollment };

/// The whole claim `scope` of such a token: `restricted:password_change` or `restricted:mfa_enrollment`.
constexpr std::string_view scope_claim_of(Restriction restriction) noexcept {
    return restriction == Restriction::password_change ? "restricted:password_change" : "restricted:mfa_enrollment";
}
constexpr std::optional<Restriction> parse_restriction(std::string_view scope_claim) noexcept {
    for (const Restriction restriction : {Restriction::password_change, Restriction::mfa_enrollment}) {
        if (scope_claim == scope_claim_of(restriction)) return restriction;
    }
    return std::nullopt;
}

}  // namespace sentinel::access
