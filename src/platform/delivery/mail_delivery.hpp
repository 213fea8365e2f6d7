#pragma once
/// Carries what was put into the mail outbox: the handler of `mail.send` jobs.

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "platform/mail/mail.hpp"
#include "platform/postgres/database.hpp"
#include "platform/postgres/statement.hpp"
#include "platform/writes/job_runner.hpp"
#include "platform/writes/tenant_keys.hpp"

namespace sentinel::delivery {

struct MailDeliveryOptions {
    std::string from;     ///< MAIL_FROM
    std::string product;  ///< APP_NAME
};

/// A message goes out at least once: it may go twice, with the same Message-ID, when the node dies in between.
class MailDelivery {
public:
    static constexpr std::string_view job_kind = "mail.send";

    /// All must outlive it; used on one worker.
    MailDelivery(postgres::Database& database, writes::TenantKeys& keys, mail::MailTransport& transport,
                 MailDeliveryOptions options);

    /// Sends the mail that the job names, where it still waits. Throws platform::unavailable() when it shall be tried again.
    boost::asio::awaitable<core::json::Object> run(const writes::Job& job);

private:
    boost::asio::awaitable<std::optional<mail::Message>> load(core::TenantId tenant, core::Uuid id);
    boost::asio::awaitable<void> note(core::TenantId tenant, core::Uuid id, std::string_view status);

    postgres::Database* database_;
    writes::TenantKeys* keys_;
    mail::MailTransport* transport_;
    MailDeliveryOptions options_;
};

/// All statements of this folder.
postgres::StatementList statements() noexcept;

}  // namespace sentinel::delivery
