#include "platform/writes/audit_record.hpp"

#include <bit>
#include <utility>

#include "core/encoding.hpp"
#include "core/text.hpp"
#include "platform/crypto/digest.hpp"

namespace sentinel::writes {

namespace json = core::json;

namespace {

constexpr std::size_t longest_text = 1000;
constexpr std::size_t longest_changes = 64 * 1024;

// Cut at a code point's border.
std::string cut(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return std::string(text);
    std::size_t end = bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end));
}

std::optional<std::string> optional_text(std::string_view text, std::size_t bytes) {
    if (text.empty()) return std::nullopt;
    return cut(text, bytes);
}

json::Object actor_details_of(const platform::RequestContext& context, core::TenantId tenant) {
    const platform::Actor& actor = context.actor;
    json::Object details;
    if (actor.session) details.set("session_id", actor.session->text());
    if (actor.impersonator) details.set("impersonator_id", actor.impersonator->text());
    if (!actor.key_id.empty()) details.set("key_id", actor.key_id);
    if (actor.kind != platform::ActorKind::system && actor.home_tenant != tenant)
        details.set("actor_tenant_id", actor.home_tenant.text());
    if (actor.kind == platform::ActorKind::system && context.client_address) details.set("anonymous", true);
    return details;
}

json::Object security_context_of(const platform::RequestContext& context) {
    json::Object security;
    if (context.client_address) security.set("ip", context.client_address->text());
    if (!context.user_agent.empty()) security.set("user_agent", cut(context.user_agent, 2048));
    return security;
}

json::Object bounded(const json::Object& changes) {
    const std::string text = json::to_text(changes);
    if (text.size() <= longest_changes) return changes;
    return {{"truncated", true}, {"sha256", core::to_hex(crypto::sha256(text).text())}};
}

class DigestInput {
public:
    void text(std::string_view value) { part('t', value); }
    void uuid(const core::Uuid& value) { part('u', {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()}); }
    void document(const json::Object& value) { part('j', json::to_text(value)); }
    void number(double value) {
        std::string bytes;
        append_big_endian(bytes, std::bit_cast<std::uint64_t>(value), 8);
        part('d', bytes);
    }
    void null() { part('n', {}); }
    void optional(const std::optional<std::string>& value) {
        if (value)
            text(*value);
        else
            null();
    }
    std::string take() && { return std::move(bytes_); }

private:
    static void append_big_endian(std::string& out, std::uint64_t value, int count) {
        for (int shift = (count - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xFFU));
    }
    void part(char type, std::string_view value) {
        bytes_.push_back(type);
        append_big_endian(bytes_, value.size(), 4);
        bytes_.append(value);
    }
    std::string bytes_ = "sentinel-audit-v1";
};

}  // namespace

std::string_view text_of(AuditResult result) noexcept {
    switch (result) {
        case AuditResult::success: return "success";
        case AuditResult::failure: return "failure";
        case AuditResult::denied: return "denied";
    }
    return "failure";
}

json::Value change_of(json::Value from, json::Value to) {
    json::Object change;
    change.set("from", std::move(from));
    change.set("to", std::move(to));
    return change;
}
json::Value changed() { return "[changed]"; }
json::Value redacted() { return "[redacted]"; }

std::vector<core::TenantId> chains_of(const platform::Actor& actor, core::TenantId tenant) {
    if (actor.kind == platform::ActorKind::system || actor.home_tenant == tenant) return {tenant};
    return {tenant, actor.home_tenant};
}

AuditRecord record_of(const platform::RequestContext& context, const AuditEvent& event, core::TenantId tenant, core::Uuid id) {
    AuditRecord record;
    record.tenant = tenant;
    record.id = id;
    if (context.actor.kind != platform::ActorKind::system) record.actor = context.actor.user;
    record.actor_type = text_of(context.actor.kind);
    record.actor_details = actor_details_of(context, tenant);
    record.action = event.action.name();
    record.resource_type = optional_text(event.resource_type, 100);
    record.resource_id = optional_text(event.resource_id, 255);
    record.resource_details = event.resource_details;
    record.changes = bounded(event.changes);
    record.result = text_of(event.result);
    record.error_details = optional_text(event.error_details, longest_text);
    record.security_context = security_context_of(context);
    record.risk_score = event.risk_score.value_or(event.action.default_risk());
    record.request_id = optional_text(context.request_id, 64);
    record.metadata = event.metadata;
    return record;
}

std::string digest_input(const AuditRecord& record) {
    DigestInput input;
    input.uuid(record.tenant.value);
    input.uuid(record.id);
    if (record.actor)
        input.uuid(record.actor->value);
    else
        input.null();
    input.text(record.actor_type);
    input.document(record.actor_details);
    input.text(record.action);
    input.optional(record.resource_type);
    input.optional(record.resource_id);
    input.document(record.resource_details);
    input.document(record.changes);
    input.text(record.result);
    input.optional(record.error_details);
    input.document(record.security_context);
    if (record.risk_score)
        input.number(*record.risk_score);
    else
        input.null();
    input.optional(record.request_id);
    input.document(record.metadata);
    return std::move(input).take();
}

}  // namespace sentinel::writes
