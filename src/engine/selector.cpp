#include "engine/selector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "engine/question.hpp"

namespace sentinel::engine {

namespace {

using core::Fault;

bool is_lower(char letter) noexcept { return letter >= 'a' && letter <= 'z'; }
bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

std::unexpected<Fault> fault(std::string_view pointer, std::string_view code, std::string message) {
    return std::unexpected(Fault{std::string(pointer), std::string(code), std::move(message)});
}

/// What is wrong with a literal segment of a selector's path (06 rule 3); empty when nothing.
std::string_view wrong_with_segment(std::string_view segment) noexcept {
    if (segment.empty()) return "an empty segment";
    if (segment == "." || segment == "..") return "a segment `.` or `..`";
    if (segment.find_first_of("%;\\") != std::string_view::npos) return "a `%`, `;` or backslash";
    return {};
}

/// What is wrong with a segment of a question's path (semantics 1.2) beyond that; empty when nothing.
std::string_view wrong_with_question_segment(std::string_view segment) noexcept {
    if (const std::string_view wrong = wrong_with_segment(segment); !wrong.empty()) return wrong;
    if (core::code_points(segment) > max_segment_characters) return "a segment of over 255 characters";
    if (core::has_blank_end(segment)) return "a segment with a blank at an end";
    if (segment.find_first_of("*?#") != std::string_view::npos) return "a `*`, `?` or `#`";
    return {};
}

/// The segments of an absolute path without a trailing slash.
std::vector<std::string_view> split(std::string_view path) {
    path.remove_prefix(1);
    std::vector<std::string_view> segments;
    while (true) {
        const std::size_t slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

constexpr std::string_view path_pointer = "/resource_path";

std::expected<Selector, Fault> parse_absolute(std::string_view resource_type, std::string_view path) {
    if (path == "/") return fault(path_pointer, "format", "The path `/` has no segment.");
    Selector selector{.form = SelectorForm::path, .type = std::string(resource_type)};
    std::size_t many = 0;
    for (const std::string_view segment : split(path)) {
        if (segment == wildcard) {
            selector.segments.push_back({.kind = PathSegment::Kind::one, .text = {}, .id = {}});
        } else if (segment == "**") {
            ++many;
            selector.segments.push_back({.kind = PathSegment::Kind::many, .text = {}, .id = {}});
        } else {
            const std::string_view wrong = wrong_with_segment(segment);
            if (!wrong.empty()) return fault(path_pointer, "format", fmt::format("The path `{}` has {}.", path, wrong));
            selector.segments.push_back(
                {.kind = PathSegment::Kind::literal, .text = std::string(segment), .id = ResourceId::parse(segment)});
        }
    }
    if (many > 2) return fault(path_pointer, "format", fmt::format("The path `{}` has more than two `**`.", path));
    if (selector.segments.size() > max_pattern_segments) {
        return fault(
            path_pointer, "limit",
            fmt::format("The path has {} segments; at most {} are allowed.", selector.segments.size(), max_pattern_segments));
    }
    return selector;
}

bool type_fits(std::string_view resource_type, std::string_view type) noexcept {
    return resource_type == type || (resource_type == "entity" && !is_resource_kind(type));
}

std::expected<Selector, Fault> parse_relative(std::string_view resource_type, std::string_view path) {
    const std::size_t slash = path.find('/');
    const std::string_view type = path.substr(0, slash);
    if (slash == std::string_view::npos || !is_type_name(type)) {
        return fault(path_pointer, "format",
                     fmt::format("`{}` is none of `**`, `type/*`, `type/id` and an absolute path.", path));
    }
    if (!type_fits(resource_type, type)) {
        return fault(path_pointer, "reference",
                     fmt::format("The path `{}` names type `{}`, but resource_type is `{}`.", path, type, resource_type));
    }
    const std::string_view instance = path.substr(slash + 1);
    if (instance == wildcard) return Selector{.form = SelectorForm::type, .type = std::string(type)};
    if (instance.empty() || core::code_points(instance) > max_segment_characters ||
        instance.find_first_of("/*") != std::string_view::npos) {
        return fault(path_pointer, "format",
                     fmt::format("In `{}` what follows the type must be 1-255 characters without `/` and `*`.", path));
    }
    return Selector{.form = SelectorForm::instance, .type = std::string(type), .instance = std::string(instance)};
}

}  // namespace

bool is_type_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 100 && is_lower(text.front()) &&
           std::ranges::all_of(text, [](char letter) { return is_lower(letter) || is_digit(letter) || letter == '_'; });
}

bool is_action_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 64 && is_lower(text.front()) && std::ranges::all_of(text, [](char letter) {
        return is_lower(letter) || is_digit(letter) || letter == '_' || letter == '.' || letter == ':' || letter == '-';
    });
}

bool is_resource_kind(std::string_view type) noexcept {
    static constexpr std::array<std::string_view, 7> kinds{"product_family", "app",  "capability", "service",
                                                           "entity",         "page", "api"};
    return std::ranges::find(kinds, type) != kinds.end();
}

bool Selector::has_wildcard() const noexcept {
    return std::ranges::any_of(segments, [](const PathSegment& segment) { return segment.kind != PathSegment::Kind::literal; });
}

std::expected<Selector, Fault> parse_selector(std::string_view resource_type, const std::optional<ResourceId>& resource_id,
                                              std::string_view resource_path) {
    if (resource_type != wildcard && !is_type_name(resource_type)) {
        return fault("/resource_type", "format", fmt::format("`{}` is no resource type.", resource_type));
    }
    if (resource_id.has_value() != resource_path.empty()) {
        return fault(path_pointer, "required", "Exactly one of resource_id and resource_path must be set.");
    }
    if (resource_id) return Selector{.form = SelectorForm::node, .resource = resource_id};
    if (!core::is_utf8(resource_path) || !core::is_nfc(resource_path) || core::has_control_or_format(resource_path)) {
        return fault(path_pointer, "format", "The path must be NFC text without control or format characters.");
    }
    if (core::code_points(resource_path) > max_path_characters) {
        return fault(path_pointer, "limit", fmt::format("The path is longer than {} characters.", max_path_characters));
    }
    if (resource_path.size() > 1 && resource_path.ends_with('/')) resource_path.remove_suffix(1);  // means nothing
    if (resource_path == "**" || resource_path == "*/*") {
        if (resource_type == wildcard) return Selector{.form = SelectorForm::all};
        return fault("/resource_type", "reference", fmt::format("The path `{}` needs resource_type `*`.", resource_path));
    }
    if (resource_path.starts_with('/')) return parse_absolute(resource_type, resource_path);
    return parse_relative(resource_type, resource_path);
}

std::expected<std::vector<std::string_view>, Fault> split_question_path(std::string_view path) {
    constexpr std::string_view pointer = "/resource/path";
    if (!core::is_utf8(path) || !core::is_nfc(path) || core::has_control_or_format(path)) {
        return fault(pointer, "format", "The path must be NFC text without control, format or line-separator characters.");
    }
    if (!path.starts_with('/') || path.size() < 2)
        return fault(pointer, "format", fmt::format("`{}` is no absolute path.", path));
    if (path.ends_with('/')) path.remove_suffix(1);
    std::vector<std::string_view> segments = split(path);
    if (segments.size() > max_question_segments) {
        return fault(pointer, "limit",
                     fmt::format("The path has {} segments; at most {} are allowed.", segments.size(), max_question_segments));
    }
    for (const std::string_view segment : segments) {
        const std::string_view wrong = wrong_with_question_segment(segment);
        if (!wrong.empty()) return fault(pointer, "format", fmt::format("The path has {}.", wrong));
    }
    return segments;
}

std::optional<Fault> check_reference_text(std::string_view text, std::string_view pointer) {
    if (text.empty() || !core::is_utf8(text) || core::code_points(text) > max_segment_characters || !core::is_nfc(text) ||
        core::has_control_or_format(text)) {
        return Fault{std::string(pointer), "format",
                     "The value must be 1-255 characters of NFC text without control or format characters."};
    }
    return std::nullopt;
}

}  // namespace sentinel::engine
