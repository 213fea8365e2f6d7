#pragma once
/// Policy documents from files, ready to be asked.

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "app/exit_code.hpp"
#include "engine/engine.hpp"
#include "policy/document.hpp"
#include "policy/scenario.hpp"
#include "policy/tenant_policy.hpp"

namespace sentinel::app {

/// A policy that was read and compiled.
struct LoadedPolicy {
    engine::TenantPolicy tenant;
    policy::Names names;
    engine::SnapshotPointer snapshot;
};

/// YAML or JSON: by the file's ending, else (and for `-`) by its first character.
policy::Format format_of(const std::string& file, std::string_view text);
/// One problem of a file as one line: `file:line: pointer: message`, without the line or the pointer where there is none.
std::string problem_line(std::string_view file, const policy::Problem& problem);

/// A document, with the policy that another one holds where it names one, and what it compiles to.
struct CompiledDocument {
    policy::Document document;
    LoadedPolicy policy;
};

/// Reads and compiles, or gives every problem. `file` says the format and where `policy: <path>` begins.
std::expected<CompiledDocument, std::vector<policy::Problem>> compile_document(const std::string& file, std::string_view text);
/// The same for a file; a failure names the first problem and says how many there are.
Result<CompiledDocument> load_document(const std::string& file);
Result<LoadedPolicy> load_policy(const std::string& file);

/// Names the permissions that have no key (that of `tenant_admin`) as documents do: `$tenant_admin`.
void name_permissions(const LoadedPolicy& policy, engine::Answer& answer);
void name_permissions(const LoadedPolicy& policy, engine::ExplainedAnswer& explained);

/// `type/code` of a registered resource, for people; the id when the policy does not know it.
std::string resource_label(const LoadedPolicy& policy, engine::ResourceId id);
/// The key of a grant, for people; the id when the policy does not know it.
std::string grant_label(const LoadedPolicy& policy, engine::GrantId id);

}  // namespace sentinel::app
