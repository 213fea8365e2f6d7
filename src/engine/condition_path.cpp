#include "engine/condition_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sentinel::engine::conditions {

namespace {

struct Root {
    std::string_view name;
    Source source;
};
constexpr std::array roots{
    Root{"resource", Source::resource_attribute},
    Root{"attributes", Source::resource_attribute},
    Root{"user", Source::subject_attribute},
    Root{"subject", Source::subject_attribute},
    Root{"user_attributes", Source::subject_attribute},
    Root{"context", Source::context},
};
constexpr std::string_view environment_root = "env";

/// The names that mean something of their own directly below a root.
struct BuiltIn {
    std::string_view root;
    std::string_view name;
    Source source;
};
constexpr std::array built_ins{
    BuiltIn{"resource", "id", Source::resource_id},
    BuiltIn{"resource", "type", Source::resource_type},
    BuiltIn{"resource", "path", Source::resource_path},
    BuiltIn{"resource", "workflow_state", Source::workflow_state},
    BuiltIn{"user", "id", Source::subject_id},
    BuiltIn{"user", "email_domain", Source::email_domain},
    BuiltIn{"user", "roles", Source::role_names},
    BuiltIn{"user", "groups", Source::group_names},
    BuiltIn{"user", "is_service_account", Source::is_service_account},
    BuiltIn{environment_root, "time", Source::environment_time},
    BuiltIn{environment_root, "time_of_day", Source::environment_time_of_day},
    BuiltIn{environment_root, "weekday", Source::environment_weekday},
    BuiltIn{environment_root, "date", Source::environment_date},
};

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> segments;
    for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
        segments.push_back(text.substr(0, dot));
        text.remove_prefix(dot + 1);
    }
    segments.push_back(text);
    return segments;
}

std::optional<Source> find_root(std::string_view name) {
    const auto root = std::ranges::find(roots, name, &Root::name);
    return root == roots.end() ? std::nullopt : std::optional(root->source);
}

std::optional<Source> find_built_in(std::string_view root, std::string_view name) {
    if (root == "subject") root = "user";
    const auto found = std::ranges::find_if(built_ins, [&](const BuiltIn& one) { return one.root == root && one.name == name; });
    return found == built_ins.end() ? std::nullopt : std::optional(found->source);
}

Path add_segments(Program& program, Source source, const std::vector<std::string_view>& segments, std::size_t from) {
    const Path path{.source = source,
                    .first_segment = static_cast<std::uint32_t>(program.segments.size()),
                    .segment_count = static_cast<std::uint32_t>(segments.size() - from)};
    program.segments.insert(program.segments.end(), segments.begin() + static_cast<std::ptrdiff_t>(from), segments.end());
    return path;
}

void note_subject_read(Program& program, const Path& path) {
    if (path.source == Source::subject_attribute) {
        program.subject_attribute_names.emplace_back(program.segments[path.first_segment]);
    }
    program.reads_subject = true;
}

}  // namespace

std::expected<Path, std::string> compile_path(Program& program, std::string_view text) {
    const std::vector<std::string_view> segments = split(text);
    const auto fault = [&](std::string_view sentence) {
        return std::unexpected(fmt::format("the path '{}' {}", text, sentence));
    };
    if (std::ranges::any_of(segments, [](std::string_view segment) { return segment.empty(); }))
        return fault("has an empty segment");
    if (text.starts_with('$')) return fault("begins with $, as combinators and operators do");

    const std::string_view first = segments.front();
    const std::optional<Source> root = find_root(first);
    if (!root && first != environment_root) return add_segments(program, Source::resource_or_context, segments, 0);
    if (segments.size() == 1) return fault("is a root alone");

    const std::optional<Source> built_in = find_built_in(first, segments[1]);
    if (!root && (!built_in || segments.size() > 2))
        return fault("is none of env.time, env.time_of_day, env.weekday and env.date");
    const bool below_built_in = built_in && segments.size() > 2;
    const Path path =
        built_in ? Path{.source = below_built_in ? Source::nothing : *built_in} : add_segments(program, *root, segments, 1);
    if (root == Source::subject_attribute) note_subject_read(program, path);
    return path;
}

}  // namespace sentinel::engine::conditions
