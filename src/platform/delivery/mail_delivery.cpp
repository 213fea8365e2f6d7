#include "platform/delivery/mail_delivery.hpp"

#include <utility>

#include "platform/delivery/mail_text.hpp"
#include "platform/service/error.hpp"

namespace sentinel::delivery {

namespace json = core::json;
using boost::asio::awaitable;
using postgres::Statement;

namespace {

constexpr Statement find_mail{"delivery.find_mail",
                              "SELECT to_encrypted, template, created_at FROM sentinel.mail_outbox "
                              "WHERE tenant_id = $1 AND id = $2 AND status = 'pending'"};
constexpr Statement note_attempt{
    "delivery.note_attempt",
    "UPDATE sentinel.mail_outbox SET status = $3, attempts = attempts + 1 WHERE tenant_id = $1 AND id = $2"};

core::Uuid mail_of(const writes::Job& job) {
    const json::Value* value = job.payload.find("mail_id");
    const auto id = value != nullptr && value->text() != nullptr ? core::Uuid::parse(*value->text()) : std::nullopt;
    if (!id || !job.tenant) throw platform::ServiceError(platform::ErrorCode::internal_error, "The job names no mail.");
    return *id;
}

}  // namespace

postgres::StatementList statements() noexcept {
    static constexpr const Statement* all[] = {&find_mail, &note_attempt};
    return all;
}

MailDelivery::MailDelivery(postgres::Database& database, writes::TenantKeys& keys, mail::MailTransport& transport,
                           MailDeliveryOptions options)
    : database_(&database), keys_(&keys), transport_(&transport), options_(std::move(options)) {}

awaitable<json::Object> MailDelivery::run(const writes::Job& job) {
    const core::Uuid id = mail_of(job);
    auto message = co_await load(*job.tenant, id);
    if (!message) co_return json::Object{{"status", "gone"}};  // sent before, or cleaned up
    const mail::Delivery delivery = co_await transport_->deliver(std::move(*message));
    if (delivery) {
        co_await note(*job.tenant, id, "sent");
        co_return json::Object{{"status", "sent"}};
    }
    const mail::DeliveryFault& fault = delivery.error();
    const bool is_over = fault.permanent || job.attempts >= job.max_attempts;
    co_await note(*job.tenant, id, is_over ? "failed" : "pending");
    if (fault.permanent) co_return json::Object{{"status", "failed"}, {"reason", fault.reason}};
    throw platform::ServiceError(platform::ErrorCode::unavailable, fault.reason);
}

awaitable<std::optional<mail::Message>> MailDelivery::load(core::TenantId tenant, core::Uuid id) {
    using Loaded = std::optional<mail::Message>;
    co_return co_await database_->read(tenant, [&](postgres::Transaction& transaction) -> awaitable<Loaded> {
        const postgres::Result found = co_await transaction.execute(find_mail, tenant, id);
        const auto row = found.maybe_one();
        if (!row) co_return std::nullopt;
        const auto text = mail_text(row->get<std::string>(1), options_.product);
        if (!text) throw platform::ServiceError(platform::ErrorCode::internal_error, "The mail's template is unknown.");
        const writes::KeyRingPointer ring = co_await keys_->of(transaction);
        auto to = ring->open({"mail_outbox", "to_encrypted", id}, row->get<std::string>(0));
        if (!to) throw platform::ServiceError(platform::ErrorCode::internal_error, "The mail's address does not open.");
        co_return mail::Message{.id = id.text(),
                                .from = options_.from,
                                .to = std::move(*to),
                                .subject = text->subject,
                                .text = text->text,
                                .date = row->get<core::Instant>(2)};
    });
}

awaitable<void> MailDelivery::note(core::TenantId tenant, core::Uuid id, std::string_view status) {
    co_await database_->write(tenant, [&](postgres::Transaction& transaction) -> awaitable<void> {
        co_await transaction.execute(note_attempt, tenant, id, status);
    });
}

}  // namespace sentinel::delivery
