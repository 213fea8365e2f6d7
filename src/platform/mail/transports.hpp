#pragma once
/// The transports of development: mail on the console, or as files. They hold secrets (links, codes) in the clear, so production
/// refuses them.

#include <filesystem>
#include <memory>
#include <string_view>

#include "platform/mail/mail.hpp"

namespace sentinel::mail {

/// Prints messages for people to a file descriptor (standard output).
class ConsoleTransport final : public MailTransport {
public:
    explicit ConsoleTransport(int descriptor) : descriptor_(descriptor) {}
    boost::asio::awaitable<Delivery> deliver(Message message) override;

private:
    int descriptor_;
};

/// Leaves each message as `<id>.eml`, readable by its owner alone, in a folder that it makes. The same id again replaces the file.
class FileTransport final : public MailTransport {
public:
    explicit FileTransport(std::filesystem::path folder) : folder_(std::move(folder)) {}
    boost::asio::awaitable<Delivery> deliver(Message message) override;

private:
    std::filesystem::path folder_;
};

/// The transport that `MAIL_URL` names: `console:` or `file:///folder`; null for what needs no transport here (empty) or another
/// one (`smtp://…`).
std::unique_ptr<MailTransport> make_transport(std::string_view url);

}  // namespace sentinel::mail
