/// Page 06, data table and rules 1-4: faults of a permission as written.

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "engine/reference/parts.hpp"
#include "engine/reference/reference.hpp"

namespace sentinel::engine::reference {

namespace {

constexpr std::size_t max_actions = 32;
constexpr std::size_t max_field_entries = 500;
constexpr std::size_t max_key_characters = 128;
constexpr std::array kinds{"product_family", "app", "capability", "service", "entity", "page", "api"};
constexpr std::array tier_names{"core", "platform_dynamic", "tenant_specific"};

/// Collects faults: rule 1 wants all at once.
class Report {
public:
    explicit Report(core::Faults& faults) : faults_(&faults) {}
    void fault(std::string pointer, std::string_view code, std::string_view message) {
        faults_->push_back({std::move(pointer), std::string(code), std::string(message)});
    }

private:
    core::Faults* faults_;
};

void validate_key(const Permission& permission, Report& report) {
    const std::string& key = permission.key;
    if (key.empty()) return;
    const auto is_lower_or_digit = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    };
    const bool grammatical = is_lower_or_digit(key.front()) && std::ranges::all_of(key, [&](char letter) {
                                 return is_lower_or_digit(letter) || std::string_view("._:/-").contains(letter);
                             });
    if (!grammatical || key.size() > max_key_characters)
        report.fault("/key", "format", "The key is not [a-z0-9][a-z0-9._:/-]{0,127}.");
}

/// 1-32, distinct; an action name or `*`; `*` stands alone.
void validate_actions(const std::vector<std::string>& actions, Report& report) {
    if (actions.empty()) report.fault("/actions", "required", "At least one action is needed.");
    if (actions.size() > max_actions) report.fault("/actions", "limit", "At most 32 actions.");
    for (std::size_t index = 0; index < actions.size(); ++index) {
        const std::string pointer = core::pointer_to("/actions", index);
        const auto earlier = std::ranges::find(actions, actions[index]) - actions.begin();
        if (static_cast<std::size_t>(earlier) < index) report.fault(pointer, "duplicate", "The action is listed twice.");
        if (actions[index] == "*") {
            if (actions.size() > 1) report.fault(pointer, "format", "`*` stands alone.");
        } else if (!is_action_name(actions[index])) {
            report.fault(pointer, "format", "The action is not [a-z][a-z0-9_.:-]{0,63}.");
        }
    }
}

/// Rule 3: a segment of any path.
bool is_sound_segment(std::string_view segment) {
    return !segment.empty() && segment != "." && segment != ".." && segment.find_first_of("%;\\") == std::string_view::npos;
}

/// Rule 2, `T/*` and `T/x`.
void validate_relative_path(const Permission& permission, std::string_view path, Report& report) {
    const auto segments = split(path, '/');
    if (segments.size() != 2 || !is_type_name(segments[0])) {
        report.fault("/resource_path", "format", "A relative path is `**`, `type/*` or `type/instance`.");
        return;
    }
    const std::string& instance = segments[1];
    const bool sound = !instance.empty() && (instance == "*" || !instance.contains('*'));
    if (!sound || core::code_points(instance) > max_segment_characters) {
        report.fault("/resource_path", "format", "The instance is not 1-255 characters without `*`.");
    }
    const bool of_entity = permission.resource_type == "entity" && std::ranges::find(kinds, segments[0]) == kinds.end();
    if (segments[0] != permission.resource_type && !of_entity) {
        report.fault("/resource_path", "reference", "The path's type is not the resource_type.");
    }
}

/// Rule 3: an absolute path.
void validate_absolute_path(std::string_view path, Report& report) {
    const auto segments = split(path.substr(1), '/');
    if (segments.size() > max_pattern_segments) report.fault("/resource_path", "limit", "At most 32 segments.");
    if (!std::ranges::all_of(segments, is_sound_segment)) {
        report.fault("/resource_path", "format", "A segment is empty, `.` or `..`, or holds `%`, `;` or a backslash.");
    }
    if (std::ranges::count(segments, "**") > 2) report.fault("/resource_path", "limit", "At most two `**`.");
}

void validate_path(const Permission& permission, Report& report) {
    std::string_view path = permission.resource_path;
    if (!core::is_utf8(path) || !core::is_nfc(path) || core::has_control_or_format(path)) {
        report.fault("/resource_path", "format", "The path is not NFC text without control characters.");
        return;
    }
    if (core::code_points(path) > max_path_characters) report.fault("/resource_path", "limit", "At most 2000 characters.");
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path.starts_with('/')) {
        validate_absolute_path(path, report);
        return;
    }
    if (!permission.applies_to_descendants) {
        report.fault("/applies_to_descendants", "format", "ALL, TYPE and INSTANCE know no descendants.");
    }
    if (path == "**" || path == "*/*") {
        if (permission.resource_type != "*") report.fault("/resource_type", "format", "`**` needs the type `*`.");
        return;
    }
    validate_relative_path(permission, path, report);
}

void validate_target(const Permission& permission, Report& report) {
    if (permission.resource_type != "*" && !is_type_name(permission.resource_type)) {
        report.fault("/resource_type", "format", "The type is neither `*` nor [a-z][a-z0-9_]{0,99}.");
    }
    if (permission.resource_id && !permission.resource_path.empty()) {
        report.fault("/resource_path", "exclusive", "Give resource_id or resource_path, not both.");
    } else if (!permission.resource_id && permission.resource_path.empty()) {
        report.fault("/resource_path", "required", "Give resource_id or resource_path.");
    } else if (!permission.resource_id) {
        validate_path(permission, report);
    }
}

/// Rule 4, the limit of entries, and that a deny carries none.
void validate_fields(const Permission& permission, Report& report) {
    std::size_t entries = 0;
    for (std::size_t tier = 0; tier < tier_names.size(); ++tier) {
        for (const auto& [name, rights] : permission.fields[tier]) {
            ++entries;
            if (rights == FieldRights{}) {
                report.fault(core::pointer_to(core::pointer_to("/fields", tier_names[tier]), name), "required",
                             "No right given.");
            }
            if (!rights.hidden || (!rights.read && !rights.write)) continue;
            report.fault(core::pointer_to(core::pointer_to("/fields", tier_names[tier]), name), "format",
                         "`hidden` stands alone.");
        }
    }
    if (entries > max_field_entries) report.fault("/fields", "limit", "At most 500 entries.");
    if (entries > 0 && permission.effect == Effect::deny) report.fault("/fields", "format", "A deny carries no field rights.");
}

}  // namespace

core::Faults validate(const Permission& permission) {
    core::Faults faults;
    Report report(faults);
    validate_key(permission, report);
    validate_target(permission, report);
    validate_actions(permission.actions, report);
    core::Faults of_conditions;
    validate_conditions(permission.conditions, of_conditions);
    for (core::Fault& fault : of_conditions) {
        fault.pointer.insert(0, "/conditions");
        faults.push_back(std::move(fault));
    }
    validate_fields(permission, report);
    if (permission.enforced && permission.effect != Effect::deny) report.fault("/enforced", "format", "Only a deny is enforced.");
    return faults;
}

}  // namespace sentinel::engine::reference
