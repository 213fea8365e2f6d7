#include "platform/http/writer.hpp"

#include <gtest/gtest.h>

#include "platform/http/endpoint_testing.hpp"

namespace sentinel::http::testing {
namespace {

TEST(Writer, writes_members_in_their_order_and_null_for_absent) {
    HarbourDetail detail;
    detail.harbour.id = *core::TenantId::parse("ABCDEF00-0000-4000-8000-000000000001");
    detail.harbour.name = "a\"b\n";
    detail.harbour.features = {"x", "y"};
    detail.ships = -3;
    std::string out;
    schema_of<HarbourDetail>().write(out, &detail);
    EXPECT_EQ(out, R"({"id":"abcdef00-0000-4000-8000-000000000001","name":"a\"b\n","kind":"sea","parent_id":null,"settings":{},)"
                   R"("features":["x","y"],"version":1,"created_at":"1970-01-01T00:00:00.000000Z","ships":-3})");
}

TEST(Writer, a_secret_is_not_written_unless_revealed) {
    const CreateHarbour harbour{.password = platform::Secret("hunter2hunter2")};
    std::string out;
    EXPECT_THROW(schema_of<CreateHarbour>().write(out, &harbour), std::logic_error);
    EXPECT_EQ(out.find("hunter2"), std::string::npos);
}

TEST(Writer, percent_encodes_for_paths) {
    std::string out;
    append_percent_encoded(out, "a-b_c.~/é\r\n");
    EXPECT_EQ(out, "a-b_c.~%2F%C3%A9%0D%0A");
}

}  // namespace
}  // namespace sentinel::http::testing
