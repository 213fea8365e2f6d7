#pragma once
/// The private parts of the reference evaluator: one block for each section of decision-semantics.md, in its order.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/json.hpp"
#include "core/time.hpp"
#include "engine/answer.hpp"
#include "engine/model.hpp"
#include "engine/question.hpp"

namespace sentinel::engine::reference {

std::vector<std::string> split(std::string_view text, char separator);

// ---- section 1: the question ---------------------------------------------------------------------------------------

/// One step of the way from the root to the asked resource.
struct Step {
    const Resource* resource = nullptr;  ///< a registered node; else unregistered:
    std::string text{};                  ///< its plain text
    std::string type{};                  ///< empty: of no type, as in mid-path
    bool wildcards_only = false;         ///< an instance below its parent, or the new one: no literal matches it
};

/// Which resource is meant.
struct AskedResource {
    std::string type{};
    std::vector<Step> chain{};  ///< root first; empty where it lies nowhere
    const Resource* registered = nullptr;
    std::optional<std::string> outside_id{};  ///< of an outside instance
};

/// `[a-z][a-z0-9_.:-]{0,63}`.
bool is_action_name(std::string_view text);
/// `[a-z][a-z0-9_]{0,99}`.
bool is_type_name(std::string_view text);
std::optional<QuestionError> form_fault(const Question& question);
std::expected<AskedResource, QuestionError> resolve_resource(const TenantPolicy& policy, const ResourceReference& reference);

const Resource* find_resource(const TenantPolicy& policy, const ResourceId& id);
const Resource* find_by_code(const TenantPolicy& policy, std::string_view type, std::string_view code);
/// The child (of the root for null pointer) with that id, else all children with that code.
std::vector<const Resource*> children_fitting(const TenantPolicy& policy, const Resource* parent, std::string_view segment);
std::vector<Step> chain_to(const TenantPolicy& policy, const Resource& resource);

// ---- section 2: effective roles ------------------------------------------------------------------------------------

/// A tenant whose roles can be held here: the tenant itself, then ancestors over an unbroken chain of inheritance.
struct Owner {
    TenantId tenant{};
    const std::vector<Role>* roles = nullptr;
    const std::vector<Permission>* permissions = nullptr;
    const std::vector<FieldDefinition>* fields = nullptr;
};

struct HeldRole {
    const Role* role = nullptr;
    std::size_t owner = 0;  ///< index into the owners; 0 = the tenant itself
    std::string held_as{};
};

struct Holdings {
    std::vector<Owner> owners{};
    std::vector<const Group*> groups{};
    std::vector<HeldRole> roles{};  ///< priority falling, then id rising
};

std::vector<Owner> owners_of(const TenantPolicy& policy);
Holdings holdings_of(const TenantPolicy& policy, const Subject& subject, Instant now);

// ---- section 3: selectors ------------------------------------------------------------------------------------------

enum class Form { all, type, instance, node, pattern };

/// A permission's or grant's selector as written.
struct Selector {
    Form form = Form::all;
    std::string type{};                   ///< T of TYPE and INSTANCE; resource_type of the others
    std::string instance{};               ///< x of INSTANCE
    std::optional<ResourceId> node{};     ///< NODE by id
    std::vector<std::string> segments{};  ///< of NODE by path and PATTERN
    bool applies_to_descendants = true;
};

/// That a selector reaches the asked resource, and the deepest registered node at which it matches itself.
struct Reach {
    const Resource* node = nullptr;
};

bool is_wildcard(std::string_view segment);
Selector read_selector(std::string_view resource_type, const std::optional<ResourceId>& resource_id,
                       std::string_view resource_path, bool applies_to_descendants);
std::optional<Reach> reach(const TenantPolicy& policy, const Selector& selector, Effect effect, bool of_ancestor,
                           const AskedResource& asked);

// ---- section 4: order ----------------------------------------------------------------------------------------------

/// Greater is more specific: form, leading literals, NODE before PATTERN, literals in all, fewer `**` (negated).
using Specificity = std::tuple<int, int, int, int, int>;
Specificity specificity_of(const TenantPolicy& policy, const Selector& selector);

struct Candidate {
    const Permission* permission = nullptr;  ///< null for a grant
    const Grant* grant = nullptr;
    const HeldRole* role = nullptr;  ///< of the highest priority, then the lowest id; null for a grant
    int priority = 0;
    Specificity specificity{};
    Effect effect = Effect::allow;
    bool enforced = false;
    core::Uuid id{};
    Reach reached{};
    Truth conditions = Truth::yes;
    std::vector<LeafTrace> leaves{};
    bool applies = false;
    Because because = Because::applies;
};

/// Permissions and live grants that list the action and reach the resource, in deciding order.
std::vector<Candidate> candidates_of(const TenantPolicy& policy, const Holdings& holdings, const Subject& subject,
                                     std::string_view action, const AskedResource& asked, Instant now);

// ---- section 5: conditions -----------------------------------------------------------------------------------------

/// Everything a condition may look at.
struct Facts {
    json::Object attributes{};  ///< stored ones overlaid by the question's
    std::optional<std::string> resource_id{};
    std::string resource_type{};
    std::optional<std::string> resource_path{};
    std::optional<std::string> workflow_state{};
    json::Object subject_attributes{};
    std::string subject_id{};
    std::optional<std::string> email_domain{};
    std::optional<json::Value> roles{};
    std::optional<json::Value> groups{};
    bool is_service_account = false;
    json::Object context{};
    Instant now{};
};

/// A conditions object read into and, or, not and leaves.
struct ConditionNode {
    enum class Kind { leaf, all, any, negation } kind = Kind::all;
    std::vector<ConditionNode> children{};
    std::string path{};
    std::string operator_name{};
    const json::Value* operand = nullptr;  ///< lives in the conditions object
};

/// What a legacy key stands for.
struct LegacyAlias {
    std::string_view key;
    std::string_view path;
    std::string_view operator_name;
};
const LegacyAlias* find_alias(std::string_view key);

ConditionNode read_conditions(const json::Object& conditions);
Truth evaluate(const ConditionNode& node, const Facts& facts, std::vector<LeafTrace>& leaves);
std::optional<json::Value> value_at(std::string_view path, const Facts& facts);
/// The path of `{"$ref": path}`, or null pointer.
const std::string* reference_path(const json::Value& operand);
Truth operator_truth(std::string_view operator_name, const json::Value& operand, const std::optional<json::Value>& actual,
                     const Facts& facts);
/// Kleene's not.
Truth negated(Truth truth);
core::Zone zone_of(const json::Object& operand);
void validate_conditions(const json::Object& conditions, core::Faults& faults);

// ---- section 6: fields ---------------------------------------------------------------------------------------------

struct EffectiveField {
    std::string name{};
    Tier tier = Tier::core;
    FieldRights default_visibility{};
    bool authoritative = false;
};

/// Page 08 rule 2.
std::vector<EffectiveField> effective_fields(const TenantPolicy& policy, std::string_view entity_type);
FieldAnswer field_rights(const std::vector<EffectiveField>& defined, const std::vector<Candidate>& candidates, bool allowed);

// ---- section 7: the answer -----------------------------------------------------------------------------------------

std::int32_t seconds_to_live(const TenantPolicy& policy, const Subject& subject, const Holdings& holdings,
                             const std::vector<Candidate>& candidates, Instant now);

}  // namespace sentinel::engine::reference
