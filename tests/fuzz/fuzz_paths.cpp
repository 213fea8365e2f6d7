// A permission's path is valid for both or for neither; where it is, questions about paths, ids and parents are answered alike in a
// tiny tenant with ambiguous codes. The input is six lines: the permission's resource_type and resource_path, then the
// question's type, path, id and parent (a line that is empty or absent: not given).

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "comparison.hpp"
#include "engine/reference/reference.hpp"
#include "requirement.hpp"

namespace engine = sentinel::engine;
using sentinel::fuzz::require;

namespace {

using Lines = std::array<std::string, 6>;

Lines lines_of(std::string_view text) {
    Lines lines;
    for (auto& line : lines) {
        const auto end = text.find('\n');
        line = text.substr(0, end);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

/// `00000000-0000-0000-0000-0000000000<number>`: short enough for the fuzzer to write.
sentinel::core::Uuid id(std::uint8_t number) {
    sentinel::core::Uuid uuid;
    uuid.bytes[15] = number;
    return uuid;
}

engine::Resource node(std::uint8_t number, std::string type, std::string code, std::optional<std::uint8_t> parent,
                      bool active = true) {
    engine::Resource resource;
    resource.id = {id(number)};
    resource.type = std::move(type);
    resource.code = std::move(code);
    resource.active = active;
    if (parent) resource.parent = engine::ResourceId{id(*parent)};
    return resource;
}

/// Two children of one code below `f`, one code below three parents, an inactive branch.
engine::TenantPolicy tenant(const engine::Permission& permission) {
    engine::TenantPolicy policy;
    policy.id = {id(1)};
    policy.resources = {node(0x10, "product_family", "f", {}), node(0x11, "app", "a", 0x10),
                        node(0x12, "page", "a", 0x10),         node(0x13, "service", "s", 0x11),
                        node(0x14, "api", "s", 0x12),          node(0x15, "app", "off", 0x10, false),
                        node(0x16, "page", "s", 0x15),         node(0x17, "vessel", "v", 0x11)};
    policy.permissions = {permission};
    engine::Role reader;
    reader.id = {id(3)};
    reader.name = "reader";
    reader.permissions = {permission.id};
    policy.roles = {reader};
    engine::Subject subject;
    subject.id = {"u"};
    subject.roles = {{.role = reader.id, .validity = {}}};
    policy.subjects = {subject};
    return policy;
}

std::optional<std::string> given(const std::string& line) { return line.empty() ? std::nullopt : std::optional(line); }

engine::Permission permission_of(const Lines& lines, engine::Effect effect, bool applies_to_descendants) {
    engine::Permission permission;
    permission.id = {id(2)};
    permission.key = "p";
    permission.resource_type = lines[0];
    permission.resource_path = lines[1];
    permission.actions = {"read"};
    permission.effect = effect;
    permission.applies_to_descendants = applies_to_descendants;
    return permission;
}

engine::Question question_of(const Lines& lines) {
    engine::Question question;
    question.subject = {"u"};
    question.action = "read";
    question.resource.type = lines[2];
    question.resource.path = given(lines[3]);
    question.resource.id = given(lines[4]);
    question.resource.parent = given(lines[5]);
    return question;
}

void compare(const Lines& lines, engine::Effect effect, bool applies_to_descendants) {
    const auto permission = permission_of(lines, effect, applies_to_descendants);
    const bool valid = engine::reference::validate(permission).empty();
    require(engine::validate(permission).empty() == valid, "one accepts the permission's path, the other refuses it");
    if (!valid) return;
    const auto policy = tenant(permission);
    const auto snapshot = engine::build(policy);
    if (!snapshot) {
        const auto& fault = snapshot.error().front();
        sentinel::fuzz::fail(fmt::format("a valid permission does not compile: {}: {}", fault.pointer, fault.message));
    }
    engine::Evaluator evaluator(*snapshot);
    constexpr engine::Instant now{.seconds = 1'767'614'400, .nanoseconds = 0};
    sentinel::fuzz::require_same_answers(policy, evaluator, question_of(lines), now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto lines = lines_of({reinterpret_cast<const char*>(data), size});
    for (const auto effect : {engine::Effect::allow, engine::Effect::deny}) {
        for (const bool applies_to_descendants : {true, false}) compare(lines, effect, applies_to_descendants);
    }
    return 0;
}
