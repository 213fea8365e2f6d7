#include "platform/mail/mail.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/temporary_folder_testing.hpp"
#include "platform/mail/transports.hpp"

namespace sentinel::mail {
namespace {

const Message sample = {.id = "0191-a",
                        .from = "Sentinel Access <no-reply@sentinel.example>",
                        .to = "person@x.example",
                        .subject = "Reset your password",
                        .text = "Open this link:\nhttps://s.example/reset\n",
                        .date = {1767323045, 0}};

Message with(auto change) {
    Message message = sample;
    change(message);
    return message;
}

Delivery deliver(MailTransport& transport, Message message) {
    boost::asio::io_context context;
    auto delivery = boost::asio::co_spawn(context, transport.deliver(std::move(message)), boost::asio::use_future);
    context.run();
    return delivery.get();
}

TEST(Mail, IsWrittenAsTheStandardsSay) {
    EXPECT_EQ(render(sample).value(),
              "Date: Fri, 02 Jan 2026 03:04:05 +0000\r\n"
              "From: =?UTF-8?B?U2VudGluZWwgQWNjZXNz?= <no-reply@sentinel.example>\r\n"
              "To: person@x.example\r\n"
              "Message-ID: <0191-a@sentinel.example>\r\n"
              "Subject: =?UTF-8?B?UmVzZXQgeW91ciBwYXNzd29yZA==?=\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: base64\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "\r\n"
              "T3BlbiB0aGlzIGxpbms6Cmh0dHBzOi8vcy5leGFtcGxlL3Jlc2V0Cg==\r\n");
}

TEST(Mail, KeepsLinesShort) {
    const auto text = render(with([](Message& message) {
        for (int index = 0; index < 100; ++index) message.subject += "über";
        message.text = std::string(1000, 'x');
    }));
    ASSERT_TRUE(text);
    std::size_t begin = 0;
    for (auto end = text->find("\r\n"); end != std::string::npos; begin = end + 2, end = text->find("\r\n", begin))
        EXPECT_LE(end - begin, 78U + 8U);
}

TEST(Mail, S31LetsNoHeaderBeAdded) {
    const auto refused = [](auto change) {
        const auto rendered = render(with(change));
        return !rendered && rendered.error().permanent;
    };
    EXPECT_TRUE(refused([](Message& message) { message.subject = "a\r\nBcc: x@y.example"; }));
    EXPECT_TRUE(refused([](Message& message) { message.to = "a@b.example\r\nBcc: x@y.example"; }));
    EXPECT_TRUE(refused([](Message& message) { message.to = "a@b.example, c@d.example"; }));
    EXPECT_TRUE(refused([](Message& message) { message.to = "Name <a@b.example>"; }));
    EXPECT_TRUE(refused([](Message& message) { message.to = ""; }));
    EXPECT_TRUE(refused([](Message& message) { message.from = "nobody"; }));
    EXPECT_TRUE(refused([](Message& message) { message.from = "a <b@c.example>\n"; }));
    EXPECT_TRUE(refused([](Message& message) { message.id = "../../etc/passwd"; }));
    EXPECT_TRUE(refused([](Message& message) { message.id = ""; }));
    EXPECT_TRUE(refused([](Message& message) { message.subject = "\xE2\x80\xA8"; }));
    EXPECT_TRUE(refused([](Message& message) { message.text = "\xFF"; }));
}

class MailFiles : public testing::Test {
protected:
    core::testing::TemporaryFolder temporary_;
    std::filesystem::path folder_ = temporary_.path();
};

TEST_F(MailFiles, HoldOneMessageEach) {
    const auto transport = make_transport("file://" + (folder_ / "out").string());
    ASSERT_NE(transport, nullptr);
    ASSERT_TRUE(deliver(*transport, sample));
    ASSERT_TRUE(deliver(*transport, sample));
    const auto file = folder_ / "out" / "0191-a.eml";
    std::ifstream stream(file, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), render(sample).value());
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(std::filesystem::status(folder_ / "out").permissions(), std::filesystem::perms::owner_all);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "out"), {}), 1);
}

TEST_F(MailFiles, AreTriedAgainWhenTheFolderCannotBe) {
    std::ofstream(folder_ / "taken") << "a file";
    FileTransport transport(folder_ / "taken" / "out");
    const Delivery delivery = deliver(transport, sample);
    ASSERT_FALSE(delivery);
    EXPECT_FALSE(delivery.error().permanent);
    const Delivery refused = deliver(transport, with([](Message& message) { message.to = ""; }));
    EXPECT_TRUE(refused.error().permanent);
}

TEST(Mail, IsShownOnTheConsole) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ConsoleTransport transport(ends[1]);
    ASSERT_TRUE(deliver(transport, with([](Message& message) { message.text = "link\n\033[2Jü"; })));
    ::close(ends[1]);
    std::string shown(1000, '\0');
    shown.resize(static_cast<std::size_t>(::read(ends[0], shown.data(), shown.size())));
    ::close(ends[0]);
    EXPECT_EQ(shown, "--- mail to person@x.example: Reset your password\nlink\n?[2Jü\n---\n");
}

TEST(Mail, HasTransportsByUrl) {
    EXPECT_NE(make_transport("console:"), nullptr);
    EXPECT_EQ(make_transport(""), nullptr);
    EXPECT_EQ(make_transport("smtp://mail.example"), nullptr);
}

}  // namespace
}  // namespace sentinel::mail
