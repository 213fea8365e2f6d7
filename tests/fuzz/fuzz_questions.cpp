// Any question about one rich tenant (tenant.yaml) is answered alike by engine and reference, errors included. The input is a
// JSON object with the members of a question, `now` (RFC 3339) and `may_override_time`; members of a wrong type count as absent.

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "comparison.hpp"
#include "json_mutator.hpp"
#include "policy/document.hpp"
#include "policy/tenant_policy.hpp"
#include "requirement.hpp"

namespace engine = sentinel::engine;
namespace policy = sentinel::policy;
namespace json = sentinel::core::json;

namespace {

const json::Array& vocabulary() {
    static const auto words = json::parse(R"json([
    "user_id", "action", "resource", "type", "id", "path", "parent", "attributes", "context", "time", "now",
    "may_override_time", "ada", "ben", "eve", "svc", "read", "update", "approve", "*", "vessel", "product_family", "app",
    "service", "page", "api", "fleet", "ops", "berth", "v1", "v2", "v9", "shut", "/fleet", "/fleet/ops/berth",
    "/fleet/ops/v1", "/fleet/ops/anything/v1", "/fleet/shut/x", "/fleet/twin/", "region", "APAC", "status", "Docked",
    "tonnage", "owner", "ip_address", "10.1.2.3", "workflow_state", "2026-01-05T10:00:00Z", "2026-03-29T00:59:59.5Z",
    "2026-06-30T22:00:00+02:00", {"type": "vessel", "id": "v1"}, null, true, false, 0, 5000, 1e3, "", [], {}
    ])json");
    return *words->array();
}

/// Tenant, snapshot and evaluator live as long as the fuzzer: building them is not what is tested here.
struct Tenant {
    engine::TenantPolicy rows = read();
    engine::Evaluator evaluator{engine::build(rows).value()};

    static engine::TenantPolicy read() {
        std::ifstream file(SENTINEL_SOURCE_DIR "/tests/fuzz/tenant.yaml");
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto document = policy::read(text, policy::Format::yaml);
        if (!document) {
            const auto& problem = document.error().front();
            sentinel::fuzz::fail(
                fmt::format("tests/fuzz/tenant.yaml:{}: {}: {}", problem.line, problem.pointer, problem.message));
        }
        return policy::to_tenant_policy(*document).policy;
    }
};

std::optional<std::string> text(const json::Object& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->text() != nullptr ? std::optional(*value->text()) : std::nullopt;
}

json::Object member(const json::Object& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->object() != nullptr ? *value->object() : json::Object{};
}

engine::Question question_of(const json::Object& input) {
    const auto resource = member(input, "resource");
    return {.subject = {text(input, "user_id").value_or("ada")},
            .action = text(input, "action").value_or("read"),
            .resource = {.type = text(resource, "type").value_or("vessel"),
                         .id = text(resource, "id"),
                         .path = text(resource, "path"),
                         .parent = text(resource, "parent"),
                         .attributes = member(resource, "attributes")},
            .context = member(input, "context")};
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t capacity, unsigned seed) {
    return sentinel::fuzz::mutate_json(data, size, capacity, seed, vocabulary());
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Tenant tenant;
    const auto input = json::parse({reinterpret_cast<const char*>(data), size});
    if (!input || input->object() == nullptr) return 0;
    const auto now = engine::Instant::parse(text(*input->object(), "now").value_or("2026-01-05T12:00:00Z"));
    if (!now) return 0;
    const auto* may = input->object()->find("may_override_time");
    const bool may_override_time = may == nullptr || may->boolean() == nullptr || *may->boolean();
    sentinel::fuzz::require_same_answers(tenant.rows, tenant.evaluator, question_of(*input->object()), *now, may_override_time);
    return 0;
}
