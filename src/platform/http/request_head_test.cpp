#include "platform/http/request_head.hpp"

#include <string>

#include <gtest/gtest.h>

#include "platform/http/request_check.hpp"

namespace {

using namespace sentinel::http;
using sentinel::platform::ErrorCode;

std::string head_of(std::string_view line, std::string_view fields = "Host: a\r\n") {
    return std::string(line) + "\r\n" + std::string(fields) + "\r\n";
}

/// The code that the reader refuses the head with; nullopt = understood.
std::optional<ErrorCode> refusal_of(const std::string& text) {
    HeadScanner scanner({});
    const auto size = scanner.scan(text);
    if (!size) return size.error().code;
    if (!*size) return std::nullopt;
    HeaderFields fields;
    const auto head = parse_head(std::string_view(text).substr(0, **size), 100, fields);
    if (!head) return head.error().code;
    const auto framing = check_fields(fields);
    return framing ? std::nullopt : std::optional(framing.error().code);
}

TEST(HeadScanner, FindsTheSameEndHoweverTheBytesArrive) {
    const std::string text = head_of("GET / HTTP/1.1") + "GET /next";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        HeadScanner scanner({});
        std::optional<std::size_t> found;
        for (std::size_t size = step; !found && size < text.size() + step; size += step) {
            const auto result = scanner.scan(std::string_view(text).substr(0, size));
            ASSERT_TRUE(result) << step;
            found = *result;
        }
        EXPECT_EQ(found, text.size() - 9) << step;
    }
}

TEST(HeadScanner, RefusesWhatCanBeInNoHeadBeforeItsEnd) {
    for (const std::string_view text : {"\x16\x03\x01", "GET / HTTP/1.1\n", "GET /\rX", "GET /\x7f", "\r\n"}) {
        HeadScanner scanner({});
        EXPECT_FALSE(scanner.scan(text)) << text;
    }
}

TEST(Head, MethodsVersionsAndLines) {
    EXPECT_EQ(refusal_of(head_of("GET / HTTP/1.1")), std::nullopt);
    EXPECT_EQ(refusal_of(head_of("BREW / HTTP/1.1")), ErrorCode::not_implemented);
    EXPECT_EQ(refusal_of(head_of("TRACE / HTTP/1.1")), ErrorCode::not_implemented);
    for (const std::string_view line : {"GET / HTTP/1.0", "GET / HTTP/2.0", "GET / http/1.1", "GET  / HTTP/1.1",
                                        "GET / HTTP/1.1 ", "GET /", "G{T / HTTP/1.1", " GET / HTTP/1.1", "GET /a b HTTP/1.1"}) {
        EXPECT_EQ(refusal_of(head_of(line)), ErrorCode::malformed_request) << line;
    }
}

TEST(Head, FieldsThatHaveTwoReadingsAreRefused) {
    for (const std::string_view fields :
         {"", "Host: a\r\nHost: a\r\n", "Host: a b\r\n", "Host: a:99999\r\n", "Host: [::1\r\n", "Host: a\r\nX : b\r\n",
          "Host: a\r\n X: b\r\n", "Host: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n", "Host: a\r\nContent-Length: +5\r\n",
          "Host: a\r\nContent-Length: -0\r\n", "Host: a\r\nContent-Length: 4294967296\r\n",
          "Host: a\r\nTransfer-Encoding: xchunked\r\n", "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n",
          "Host: a\r\nTransfer-Encoding: chunked, identity\r\n", "Host: a\r\nExpect: tea\r\n"}) {
        EXPECT_EQ(refusal_of(head_of("POST / HTTP/1.1", fields)), ErrorCode::malformed_request) << fields;
    }
    for (const std::string_view fields :
         {"Host: a:80\r\n", "Host: [::1]:80\r\n", "hOsT:\t a \t\r\n", "Host: a\r\nContent-Length: 0\r\n",
          "Host: a\r\nTransfer-Encoding: CHUNKED\r\n", "Host: a\r\nX: caf\xe9\r\n"}) {
        EXPECT_EQ(refusal_of(head_of("POST / HTTP/1.1", fields)), std::nullopt) << fields;
    }
}

}  // namespace
