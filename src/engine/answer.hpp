#pragma once
/// The engine's answer and its explanation (decision-semantics section 7).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model.hpp"

namespace sentinel::engine {

/// Kleene's three values.
enum class Truth : std::uint8_t { no, unknown, yes };
std::string_view truth_text(Truth truth) noexcept;  ///< `false`, `unknown`, `true`

/// In the order in which the first that holds is given.
enum class ReasonCode : std::uint8_t {
    tenant_inactive,
    subject_inactive,
    denied_by_guardrail,
    approval_required,  ///< reserved: approvals come with page 10
    granted,
    denied_by_permission,
    no_matching_permission,
};
std::string_view reason_code_text(ReasonCode code) noexcept;

/// What decided. For a grant: grant set, permission and role absent, role_name empty.
struct Matched {
    std::optional<PermissionId> permission;
    std::string permission_key;
    std::optional<GrantId> grant;
    std::optional<RoleId> role;
    std::string role_name;
    std::string held_as;  ///< direct, inherited:<child role>, group:<name>, everyone, grant:<request id or grant id>
    /// The nearest node at which the selector itself matched (for ALL, TYPE and INSTANCE the asked resource); absent where unregistered.
    std::optional<ResourceId> resource;
    friend bool operator==(const Matched&, const Matched&) = default;
};

/// Field name -> rights, for each tier.
using FieldAnswer = std::array<std::map<std::string, FieldRights, std::less<>>, 3>;

struct Answer {
    bool allowed = false;
    ReasonCode reason_code = ReasonCode::no_matching_permission;
    std::optional<Matched> matched;
    /// Leaf path of the deciding permission -> its value; missing ones left out.
    json::Object matched_conditions;
    FieldAnswer fields;
    std::uint64_t revision = 0;
    std::int32_t ttl = 0;  ///< seconds, 0-300
    friend bool operator==(const Answer&, const Answer&) = default;
};

/// One human sentence for the answer.
std::string reason_sentence(const Answer& answer);

// ---- explanation ---------------------------------------------------------------------------------------------------

/// One condition leaf, in canonical order (members by name, lists in order, operators of a path by name).
struct LeafTrace {
    std::string path;                   ///< as written; legacy aliases as what they stand for
    std::string operator_name;          ///< `$eq` …
    json::Value expected;               ///< the operand as written
    std::optional<json::Value> actual;  ///< absent when missing
    Truth truth = Truth::unknown;
    friend bool operator==(const LeafTrace&, const LeafTrace&) = default;
};

enum class Because : std::uint8_t {
    decides,  ///< the first that applies
    applies,  ///< applies, but one before it decides
    conditions_false,
    conditions_unknown,  ///< an allow whose conditions are unknown
    resource_inactive,   ///< an allow at or below an inactive resource
};
std::string_view because_text(Because because) noexcept;

/// A permission or grant that lists the action and reaches the resource, in deciding order.
struct CandidateTrace {
    std::optional<PermissionId> permission;
    std::string permission_key;
    std::optional<GrantId> grant;
    std::optional<RoleId> role;
    std::string role_name;
    std::string held_as;
    int priority = 0;  ///< that counts in the order; 10 000 for a grant
    Effect effect = Effect::allow;
    bool enforced = false;
    bool applies = false;
    Because because = Because::applies;
    Truth conditions = Truth::yes;
    std::vector<LeafTrace> leaves;
    friend bool operator==(const CandidateTrace&, const CandidateTrace&) = default;
};

struct EffectiveRole {
    RoleId id;
    TenantId tenant;
    std::string name;
    int priority = 0;
    std::string held_as;
    friend bool operator==(const EffectiveRole&, const EffectiveRole&) = default;
};

struct Explanation {
    std::vector<EffectiveRole> effective_roles;  ///< priority falling, then id rising
    std::vector<CandidateTrace> candidates;      ///< in deciding order; empty for an inactive tenant or subject
    friend bool operator==(const Explanation&, const Explanation&) = default;
};

struct ExplainedAnswer {
    Answer answer;
    Explanation explanation;
    friend bool operator==(const ExplainedAnswer&, const ExplainedAnswer&) = default;
};

}  // namespace sentinel::engine
