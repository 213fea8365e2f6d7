/// Sentinel in a program of your own: builds a policy, asks, publishes a change, asks again and prints why.

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"

namespace {

using namespace sentinel;
namespace json = core::json;

/// Ids are UUIDs that the application brings along. These are made up: `number` in the last byte.
template <class RowId>
RowId id(std::uint8_t number) {
    RowId made;
    made.value.bytes[15] = number;
    return made;
}

const engine::SubjectId anna{"anna"};
const engine::SubjectId bert{"bert"};
constexpr std::string_view noon = "2026-07-01T12:00:00Z";
constexpr std::string_view before_dawn = "2026-07-02T03:58:20Z";  // 05:58:20 in Berlin

engine::Permission open_gates_at_night() {
    json::Object night{{"from", "22:00"}, {"to", "06:00"}, {"tz", "Europe/Berlin"}};
    json::Object by_clock{{"$timeOfDay", std::move(night)}};
    return {.id = id<engine::PermissionId>(1),
            .key = "open-gates-at-night",
            .resource_type = "gate",
            .resource_path = "gate/*",
            .actions = {"open"},
            .conditions = {{"env.time", std::move(by_clock)}}};
}

engine::TenantPolicy harbour() {
    engine::TenantPolicy policy{.id = id<engine::TenantId>(9)};
    policy.permissions = {open_gates_at_night()};
    policy.roles = {
        {.id = id<engine::RoleId>(2), .name = "night_watch", .priority = 200, .permissions = {id<engine::PermissionId>(1)}}};
    policy.subjects = {{.id = anna, .roles = {{.role = id<engine::RoleId>(2)}}}, {.id = bert}};
    return policy;
}

engine::Question may_open(const engine::SubjectId& subject) {
    return {.subject = subject, .action = "open", .resource = {.type = "gate", .id = "north"}};
}

void print_condition(const engine::LeafTrace& leaf) {
    const std::string actual = leaf.actual ? json::to_text(*leaf.actual) : "missing";
    std::cout << "    " << engine::truth_text(leaf.truth) << ": " << leaf.path << ' ' << leaf.operator_name << ' '
              << json::to_text(leaf.expected) << ", actual " << actual << '\n';
}

/// Asks and prints the decision with every permission that was looked at. False when the question has no answer.
bool ask(engine::Evaluator& evaluator, const engine::SubjectId& subject, std::string_view time) {
    const auto explained = evaluator.explain(may_open(subject), engine::Instant::parse(time).value());
    if (!explained) {
        std::cout << explained.error().fault.pointer << ": " << explained.error().fault.message << '\n';
        return false;
    }
    const auto& [answer, explanation] = *explained;
    std::cout << time << ' ' << subject.text << " may " << (answer.allowed ? "" : "not ")
              << "open the gate: " << reason_sentence(answer) << " (revision " << answer.revision << ", keep for " << answer.ttl
              << " s)\n";
    for (const engine::CandidateTrace& candidate : explanation.candidates) {
        std::cout << "  " << candidate.permission_key << " of " << candidate.role_name << ": " << because_text(candidate.because)
                  << '\n';
        for (const engine::LeafTrace& leaf : candidate.leaves) print_condition(leaf);
    }
    return true;
}

/// Prints who may open the gate before dawn.
bool list_watch(engine::Evaluator& evaluator) {
    const auto watch = evaluator.who_can(may_open({}), engine::Instant::parse(before_dawn).value());
    if (!watch) return false;
    std::cout << "who may open it:";
    for (const engine::SubjectId& subject : *watch) std::cout << ' ' << subject.text;
    std::cout << (watch->empty() ? " nobody\n" : "\n");
    return true;
}

std::vector<engine::Change> bert_joins() {
    return {engine::PutSubject{{.id = bert, .roles = {{.role = id<engine::RoleId>(2)}}}}};
}

/// A guardrail: as long as it stands nobody opens the north gate, whatever else allows it.
std::vector<engine::Change> storm_warning() {
    const engine::Permission closed{.id = id<engine::PermissionId>(3),
                                    .key = "closed-in-storms",
                                    .resource_type = "gate",
                                    .resource_path = "gate/north",
                                    .actions = {"open"},
                                    .effect = engine::Effect::deny,
                                    .enforced = true};
    const engine::Role everyone{.id = id<engine::RoleId>(4), .name = "everyone", .permissions = {closed.id}, .everyone = true};
    return {engine::PutPermission{closed}, engine::PutRole{everyone}};
}

int refuse(const core::Faults& faults) {
    for (const core::Fault& fault : faults) std::cerr << fault.pointer << ": " << fault.message << '\n';
    return 1;
}

}  // namespace

int main() {
    auto snapshot = engine::build(harbour());
    if (!snapshot) return refuse(snapshot.error());
    engine::Evaluator evaluator(*snapshot);
    if (!ask(evaluator, anna, noon) || !ask(evaluator, anna, before_dawn) || !ask(evaluator, bert, before_dawn)) return 1;

    for (const std::vector<engine::Change>& changes : {bert_joins(), storm_warning()}) {
        snapshot = engine::apply(*snapshot, changes);
        if (!snapshot) return refuse(snapshot.error());
        evaluator.use(*snapshot);
        if (!ask(evaluator, bert, before_dawn) || !list_watch(evaluator)) return 1;
    }
    return 0;
}
