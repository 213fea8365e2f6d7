#pragma once
/// Names, paths and selectors as written (decision-semantics sections 1 and 3, 06 rules 2 and 3).

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "engine/model.hpp"

namespace sentinel::engine {

inline constexpr std::string_view wildcard = "*";

/// `[a-z][a-z0-9_]{0,99}`
bool is_type_name(std::string_view text) noexcept;
/// `[a-z][a-z0-9_.:-]{0,63}`
bool is_action_name(std::string_view text) noexcept;
/// One of the seven kinds that are no entity type.
bool is_resource_kind(std::string_view type) noexcept;

/// One segment of a selector's path.
struct PathSegment {
    enum class Kind : std::uint8_t { literal, one, many };  ///< text, `*`, `**`
    Kind kind = Kind::literal;
    std::string text;
    std::optional<ResourceId> id;  ///< the literal read as an id
    friend bool operator==(const PathSegment&, const PathSegment&) = default;
};

enum class SelectorForm : std::uint8_t { all, type, instance, node, path };

/// A selector, parsed but not yet resolved against a tenant's resources. `path` covers both NODE written as a path and PATTERN.
struct Selector {
    SelectorForm form = SelectorForm::all;
    std::string type;                    ///< type, instance: T; path: the pattern's type or `*`
    std::string instance;                ///< instance: x
    std::optional<ResourceId> resource;  ///< node
    std::vector<PathSegment> segments;   ///< path
    bool has_wildcard() const noexcept;
};

/// Parses the selector of a permission or grant; the fault's pointer is /resource_type, /resource_id or /resource_path.
std::expected<Selector, core::Fault> parse_selector(std::string_view resource_type, const std::optional<ResourceId>& resource_id,
                                                    std::string_view resource_path);

/// Splits a question's path into its segments (views into `path`); the fault's pointer is /resource/path.
std::expected<std::vector<std::string_view>, core::Fault> split_question_path(std::string_view path);

/// The fault of an id or parent in a question, if any (1-255 characters, NFC, nothing invisible).
std::optional<core::Fault> check_reference_text(std::string_view text, std::string_view pointer);

}  // namespace sentinel::engine
