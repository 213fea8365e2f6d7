// Whatever reads as a policy document is written so that it reads again and is then written in the same bytes, as YAML and as
// JSON, and compiles. The first byte says what the rest is: `j` JSON, anything else YAML.

#include <cstdint>
#include <string>

#include "engine/engine.hpp"
#include "policy/document.hpp"
#include "policy/tenant_policy.hpp"
#include "requirement.hpp"

namespace policy = sentinel::policy;
using sentinel::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto document = policy::read(text, data[0] == 'j' ? policy::Format::json : policy::Format::yaml);
    if (!document) {
        require(!document.error().empty(), "a document was refused without a reason");
        return 0;
    }
    const auto yaml = policy::write_yaml(*document);
    const auto json = policy::write_json(*document);
    const auto from_yaml = policy::read(yaml, policy::Format::yaml);
    const auto from_json = policy::read(json, policy::Format::json);
    require(from_yaml.has_value(), "the written YAML does not read");
    require(from_json.has_value(), "the written JSON does not read");
    require(policy::write_yaml(*from_yaml) == yaml && policy::write_yaml(*from_json) == yaml, "the YAML is written in two ways");
    require(policy::write_json(*from_json) == json && policy::write_json(*from_yaml) == json, "the JSON is written in two ways");
    require(sentinel::engine::build(policy::to_tenant_policy(*document).policy).has_value(),
            "a document that reads does not compile");
    return 0;
}
