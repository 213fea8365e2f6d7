#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "engine/answer.hpp"
#include "policy/conversion.hpp"
#include "policy/reading.hpp"

namespace sentinel::policy {

namespace {

constexpr std::size_t max_test_name = 255;
constexpr int max_ttl = 300;  ///< seconds (semantics 7)

// ---- expected ----------------------------------------------------------------------------------------------------

/// Reads one member of `expected` in its form; what comes back is compared with what the answer says.
using ReadExpected = json::Value (*)(Reading&, const Node&, const Place&);

json::Value texts_value(const std::vector<std::string>& texts) {
    json::Array array;
    for (const std::string& text : texts) array.emplace_back(text);
    return array;
}

json::Value read_flag(Reading& reading, const Node& node, const Place& place) {
    if (node.boolean() == nullptr) reading.wrong_type(place, node, "true or false");
    return node.value();
}

json::Value read_text(Reading& reading, const Node& node, const Place& place) {
    if (node.text() == nullptr) reading.wrong_type(place, node, "a text");
    return node.value();
}

json::Value read_text_or_null(Reading& reading, const Node& node, const Place& place) {
    return node.is_null() ? json::Value() : read_text(reading, node, place);
}

json::Value read_ttl(Reading& reading, const Node& node, const Place& place) {
    const double* seconds = node.number();
    if (seconds == nullptr)
        reading.wrong_type(place, node, "a number");
    else if (*seconds < 0 || *seconds > max_ttl || *seconds != std::floor(*seconds))
        reading.fault(place, node, "range", fmt::format("a ttl is a whole number from 0 to {}", max_ttl));
    return node.value();
}

/// A text that is one of the words of the values of an enumeration, of which `last` is the last.
template <class Word>
json::Value read_word(Reading& reading, const Node& node, const Place& place, Word last,
                      std::string_view (*text_of)(Word) noexcept) {
    if (node.text() == nullptr) return read_text(reading, node, place);
    std::string words;
    for (int value = 0; value <= static_cast<int>(last); ++value) {
        const std::string_view word = text_of(static_cast<Word>(value));
        if (*node.text() == word) return node.value();
        words.append(words.empty() ? "" : ", ").append(word);
    }
    reading.fault(place, node, "format", fmt::format("{} is none of {}", quoted(*node.text()), words));
    return node.value();
}

json::Value read_reason_code(Reading& reading, const Node& node, const Place& place) {
    return read_word(reading, node, place, engine::ReasonCode::no_matching_permission, engine::reason_code_text);
}

json::Value read_because_word(Reading& reading, const Node& node, const Place& place) {
    if (node.is_null()) return {};
    return read_word(reading, node, place, engine::Because::resource_inactive, engine::because_text);
}

json::Value read_object(Reading& reading, const Node& node, const Place& place) {
    if (node.map() == nullptr) reading.wrong_type(place, node, "a map");
    return node.value();
}

json::Value read_ordered_names(Reading& reading, const Node& node, const Place& place) {
    return texts_value(read_texts(reading, node, place));
}

json::Value read_name_set(Reading& reading, const Node& node, const Place& place) {
    std::vector<std::string> names = read_texts(reading, node, place);
    std::ranges::sort(names);
    const auto repeated = std::ranges::adjacent_find(names);
    if (repeated != names.end()) reading.fault(place, node, "duplicate", fmt::format("{} is listed twice", quoted(*repeated)));
    return texts_value(names);
}

/// An empty map would expect nothing, and so pass whatever the answer is.
void require_expectation(Reading& reading, const Node& node, const Place& place) {
    if (node.map() != nullptr && node.map()->empty())
        reading.fault(place, node, "required", "at least one expectation is needed");
}

json::Value read_because(Reading& reading, const Node& node, const Place& place) {
    require_expectation(reading, node, place);
    for_each_member(reading, node, place,
                    [&](const Node::Member& member, const Place& at) { read_because_word(reading, member.value, at); });
    return node.value();
}

json::Value read_effective_roles(Reading& reading, const Node& node, const Place& place) {
    require_expectation(reading, node, place);
    for_each_member(reading, node, place,
                    [&](const Node::Member& member, const Place& at) { read_text_or_null(reading, member.value, at); });
    return node.value();
}

/// Members of known names, each with its own reader; at least one.
json::Value read_members(Reading& reading, const Node& node, const Place& place,
                         std::span<const std::pair<std::string_view, ReadExpected>> forms) {
    json::Object object;
    Members members(reading, node, place);
    for (const auto& [name, read_value] : forms) {
        if (const Node* value = members.get(name)) object.set(name, read_value(reading, *value, Place(place, name)));
    }
    require_expectation(reading, node, place);
    return object;
}

json::Value read_matched(Reading& reading, const Node& node, const Place& place) {
    static constexpr std::array<std::pair<std::string_view, ReadExpected>, 3> forms{
        {{"role", read_text_or_null}, {"held_as", read_text}, {"resource", read_text_or_null}}};
    return read_members(reading, node, place, forms);
}

json::Value read_tier(Reading& reading, const Node& node, const Place& place) {
    json::Object fields;
    require_expectation(reading, node, place);
    for_each_member(reading, node, place, [&](const Node::Member& field, const Place& at) {
        // Null: the answer says nothing of this field.
        fields.set(field.name, field.value.is_null() ? json::Value() : rights_value(read_rights(reading, field.value, at)));
    });
    return fields;
}

json::Value read_expected_fields(Reading& reading, const Node& node, const Place& place) {
    static constexpr std::array<std::pair<std::string_view, ReadExpected>, 3> forms{
        {{"core", read_tier}, {"platform_dynamic", read_tier}, {"tenant_specific", read_tier}}};
    return read_members(reading, node, place, forms);
}

constexpr std::array error_kinds{core::ErrorKind::validation_failed, core::ErrorKind::not_found, core::ErrorKind::forbidden};

json::Value read_error_kind(Reading& reading, const Node& node, const Place& place) {
    const bool known =
        node.text() != nullptr && std::ranges::find(error_kinds, *node.text(), core::error_text) != error_kinds.end();
    if (!known) reading.fault(place, node, "format", "an error of a question is validation_failed, not_found or forbidden");
    return node.value();
}

json::Value read_error(Reading& reading, const Node& node, const Place& place) {
    if (node.text() != nullptr) return json::Object{{"kind", read_error_kind(reading, node, place)}};
    static constexpr std::array<std::pair<std::string_view, ReadExpected>, 2> forms{
        {{"kind", read_error_kind}, {"pointer", read_text}}};
    return read_members(reading, node, place, forms);
}

json::Object read_expected(Reading& reading, const Node& node, const Place& place) {
    static constexpr std::array<std::pair<std::string_view, ReadExpected>, 13> forms{{
        {"allowed", read_flag},
        {"reason_code", read_reason_code},
        {"matched_permission", read_text_or_null},
        {"matched", read_matched},
        {"matched_conditions", read_object},
        {"ttl", read_ttl},
        {"requires_approval", read_flag},
        {"fields", read_expected_fields},
        {"candidates", read_ordered_names},
        {"because", read_because},
        {"effective_roles", read_effective_roles},
        {"who_can", read_name_set},
        {"error", read_error},
    }};
    json::Value value = read_members(reading, node, place, forms);
    return std::move(*value.object());
}

// ---- question ----------------------------------------------------------------------------------------------------

ImaginedSubject read_imagined(Reading& reading, const Node& node, const Place& place) {
    Members members(reading, node, place);
    ImaginedSubject subject;
    if (const Node* roles = members.get("roles")) subject.roles = read_assignments(reading, *roles, Place(place, "roles"));
    if (const Node* groups = members.get("groups")) subject.groups = read_assignments(reading, *groups, Place(place, "groups"));
    subject.attributes = members.object("attributes");
    return subject;
}

std::variant<std::string, ImaginedSubject> read_subject(Members& members) {
    const Node* as = members.get("as");
    const Node* user = members.get("user_id");
    if (members.is_map() && (as == nullptr) == (user == nullptr)) {
        members.fault("user_id", as == nullptr ? "required" : "format", "exactly one of \"user_id\" and \"as\" is needed");
    }
    if (as != nullptr) return read_imagined(members.reading(), *as, Place(members.place(), "as"));
    return members.text("user_id").value_or("");
}

engine::ResourceReference read_resource_reference(Reading& reading, const Node& node, const Place& place) {
    Members members(reading, node, place);
    engine::ResourceReference resource;
    resource.type = members.required_text("type");
    resource.id = members.text("id");
    resource.path = members.text("path");
    resource.parent = members.text("parent");
    resource.attributes = members.object("attributes");
    return resource;
}

void read_question(Reading& reading, const Node& node, const Place& place, TestRow& row) {
    Members members(reading, node, place);
    row.subject = read_subject(members);
    row.action = members.required_text("action");
    if (const Node* resource = members.require("resource"))
        row.resource = read_resource_reference(reading, *resource, Place(place, "resource"));
    row.context = members.object("context");
}

TestRow read_test(Reading& reading, const Node::Member& member, const Place& place) {
    if (member.name.empty() || core::code_points(member.name) > max_test_name) {
        reading.fault(place, member.line, "format", fmt::format("the name of a test has 1-{} characters", max_test_name));
    }
    Members members(reading, member.value, place);
    TestRow row;
    row.suite = members.text("suite");
    row.now = members.instant("now");
    if (const Node* question = members.require("question")) read_question(reading, *question, Place(place, "question"), row);
    if (const Node* expected = members.require("expected"))
        row.expected = read_expected(reading, *expected, Place(place, "expected"));
    return row;
}

}  // namespace

ByKey<TestRow> read_tests(Reading& reading, const Node& node, const Place& place) {
    ByKey<TestRow> rows;
    for_each_member(reading, node, place, [&](const Node::Member& member, const Place& at) {
        rows.emplace_hint(rows.end(), member.name, read_test(reading, member, at));
    });
    return rows;
}

}  // namespace sentinel::policy
