#include "app/policy_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <new>
#include <utility>

#include "app/console.hpp"
#include "app/file.hpp"

namespace sentinel::app {

namespace {

using policy::Problem;

/// What the document calls row `index` of a kind, or nothing where the pointer does not fit the policy.
std::string row_key(const LoadedPolicy& policy, std::string_view kind, std::size_t index) {
    const auto& tenant = policy.tenant;
    if (kind == "permissions" && index < tenant.permissions.size()) return tenant.permissions[index].key;
    if (kind == "roles" && index < tenant.roles.size()) return tenant.roles[index].name;
    if (kind == "groups" && index < tenant.groups.size()) return tenant.groups[index].name;
    if (kind == "subjects" && index < tenant.subjects.size()) return tenant.subjects[index].id.text;
    if (kind == "grants" && index < tenant.grants.size()) return grant_label(policy, tenant.grants[index].id);
    if (kind == "resources" && index < tenant.resources.size()) return resource_label(policy, tenant.resources[index].id);
    return {};
}

/// The engine names rows by index (`/permissions/3/actions`), the document by key.
std::string document_pointer(const LoadedPolicy& policy, std::string_view pointer) {
    const std::size_t kind_end = pointer.find('/', 1);
    if (!pointer.starts_with('/') || kind_end == std::string_view::npos) return std::string(pointer);
    const std::string_view kind = pointer.substr(1, kind_end - 1);
    const std::string_view rest = pointer.substr(kind_end + 1);
    std::size_t index = 0;
    const auto number = std::from_chars(rest.data(), rest.data() + rest.size(), index);
    const std::string key = number.ec == std::errc{} ? row_key(policy, kind, index) : std::string{};
    if (key.empty()) return std::string(pointer);
    const std::string_view member(number.ptr, rest.data() + rest.size());
    return core::pointer_to(fmt::format("/{}", kind == "subjects" ? "users" : kind), key) + std::string(member);
}

std::vector<Problem> to_problems(const LoadedPolicy& policy, const core::Faults& faults, std::string_view text,
                                 policy::Format format) {
    const auto node = policy::read_node(text, format, policy::command_line_limits);
    std::vector<Problem> problems;
    for (const auto& fault : faults) {
        std::string pointer = document_pointer(policy, fault.pointer);
        const std::size_t line = node ? node->line_at(pointer) : 0;
        problems.push_back({line, std::move(pointer), fault.code, fault.message});
    }
    return problems;
}

/// Finds what `policy: <path>` names, beside the file that names it.
policy::Resolve beside(const std::string& file) {
    return [file](std::string_view path) -> std::expected<policy::SourceText, std::string> {
        const std::string name = (std::filesystem::path(file).parent_path() / path).string();
        auto text = read_file(name);
        if (!text) return std::unexpected(text.error().message);
        const policy::Format format = format_of(name, *text);
        return policy::SourceText{std::move(*text), format};
    };
}

void name_permission(const LoadedPolicy& policy, const std::optional<engine::PermissionId>& id, std::string& key) {
    if (!id || !key.empty()) return;
    const auto found = policy.names.permissions.find(*id);
    if (found != policy.names.permissions.end()) key = found->second;
}

}  // namespace

policy::Format format_of(const std::string& file, std::string_view text) {
    if (file.ends_with(".json")) return policy::Format::json;
    if (file.ends_with(".yaml") || file.ends_with(".yml")) return policy::Format::yaml;
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '{' ? policy::Format::json : policy::Format::yaml;
}

std::string problem_line(std::string_view file, const Problem& problem) {
    const std::string pointer = problem.pointer.empty() ? "" : visible(problem.pointer) + ": ";
    const std::string line = problem.line == 0 ? "" : fmt::format(":{}", problem.line);
    return fmt::format("{}{}: {}{}", visible(file), line, pointer, visible(problem.message));
}

std::expected<CompiledDocument, std::vector<Problem>> compile_document(const std::string& file, std::string_view text) try {
    const policy::Format format = format_of(file, text);
    auto document = policy::load_scenario(text, format, beside(file));
    if (!document) return std::unexpected(std::move(document.error()));
    auto named = policy::to_tenant_policy(*document);
    LoadedPolicy loaded{std::move(named.policy), std::move(named.names), nullptr};
    auto snapshot = engine::build(loaded.tenant);
    if (!snapshot) return std::unexpected(to_problems(loaded, snapshot.error(), text, format));
    loaded.snapshot = std::move(*snapshot);
    return CompiledDocument{std::move(*document), std::move(loaded)};
} catch (const std::bad_alloc&) { return std::unexpected(std::vector<Problem>{{0, "", "memory", std::string(memory_message)}}); }

Result<CompiledDocument> load_document(const std::string& file) {
    const auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    auto compiled = compile_document(file, *text);
    if (compiled) return std::move(*compiled);
    const auto& problems = compiled.error();
    std::string message = problem_line(file, problems.front());
    if (problems.size() > 1) message += fmt::format(" (the first of {} problems: see sentinel validate)", problems.size());
    return std::unexpected(Failure{ExitCode::unreadable, std::move(message)});
}

Result<LoadedPolicy> load_policy(const std::string& file) {
    auto compiled = load_document(file);
    if (!compiled) return std::unexpected(std::move(compiled.error()));
    return std::move(compiled->policy);
}

void name_permissions(const LoadedPolicy& policy, engine::Answer& answer) {
    if (answer.matched) name_permission(policy, answer.matched->permission, answer.matched->permission_key);
}

void name_permissions(const LoadedPolicy& policy, engine::ExplainedAnswer& explained) {
    name_permissions(policy, explained.answer);
    for (auto& candidate : explained.explanation.candidates)
        name_permission(policy, candidate.permission, candidate.permission_key);
}

std::string resource_label(const LoadedPolicy& policy, engine::ResourceId id) {
    const auto found = policy.names.resources.find(id);
    return found == policy.names.resources.end() ? id.text() : found->second;
}

std::string grant_label(const LoadedPolicy& policy, engine::GrantId id) {
    const auto found = policy.names.grants.find(id);
    return found == policy.names.grants.end() ? id.text() : found->second;
}

}  // namespace sentinel::app
