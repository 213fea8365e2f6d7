#pragma once
/// The policy document (docs/policy-document.md): a tenant's policy as it is written, by key, references by name.

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/json.hpp"
#include "core/time.hpp"
#include "engine/model.hpp"
#include "engine/question.hpp"
#include "policy/node.hpp"
#include "policy/problem.hpp"

namespace sentinel::policy {

using core::Instant;

/// A mapping of a document: key -> row.
template <class Row>
using ByKey = std::map<std::string, Row, std::less<>>;

/// Key `type/code`.
struct ResourceRow {
    std::optional<std::string> parent;  ///< type/code
    json::Object attributes;
    std::optional<std::string> workflow_state;
    bool is_active = true;
    friend bool operator==(const ResourceRow&, const ResourceRow&) = default;
};

/// Key `entity_type/field_name`.
struct FieldRow {
    engine::Tier tier = engine::Tier::core;
    engine::FieldRights default_visibility = engine::field_read;
    bool is_authoritative = false;
    bool is_active = true;
    bool platform = false;
    friend bool operator==(const FieldRow&, const FieldRow&) = default;
};

/// What a permission or grant is about: exactly one of resource (type/code) and resource_path.
struct Target {
    std::string resource_type;
    std::optional<std::string> resource;
    std::optional<std::string> resource_path;
    friend bool operator==(const Target&, const Target&) = default;
};

struct PermissionRow {
    Target target;
    std::vector<std::string> actions;
    engine::Effect effect = engine::Effect::allow;
    bool enforced = false;
    bool applies_to_descendants = true;
    bool is_active = true;
    json::Object conditions;
    engine::FieldMap fields;
    friend bool operator==(const PermissionRow&, const PermissionRow&) = default;
};

struct RoleRow {
    int priority = 0;
    std::optional<std::string> parent;
    std::vector<std::string> permissions;  ///< sorted
    std::vector<std::string> scopes;       ///< sorted
    bool is_active = true;
    friend bool operator==(const RoleRow&, const RoleRow&) = default;
};

/// A role given to somebody, or a membership: by name.
struct Assignment {
    std::string name;
    engine::Validity validity;
    friend bool operator==(const Assignment&, const Assignment&) = default;
};

struct GroupRow {
    std::optional<std::string> parent;
    std::vector<Assignment> roles;  ///< sorted
    json::Object rule;
    bool is_active = true;
    friend bool operator==(const GroupRow&, const GroupRow&) = default;
};

enum class UserStatus : std::uint8_t { active, inactive, locked };
enum class TenantStatus : std::uint8_t { active, suspended };

struct UserRow {
    UserStatus status = UserStatus::active;
    bool is_service_account = false;
    std::optional<std::string> email_domain;
    json::Object attributes;
    std::vector<Assignment> roles;   ///< sorted
    std::vector<Assignment> groups;  ///< sorted
    friend bool operator==(const UserRow&, const UserRow&) = default;
};

struct GrantRow {
    std::string user;
    Target target;
    std::vector<std::string> actions;
    engine::Validity validity;
    std::optional<engine::RequestId> request;
    bool applies_to_descendants = true;
    friend bool operator==(const GrantRow&, const GrantRow&) = default;
};

/// A subject that exists in one test only.
struct ImaginedSubject {
    std::vector<Assignment> roles;   ///< sorted
    std::vector<Assignment> groups;  ///< sorted
    json::Object attributes;
    friend bool operator==(const ImaginedSubject&, const ImaginedSubject&) = default;
};

/// One test (docs/policy-document.md, Scenarios).
struct TestRow {
    std::optional<std::string> suite;
    std::variant<std::string, ImaginedSubject> subject;  ///< user_id, or as
    std::string action;
    engine::ResourceReference resource;
    json::Object context;
    std::optional<Instant> now;
    json::Object expected;  ///< checked in form; rights of fields sorted, `error` always {kind, pointer?}
    friend bool operator==(const TestRow& left, const TestRow& right);
};

struct Document {
    std::string tenant;
    bool inherit_permissions = false;
    TenantStatus status = TenantStatus::active;
    ByKey<ResourceRow> resources;
    ByKey<FieldRow> fields;
    ByKey<PermissionRow> permissions;
    ByKey<RoleRow> roles;  ///< without the built-in ones, but for `everyone` when it has permissions
    ByKey<GroupRow> groups;
    json::Object menu;
    ByKey<UserRow> users;
    ByKey<GrantRow> grants;
    std::vector<Document> ancestors;  ///< nearest first
    ByKey<TestRow> tests;
    std::optional<std::string> policy;  ///< of a scenario file: where the rest of the document is
    friend bool operator==(const Document&, const Document&) = default;
};

struct ReadOptions {
    ReadLimits limits = server_limits;
    /// Whether the kinds and members that only the command line and embedded engines read are legal.
    bool offline = true;
};

/// Roles and permissions may form chains of at most this many rows (00 section 9).
inline constexpr std::size_t max_chain = 32;
inline constexpr int max_role_priority = 1000;

/// A role that every document has without writing it.
struct BuiltInRole {
    std::string_view name;
    int priority = 0;
};
const std::vector<BuiltInRole>& built_in_roles();
bool is_built_in_role(std::string_view name);

/// Reads a document and reports every fault at once, with its line and pointer. With `policy` in it, references of its tests
/// are not checked here but by load_scenario.
std::expected<Document, std::vector<Problem>> read(std::string_view text, Format format, const ReadOptions& options = {});

/// Members sorted, members that have their default value left out: reading what was written and writing it again gives the
/// same bytes.
std::string write_yaml(const Document& document);
std::string write_json(const Document& document);
/// The document as one JSON value, as both writers write it.
json::Object to_object(const Document& document);

}  // namespace sentinel::policy
