#pragma once
/// Conditions (decision-semantics section 5): compiled once into a flat program, evaluated with three-valued truth.

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "engine/answer.hpp"

namespace sentinel::engine {

inline constexpr std::size_t max_condition_depth = 16;
inline constexpr std::size_t max_condition_leaves = 256;
inline constexpr std::size_t max_condition_bytes = 64 * 1024;
/// Size of all `$regex` programs of one conditions object together (RE2 instructions), and the longest text that they look at: a
/// search costs at most their product. A longer attribute is unknown.
inline constexpr int max_regex_instructions = 4096;
inline constexpr std::size_t max_regex_text_bytes = 64 * 1024;

/// Everything a condition may look at, by reference: nothing is copied, all must outlive the evaluation.
struct ConditionInput {
    // resource: overlay members replace stored ones at the top level. Null pointer = no such object.
    const json::Object* stored_attributes = nullptr;
    const json::Object* overlay_attributes = nullptr;
    std::optional<std::string_view> resource_id;
    std::string_view resource_type;
    std::optional<std::string_view> resource_path;
    std::optional<std::string_view> workflow_state;
    // subject
    const json::Object* subject_attributes = nullptr;
    std::string_view subject_id;
    std::optional<std::string_view> email_domain;
    const json::Value* role_names = nullptr;   ///< array of texts
    const json::Value* group_names = nullptr;  ///< array of texts
    bool is_service_account = false;
    // question
    const json::Object* context = nullptr;
    Instant now;
};

/// When the truth of a condition can next change by the clock alone.
struct TimeEdge {
    bool computable = true;       ///< false: ttl is 0
    std::optional<Instant> next;  ///< the first change after now; absent: never
};

/// A compiled conditions object. Immutable, cheap to move, safe to read from many threads.
class Condition {
public:
    /// Compiles, or lists every fault with its pointer relative to the object (`/a.b/$in`). Never throws on input.
    static std::expected<Condition, core::Faults> compile(const json::Object& conditions);

    Condition();  ///< `{}`: always true
    ~Condition();
    Condition(Condition&&) noexcept;
    Condition& operator=(Condition&&) noexcept;

    bool is_always_true() const noexcept { return program_ == nullptr; }
    /// Truth for one question. No allocation except for text that `env.` paths need. Linear in the program and the texts read.
    Truth evaluate(const ConditionInput& input) const noexcept;
    /// Every leaf with its value and truth, none short-circuited, in canonical order.
    void trace(const ConditionInput& input, std::vector<LeafTrace>& leaves) const;
    /// Every leaf's path with its present value (Answer::matched_conditions).
    json::Object matched(const ConditionInput& input) const;
    TimeEdge next_edge(Instant now) const;

    /// True when any leaf or $ref reads the subject (attributes or built-ins).
    bool reads_subject() const noexcept;
    /// Top-level names of subject attributes that are read (user., subject., user_attributes.), sorted; built-ins of user. left out.
    const std::vector<std::string>& subject_attribute_names() const noexcept;
    std::size_t bytes() const noexcept;

private:
    struct Program;
    explicit Condition(std::unique_ptr<const Program> program) noexcept;
    std::unique_ptr<const Program> program_;
};

}  // namespace sentinel::engine
