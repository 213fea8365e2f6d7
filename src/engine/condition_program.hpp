#pragma once
/// The compiled form of a conditions object.
///
///     nodes   [leaf 0][any, end 5][leaf 1][all, end 5][leaf 2][leaf 3] …   preorder; `end` is one past the subtree
///     leaves  [operator, attribute path, ready operand, detail]            what evaluation reads
///     origins [path, operator, operand as written]                         what explanations read
///
/// The nodes as a whole are an AND. Texts, path segments and literals are views into `source`, which never changes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <re2/re2.h>

#include "core/ip.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "engine/condition_view.hpp"

namespace sentinel::engine::conditions {

using core::Instant;

enum class Operator : std::uint8_t {
    equal,
    not_equal,
    in,
    not_in,
    greater,
    greater_or_equal,
    less,
    less_or_equal,
    between,
    exists,
    contains,
    contains_any,
    contains_all,
    starts_with,
    ends_with,
    regex,
    cidr,
    time_of_day,
    weekday,
};

/// Where a path begins; the built-ins are whole paths.
enum class Source : std::uint8_t {
    resource_attribute,
    resource_or_context,  ///< a bare path
    resource_id,
    resource_type,
    resource_path,
    workflow_state,
    subject_attribute,
    subject_id,
    email_domain,
    role_names,
    group_names,
    is_service_account,
    context,
    environment_time,
    environment_time_of_day,
    environment_weekday,
    environment_date,
    nothing,  ///< below a built-in
};
constexpr bool is_environment(Source source) noexcept {
    return source >= Source::environment_time && source <= Source::environment_date;
}

/// A path, split; its segments are program.segments[first_segment …].
struct Path {
    Source source = Source::nothing;
    std::uint32_t first_segment = 0;
    std::uint32_t segment_count = 0;
};

/// One operand: a literal, or a path to read it from.
struct Operand {
    bool is_reference = false;
    Path reference{};
    View literal{};
    std::optional<Instant> instant{};  ///< of a range's literal that is a date-time
};

/// The operand of a list operator: literals sorted by order() without duplicates, and references.
struct List {
    std::vector<View> literals;
    std::vector<Path> references;

    bool contains(const View& value) const noexcept;
    bool has_kind(View::Kind kind) const noexcept;
    void sort();
};

struct TimeWindow {
    int from = 0;  ///< second of the local day
    int to = 0;    ///< never equal to from
    core::Zone zone = core::Zone::utc();
};

struct Weekdays {
    unsigned mask = 0;  ///< bit 0 = Monday
    core::Zone zone = core::Zone::utc();
};

struct Leaf {
    Operator operation = Operator::equal;
    Path attribute{};
    Operand operand{};
    std::uint32_t detail = 0;  ///< index into the program's table of this operator
};

/// The leaf as it was written.
struct Origin {
    std::string_view path;
    std::string_view operator_name;
    const json::Value* operand = nullptr;
};

enum class NodeKind : std::uint8_t { leaf, all, any, not_all };

struct Node {
    NodeKind kind = NodeKind::leaf;
    std::uint32_t leaf = 0;
    std::uint32_t end = 0;  ///< index one past the last node below this one
};

struct Program {
    json::Object source;
    std::vector<Node> nodes;
    std::vector<Leaf> leaves;
    std::vector<Origin> origins;  ///< parallel to leaves
    std::vector<std::string_view> segments;
    std::vector<List> lists;
    std::vector<std::array<Operand, 2>> bounds;
    std::vector<std::unique_ptr<const re2::RE2>> expressions;
    std::vector<std::vector<core::IpNetwork>> networks;
    std::vector<TimeWindow> windows;
    std::vector<Weekdays> weekdays;

    // Answers about the program as a whole.
    std::vector<std::uint32_t> time_leaves;  ///< leaves on env.time whose edges can be computed
    bool edges_computable = true;            ///< false: a leaf depends on the clock in another way
    bool reads_subject = false;
    std::vector<std::string> subject_attribute_names;  ///< sorted
};

/// Memory held, expressions' automata aside (they grow while matching, each within its bound).
std::size_t bytes(const Program& program) noexcept;

}  // namespace sentinel::engine::conditions
