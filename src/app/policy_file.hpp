#pragma once
/// Policy documents from files, ready to be asked.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/exit_code.hpp"
#include "engine/engine.hpp"
#include "policy/document.hpp"

namespace sentinel::app {

/// A policy that was read and compiled.
struct LoadedPolicy {
    policy::TenantDocument tenant;
    engine::SnapshotPointer snapshot;
};

void add_policy_option(CLI::App& command, std::string& file);

/// YAML or JSON: by the file's ending, else (and for `-`) by its first character.
policy::Format format_of(const std::string& file, std::string_view text);
/// Reads and compiles. What is wrong goes to stderr as `file:line: pointer: message`, then the failure is `unreadable`.
Result<LoadedPolicy> load_policy(const std::string& file);
/// One problem of a file as one line: `file:line: pointer: message`.
std::string problem_line(std::string_view file, const policy::Problem& problem);

/// `type/code` of a registered resource, for people; the id when the policy does not know it.
std::string resource_label(const engine::TenantPolicy& policy, engine::ResourceId id);

}  // namespace sentinel::app
