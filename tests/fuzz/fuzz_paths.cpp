// A permission's path is valid for both or for neither; where it is, questions about paths, ids and parents are answered alike in a
// tiny tenant with ambiguous codes. The input is six lines: the permission's resource_type and resource_path, then the
// question's type, path, id and parent (a line that is empty or absent: not given).

#include <array>
#include <cstdint>
#include <optional>
#include <string>

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
    engine::Resource resource{.id = {id(number)}, .type = std::move(type), .code = std::move(code), .active = active};
    if (parent) resource.parent = engine::ResourceId{id(*parent)};
    return resource;
}

/// Two children of one code below `f`, one code under two parents, an inactive branch.
engine::TenantPolicy tenant(const engine::Permission& permission) {
    engine::TenantPolicy policy{.id = {id(1)}};
    policy.resources = {node(0x10, "product_family", "f", {}), node(0x11, "app", "a", 0x10),
                        node(0x12, "page", "a", 0x10),         node(0x13, "service", "s", 0x11),
                        node(0x14, "service", "s", 0x12),      node(0x15, "app", "off", 0x10, false),
                        node(0x16, "api", "s", 0x15),          node(0x17, "vessel", "v", 0x11)};
    policy.permissions = {permission};
    policy.roles = {{.id = {id(3)}, .name = "reader", .permissions = {permission.id}}};
    policy.subjects = {{.id = {"u"}, .roles = {{.role = {id(3)}, .validity = {}}}}};
    return policy;
}

std::optional<std::string> given(const std::string& line) { return line.empty() ? std::nullopt : std::optional(line); }

void compare(const Lines& lines, engine::Effect effect, bool applies_to_descendants) {
    const engine::Permission permission{.id = {id(2)},
                                        .key = "p",
                                        .resource_type = lines[0],
                                        .resource_path = lines[1],
                                        .actions = {"read"},
                                        .effect = effect,
                                        .applies_to_descendants = applies_to_descendants};
    const bool valid = engine::reference::validate(permission).empty();
    require(engine::validate(permission).empty() == valid, "one accepts the permission's path, the other refuses it");
    if (!valid) return;
    const auto policy = tenant(permission);
    const auto snapshot = engine::build(policy);
    require(snapshot.has_value(), "a valid permission does not compile");
    engine::Evaluator evaluator(*snapshot);
    const engine::Question question{.subject = {"u"},
                                    .action = "read",
                                    .resource = {.type = lines[2],
                                                 .id = given(lines[4]),
                                                 .path = given(lines[3]),
                                                 .parent = given(lines[5]),
                                                 .attributes = {}},
                                    .context = {}};
    sentinel::fuzz::require_same_answers(policy, evaluator, question, {.seconds = 1'767'614'400});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto lines = lines_of({reinterpret_cast<const char*>(data), size});
    for (const auto effect : {engine::Effect::allow, engine::Effect::deny}) {
        for (const bool applies_to_descendants : {true, false}) compare(lines, effect, applies_to_descendants);
    }
    return 0;
}
