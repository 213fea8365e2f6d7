#include "engine/answer.hpp"

#include <fmt/format.h>

#include <utility>

namespace sentinel::engine {

std::string_view truth_text(Truth truth) noexcept {
    switch (truth) {
        case Truth::no: return "false";
        case Truth::unknown: return "unknown";
        case Truth::yes: return "true";
    }
    std::unreachable();
}

std::string_view reason_code_text(ReasonCode code) noexcept {
    switch (code) {
        case ReasonCode::tenant_inactive: return "tenant_inactive";
        case ReasonCode::subject_inactive: return "subject_inactive";
        case ReasonCode::denied_by_guardrail: return "denied_by_guardrail";
        case ReasonCode::approval_required: return "approval_required";
        case ReasonCode::granted: return "granted";
        case ReasonCode::denied_by_permission: return "denied_by_permission";
        case ReasonCode::no_matching_permission: return "no_matching_permission";
    }
    std::unreachable();
}

std::string_view because_text(Because because) noexcept {
    switch (because) {
        case Because::decides: return "decides";
        case Because::applies: return "applies";
        case Because::conditions_false: return "conditions_false";
        case Because::conditions_unknown: return "conditions_unknown";
        case Because::resource_inactive: return "resource_inactive";
    }
    std::unreachable();
}

namespace {

std::string carrier(const Matched& matched) {
    if (matched.grant) return fmt::format("grant {}", matched.grant->text());
    const std::string name = matched.permission_key.empty() ? matched.permission->text() : matched.permission_key;
    return fmt::format("permission {} of role {} (held {})", name, matched.role_name, matched.held_as);
}

}  // namespace

std::string reason_sentence(const Answer& answer) {
    switch (answer.reason_code) {
        case ReasonCode::tenant_inactive: return "The tenant is not active.";
        case ReasonCode::subject_inactive: return "The subject is inactive or locked by an administrator.";
        case ReasonCode::denied_by_guardrail: return fmt::format("Denied by the guardrail {}.", carrier(*answer.matched));
        case ReasonCode::approval_required: return "Allowed by policy, but an approval is required first.";
        case ReasonCode::granted: return fmt::format("Granted by {}.", carrier(*answer.matched));
        case ReasonCode::denied_by_permission: return fmt::format("Denied by {}.", carrier(*answer.matched));
        case ReasonCode::no_matching_permission: return "No permission applies to this action on this resource.";
    }
    std::unreachable();
}

}  // namespace sentinel::engine
