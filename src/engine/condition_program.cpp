#include "engine/condition_program.hpp"

#include <algorithm>

namespace sentinel::engine::conditions {

namespace {

constexpr auto before = [](const View& left, const View& right) noexcept { return order(left, right) < 0; };

template <class Row>
std::size_t table_bytes(const std::vector<Row>& table) noexcept {
    return table.capacity() * sizeof(Row);
}

std::size_t text_bytes(const std::string& text) noexcept {
    const std::size_t inside_the_object = std::string().capacity();
    return text.capacity() <= inside_the_object ? 0 : text.capacity() + 1;
}

std::size_t value_bytes(const json::Value& value) noexcept;

std::size_t object_bytes(const json::Object& object) noexcept {
    std::size_t sum = object.size() * sizeof(json::Object::Member);
    for (const auto& member : object) sum += text_bytes(member.name) + value_bytes(member.value);
    return sum;
}

/// Beside the value itself. Conditions are as deep as the parser let them be, no more.
std::size_t value_bytes(const json::Value& value) noexcept {
    if (const std::string* text = value.text()) return text_bytes(*text);
    if (const json::Object* object = value.object()) return object_bytes(*object);
    std::size_t sum = 0;
    if (const json::Array* array = value.array()) {
        sum += table_bytes(*array);
        for (const json::Value& element : *array) sum += value_bytes(element);
    }
    return sum;
}

std::size_t expression_bytes(const re2::RE2& expression) noexcept {
    constexpr std::size_t bytes_of_instruction = 16;
    const auto instructions = static_cast<std::size_t>(std::max(expression.ProgramSize(), 0));
    return sizeof(re2::RE2) + expression.pattern().capacity() + instructions * bytes_of_instruction;
}

}  // namespace

void List::sort() {
    std::ranges::sort(literals, before);
    const auto repeated = std::ranges::unique(literals);
    literals.erase(repeated.begin(), repeated.end());
}

bool List::contains(const View& value) const noexcept {
    constexpr std::size_t few = 8;
    if (literals.size() <= few) return std::ranges::find(literals, value) != literals.end();
    return std::ranges::binary_search(literals, value, before);
}

bool List::has_kind(View::Kind kind) const noexcept {
    const auto place = std::ranges::lower_bound(literals, kind, {}, &View::kind);
    return place != literals.end() && place->kind() == kind;
}

std::size_t bytes(const Program& program) noexcept {
    std::size_t sum = sizeof(Program) + object_bytes(program.source) + table_bytes(program.nodes) + table_bytes(program.leaves) +
                      table_bytes(program.origins) + table_bytes(program.segments) + table_bytes(program.lists) +
                      table_bytes(program.bounds) + table_bytes(program.expressions) + table_bytes(program.networks) +
                      table_bytes(program.windows) + table_bytes(program.weekdays) + table_bytes(program.time_leaves) +
                      table_bytes(program.subject_attribute_names);
    for (const List& list : program.lists) sum += table_bytes(list.literals) + table_bytes(list.references);
    for (const auto& expression : program.expressions) sum += expression_bytes(*expression);
    for (const auto& networks : program.networks) sum += table_bytes(networks);
    for (const std::string& name : program.subject_attribute_names) sum += text_bytes(name);
    return sum;
}

}  // namespace sentinel::engine::conditions
