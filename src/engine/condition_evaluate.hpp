#pragma once
/// Evaluates compiled conditions with Kleene's three values.

#include <optional>
#include <string>

#include "engine/condition.hpp"
#include "engine/condition_program.hpp"

namespace sentinel::engine::conditions {

/// Resolves paths for one question. Keeps the texts of `env.` paths, which its views look at.
class Reader {
public:
    Reader(const Program& program, const ConditionInput& input) noexcept : program_(program), input_(input) {}

    const Program& program() const noexcept { return program_; }
    Instant now() const noexcept { return input_.now; }
    View read(const Path& path) noexcept;

private:
    const json::Value* top_attribute(const Path& path) const noexcept;
    View resource_or_context(const Path& path) const noexcept;
    View walk(const json::Object* object, const Path& path) const noexcept;
    View below(const json::Value* top, const Path& path) const noexcept;
    View environment(Source source) noexcept;

    const Program& program_;
    const ConditionInput& input_;
    std::optional<std::string> time_text_;
    std::optional<std::string> time_of_day_text_;
    std::optional<std::string> date_text_;
};

/// Truth of the whole program; stops early only where the rest cannot change it.
Truth truth(Reader& reader) noexcept;
Truth truth(Reader& reader, const Leaf& leaf) noexcept;

}  // namespace sentinel::engine::conditions
