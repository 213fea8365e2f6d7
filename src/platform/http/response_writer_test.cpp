#include "platform/http/response_writer.hpp"

#include <gtest/gtest.h>

#include "platform/http/error_body.hpp"

namespace {

using namespace sentinel::http;
namespace platform = sentinel::platform;

TEST(ResponseHeaders, AValueCannotMakeASecondField) {
    ResponseHeaders headers;
    headers.add("Location", "/a\r\nSet-Cookie: x");
    headers.add("X-A", std::string_view("a\0b", 3));
    EXPECT_EQ(headers.text(), "");
    headers.add("ETag", "\"1\"");
    headers.add("Age", -7);
    EXPECT_EQ(headers.find("etag"), "\"1\"");
    EXPECT_EQ(headers.find("AGE"), "-7");
    EXPECT_FALSE(headers.contains("Location"));
}

TEST(ResponseWriter, WritesOneHeadWithoutServerField) {
    Response response;
    response.body = "{}";
    response.headers.add("ETag", "\"3\"");
    std::string out;
    append_answer_head(out, response, {.request_id = "r1", .closes = true});
    EXPECT_EQ(out,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\nX-Request-ID: r1\r\n"
              "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nETag: \"3\"\r\nConnection: close\r\n\r\n");
    out.clear();
    response.status = 204;
    append_answer_head(out, response, {.request_id = "r1", .strict_transport_security = true});
    EXPECT_EQ(out.find("Content-Length"), std::string::npos);
    EXPECT_NE(out.find("Strict-Transport-Security: max-age=31536000\r\n"), std::string::npos);
    EXPECT_FALSE(carries_body(response, false));
}

TEST(ErrorBody, HasTheOneForm) {
    Response response;
    response.headers.add("X-RateLimit-Limit", 60);
    write_error(response, platform::rate_limited("tenant", std::chrono::seconds(7)), "r\"1", {0, 123456789});
    EXPECT_EQ(response.status, 429);
    EXPECT_TRUE(response.body.starts_with(R"({"error":{"code":"RATE_LIMIT_EXCEEDED","message":")"));
    EXPECT_TRUE(response.body.ends_with(
        R"("details":{"bucket":"tenant","retry_after":7}},"meta":{"request_id":"r\"1","timestamp":"1970-01-01T00:00:00.123456Z"}})"));
    EXPECT_EQ(response.headers.find("Retry-After"), "7");
    EXPECT_EQ(response.headers.find("X-RateLimit-Limit"), "60");
    EXPECT_FALSE(response.headers.contains("WWW-Authenticate"));
}

}  // namespace
