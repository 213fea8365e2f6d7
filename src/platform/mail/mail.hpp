#pragma once
/// Outgoing mail: what a message is, and who can carry it.

#include <cstdint>
#include <expected>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/time.hpp"

namespace sentinel::mail {

/// One message to one person. Address and subject are checked by render(): no line break can add a header.
struct Message {
    std::string id;    ///< unique; the left side of Message-ID
    std::string from;  ///< an address, or `Name <address>`
    std::string to;    ///< one address
    std::string subject;
    std::string text;
    core::Instant date;
};

/// Why a message did not go. `permanent`: trying again is of no use.
struct DeliveryFault {
    bool permanent = false;
    std::string reason;  ///< for operators; holds nothing of the message
};
using Delivery = std::expected<void, DeliveryFault>;

/// The message as RFC 5322 text with MIME headers, lines ending in CRLF; the fault is always permanent.
std::expected<std::string, DeliveryFault> render(const Message& message);

/// Carries messages. One for each worker.
class MailTransport {
public:
    MailTransport() = default;
    MailTransport(const MailTransport&) = delete;
    MailTransport& operator=(const MailTransport&) = delete;
    virtual ~MailTransport() = default;
    virtual boost::asio::awaitable<Delivery> deliver(Message message) = 0;
};

}  // namespace sentinel::mail
