#include "platform/http/request_chunks.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sentinel::http;
using sentinel::platform::ErrorCode;

struct Decoded {
    std::optional<ErrorCode> refusal;
    std::string body;
    std::size_t used = 0;
    bool done = false;
};

Decoded decode(std::string_view text, std::size_t step, std::size_t limit = 100) {
    ChunkedBody chunks;
    chunks.restart(limit, 1000);
    Decoded result;
    while (result.used < text.size() && !chunks.done()) {
        const auto used = chunks.decode(text.substr(result.used, step), result.body);
        if (!used) {
            result.refusal = used.error().code;
            return result;
        }
        result.used += *used;
    }
    result.done = chunks.done();
    return result;
}

TEST(ChunkedBody, ReadsTheSameHoweverTheBytesArrive) {
    const std::string_view text = "5\r\nhello\r\n0003;a=\"b;c\"\r\n, w\r\n4;x;y=z\r\norld\r\n0\r\nX-T: 1\r\n\r\nGET /";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        const Decoded decoded = decode(text, step);
        EXPECT_FALSE(decoded.refusal) << step;
        EXPECT_TRUE(decoded.done);
        EXPECT_EQ(decoded.body, "hello, world");
        EXPECT_EQ(text.substr(decoded.used), "GET /");
    }
}

TEST(ChunkedBody, RefusesEveryOtherGrammar) {
    for (const std::string_view text : {"g\r\n", "\r\n", "-2\r\n", "+2\r\n", "0x2\r\n", " 2\r\n", "2 \r\n", "2\n{}", "2\r{}\r\n",
                                        "2\r\n{}\n", "2\r\n{}0\r\n", "1\r\n{}\r\n", "100000002\r\n", "2;\r\n", "2;a=\"b\r\n",
                                        "2;a\x01\r\n", "0\r\nX\r\n", "0\r\n X: y\r\n", "0\r\nX: \x01\r\n"}) {
        EXPECT_EQ(decode(text, 1).refusal, ErrorCode::malformed_request) << text;
        EXPECT_EQ(decode(text, 100).refusal, ErrorCode::malformed_request) << text;
    }
}

TEST(ChunkedBody, StopsAtItsLimits) {
    EXPECT_FALSE(decode("4\r\nabcd\r\n0\r\n\r\n", 100, 4).refusal);
    EXPECT_EQ(decode("5\r\nabcde\r\n", 100, 4).refusal, ErrorCode::payload_too_large);
    std::string tiny;
    for (int count = 0; count < 99; ++count) tiny += "1;aaaaaaaaaaaaaaaa\r\nx\r\n";
    EXPECT_EQ(decode(tiny, 100).refusal, ErrorCode::payload_too_large);
}

}  // namespace
