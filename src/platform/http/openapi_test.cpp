#include "platform/http/openapi.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "platform/http/dispatcher_testing.hpp"

namespace sentinel::http::testing {
namespace {

namespace json = core::json;

/// One member after the other.
const json::Value& at(const json::Value& value, std::initializer_list<std::string_view> names) {
    const json::Value* found = &value;
    for (const auto name : names) found = found->object()->find(name);
    return *found;
}

json::Value document() {
    Port port;
    return openapi_of(port.routes, {"Harbours", "1.0", "http://localhost:8000"});
}

std::string text(const json::Value& value) { return json::to_text(value); }

TEST(OpenApi, is_the_golden_document) {
    const std::string path = std::string(SENTINEL_SOURCE_DIR) + "/tests/openapi/harbours.json";
    const std::string written = text(document());
    if (std::getenv("SENTINEL_WRITE_GOLDEN") != nullptr) std::ofstream(path) << written << '\n';
    std::ifstream file(path);
    const std::string golden{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_EQ(written + '\n', golden) << "SENTINEL_WRITE_GOLDEN=1 writes it anew";
}

TEST(OpenApi, carries_every_constraint) {
    const auto all = document();
    const auto& input = at(all, {"components", "schemas", "CreateHarbourInput"});
    EXPECT_EQ(text(at(input, {"required"})), R"(["name","code"])");
    EXPECT_EQ(text(at(input, {"additionalProperties"})), "false");
    EXPECT_EQ(text(at(input, {"properties", "code"})),
              R"({"description":"Unique.","maxLength":50,"minLength":1,"pattern":"^[A-Z0-9][A-Z0-9-]{0,49}$","type":"string"})");
    EXPECT_EQ(text(at(input, {"properties", "places"})),
              R"({"default":1,"description":"How many ships it holds.","maximum":1000,"minimum":1,"type":"integer"})");
    EXPECT_EQ(text(at(input, {"properties", "kind", "enum"})), R"(["sea","river"])");
    EXPECT_EQ(text(at(input, {"properties", "parent_id", "type"})), R"(["string","null"])");
    EXPECT_EQ(text(at(input, {"properties", "password", "writeOnly"})), "true");
    EXPECT_EQ(text(at(input, {"properties", "features", "uniqueItems"})), "true");
    EXPECT_EQ(text(at(input, {"properties", "berths", "items"})), R"({"$ref":"#/components/schemas/BerthInput"})");
    EXPECT_EQ(at(all, {"components", "schemas", "Harbour", "required"}).array()->size(), 8U) << "an answer has all its members";
}

TEST(OpenApi, has_security_errors_and_headers) {
    const auto all = document();
    const auto& post = at(all, {"paths", "/api/v1/harbours", "post"});
    EXPECT_EQ(text(at(post, {"security"})), R"([{"bearer":[]}])");
    EXPECT_EQ(text(at(post, {"operationId"})), R"("post_harbours")");
    for (const std::string_view status : {"201", "400", "401", "403", "409", "413", "415", "422", "429", "500", "503"}) {
        EXPECT_TRUE(at(post, {"responses"}).object()->contains(status)) << status;
    }
    EXPECT_TRUE(at(post, {"responses", "201", "headers"}).object()->contains("Location"));
    EXPECT_NE(text(at(post, {"description"})).find("tenant:admin"), std::string::npos);
}

}  // namespace
}  // namespace sentinel::http::testing
