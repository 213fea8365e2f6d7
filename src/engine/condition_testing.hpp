#pragma once
/// What the tests of conditions share. JSON is written with single quotes for the eye's sake.

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "core/time.hpp"
#include "engine/condition.hpp"

namespace sentinel::engine {

inline void PrintTo(Truth truth, std::ostream* out) { *out << truth_text(truth); }

namespace testing {

inline json::Object object_of(std::string text) {
    std::ranges::replace(text, '\'', '"');
    const auto value = json::parse(text, {.depth = 64});
    if (!value || value->object() == nullptr) {
        ADD_FAILURE() << "no JSON object: " << text;
        return {};
    }
    return *value->object();
}

inline Instant instant_of(std::string_view text) {
    const auto instant = Instant::parse(text);
    EXPECT_TRUE(instant) << text;
    return instant.value_or(Instant{});
}

/// Owns the parts of a question.
struct World {
    json::Object stored;
    json::Object overlay;
    json::Object subject;
    json::Object context;
    json::Value roles = json::Array{"admin", "clerk"};
    json::Value groups = json::Array{"apac", "operations"};
    Instant now = instant_of("2026-03-04T10:20:30Z");

    ConditionInput input() const {
        ConditionInput input;
        input.stored_attributes = &stored;
        input.overlay_attributes = &overlay;
        input.resource_id = "r1";
        input.resource_type = "invoice";
        input.resource_path = "/a/b";
        input.workflow_state = "draft";
        input.subject_attributes = &subject;
        input.subject_id = "u1";
        input.email_domain = "example.org";
        input.role_names = &roles;
        input.group_names = &groups;
        input.context = &context;
        input.now = now;
        return input;
    }
};

inline Condition compiled(std::string_view conditions) {
    auto condition = Condition::compile(object_of(std::string(conditions)));
    if (condition) return std::move(*condition);
    ADD_FAILURE() << conditions << " was refused at " << condition.error().front().pointer << ": "
                  << condition.error().front().message;
    return {};
}

inline Truth truth_of(std::string_view conditions, const World& world) { return compiled(conditions).evaluate(world.input()); }

inline World world_with(std::string attributes, std::string subject = "{}", std::string context = "{}") {
    World world;
    world.stored = object_of(std::move(attributes));
    world.subject = object_of(std::move(subject));
    world.context = object_of(std::move(context));
    return world;
}

inline constexpr Truth yes = Truth::yes;
inline constexpr Truth no = Truth::no;
inline constexpr Truth unknown = Truth::unknown;

}  // namespace testing
}  // namespace sentinel::engine
