// A conditions object is valid for both or for neither, and has the same truth in both. The input is a JSON object with
// `conditions`, `resource`, `subject`, `context` (objects) and `now` (RFC 3339).

#include <cstdint>

#include <fmt/format.h>

#include "engine/condition.hpp"
#include "engine/engine.hpp"
#include "engine/reference/reference.hpp"
#include "json_mutator.hpp"
#include "requirement.hpp"

namespace core = sentinel::core;
namespace engine = sentinel::engine;
namespace json = sentinel::core::json;
using sentinel::fuzz::require;

namespace {

const json::Array& vocabulary() {
    static const auto words = json::parse(R"json([
    "$eq", "$ne", "$in", "$nin", "$gt", "$gte", "$lt", "$lte", "$between", "$exists", "$contains", "$containsAny",
    "$containsAll", "$startsWith", "$endsWith", "$regex", "$cidr", "$timeOfDay", "$weekday", "$and", "$or", "$not", "$ref",
    "resource.a", "attributes.a", "a", "a.b", "user.a", "subject.a", "user_attributes.a", "context.a", "env.time",
    "env.time_of_day", "env.weekday", "env.date", "env.other", "user.roles", "resource.id", "context.ip_address",
    "time_range", "ip_range", "days_of_week", {"$ref": "user.a"}, {"$ref": "a"}, {"$ref": "env.time"}, {"$eq": 1},
    {"$not": {}}, [1, "a", null], [{"a": 1}, {"a": {"$gt": 0}}], {"from": "09:00", "to": "17:00", "tz": "Asia/Singapore"},
    {"from": "22:00", "to": "06:00:01"}, {"days": ["mon", "sun"], "tz": "Europe/Berlin"}, ["10.0.0.0/8", "::/0"], "10.0.0.1",
    "::ffff:10.0.0.1", "2026-01-05T10:00:00Z", "2026-01-05T12:00:00.5+02:00", "^a.*b$", "(a|b)+", "mon", "10:00", null, true,
    false, 0, 1, 1.5, -1, "", [], {}
    ])json");
    return *words->array();
}

json::Object member(const json::Object& input, std::string_view name) {
    const auto* value = input.find(name);
    return value != nullptr && value->object() != nullptr ? *value->object() : json::Object{};
}

engine::Instant instant(const json::Object& input) {
    const auto* value = input.find("now");
    const auto* text = value != nullptr ? value->text() : nullptr;
    constexpr engine::Instant monday_noon{.seconds = 1'767'614'400, .nanoseconds = 0};
    return text != nullptr ? engine::Instant::parse(*text).value_or(monday_noon) : monday_noon;
}

core::Faults reference_faults(const json::Object& conditions) {
    engine::Permission permission;
    permission.resource_type = "*";
    permission.resource_path = "**";
    permission.actions = {"read"};
    permission.conditions = conditions;
    return engine::reference::validate(permission);
}

void require_same_verdict(const core::Faults& engine, const core::Faults& reference) {
    if (engine.empty() == reference.empty()) return;
    const auto& fault = engine.empty() ? reference.front() : engine.front();
    sentinel::fuzz::fail(fmt::format("only the {} refuses the conditions: {} {}: {}", engine.empty() ? "reference" : "engine",
                                     fault.pointer, fault.code, fault.message));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t capacity, unsigned seed) {
    return sentinel::fuzz::mutate_json(data, size, capacity, seed, vocabulary());
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = json::parse({reinterpret_cast<const char*>(data), size}, {.depth = 64});
    if (!input || input->object() == nullptr) return 0;
    const auto conditions = member(*input->object(), "conditions");
    const auto compiled = engine::Condition::compile(conditions);
    require_same_verdict(compiled ? core::Faults{} : compiled.error(), reference_faults(conditions));
    require(compiled.has_value() == engine::validate_conditions(conditions).empty(), "compile and validate_conditions disagree");
    if (!compiled) return 0;

    const auto resource = member(*input->object(), "resource");
    const auto subject = member(*input->object(), "subject");
    const auto context = member(*input->object(), "context");
    const auto now = instant(*input->object());
    // The reference is asked without roles and groups; here too.
    engine::ConditionInput given;
    given.stored_attributes = &resource;
    given.subject_attributes = &subject;
    given.context = &context;
    given.now = now;
    const auto truth = compiled->evaluate(given);
    const auto expected = engine::reference::evaluate_conditions(conditions, resource, subject, context, now);
    if (truth != expected) {
        sentinel::fuzz::fail(
            fmt::format("truth: engine {}, reference {}", engine::truth_text(truth), engine::truth_text(expected)));
    }

    std::vector<engine::LeafTrace> leaves;
    compiled->trace(given, leaves);
    const auto matched = compiled->matched(given);
    for (const auto& leaf : leaves) {
        require(matched.contains(leaf.path) == leaf.actual.has_value(), "trace and matched disagree on what is present");
    }
    const auto edge = compiled->next_edge(now);
    require(!edge.next || *edge.next > now, "the next time edge is not later than now");
    return 0;
}
