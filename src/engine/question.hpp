#pragma once
/// A question to the engine (decision-semantics section 1).

#include <cstdint>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "engine/model.hpp"

namespace sentinel::engine {

/// Which resource is meant: `type` and one of id, path, or neither; optionally parent; attributes overlay stored ones.
struct ResourceReference {
    std::string type;
    std::optional<std::string> id;      ///< UUID or code of a registered resource, or an outside instance's id
    std::optional<std::string> path;    ///< absolute, canonical
    std::optional<std::string> parent;  ///< UUID or code of a registered resource
    json::Object attributes;
};

/// May `subject` do `action` on `resource` in `context`? `context.time` (RFC 3339) overrides the clock.
struct Question {
    SubjectId subject;
    std::string action;
    ResourceReference resource;
    json::Object context;
};

/// Why a question has no answer. Kinds: validation_failed (malformed, or a reference that contradicts the tenant's resources: 400),
/// not_found (unknown subject or parent: 404), forbidden (context.time without the right to it: 403).
/// Order of checks, first failure wins: 1. form of subject, action, resource, context in this order; 2. right to
/// context.time; 3. the subject is known; 4. the resource resolves; 5. no authoritative attribute is overlaid.
struct QuestionError {
    core::ErrorKind kind = core::ErrorKind::validation_failed;
    core::Fault fault;  ///< pointer into the question: /user_id, /action, /resource/id, /context/time …
    friend bool operator==(const QuestionError&, const QuestionError&) = default;
};

/// Limits of a question's form.
inline constexpr std::size_t max_subject_bytes = 255;
inline constexpr std::size_t max_segment_characters = 255;
inline constexpr std::size_t max_question_segments = 64;
inline constexpr std::size_t max_pattern_segments = 32;
inline constexpr std::size_t max_path_characters = 2000;  ///< of a permission's path

}  // namespace sentinel::engine
