#include "platform/writes/audit_record.hpp"

#include <gtest/gtest.h>

#include "core/encoding.hpp"
#include "platform/crypto/digest.hpp"

namespace sentinel::writes {
namespace {

namespace json = core::json;

core::Uuid uuid(char last) { return *core::Uuid::parse(std::string("00000000-0000-4000-8000-00000000000") + last); }

const core::TenantId home{uuid('1')};
const core::TenantId elsewhere{uuid('2')};
const core::UserId person{uuid('3')};

platform::RequestContext context_of_person() {
    platform::RequestContext context;
    context.actor.kind = platform::ActorKind::user;
    context.actor.user = person;
    context.actor.home_tenant = home;
    context.actor.tenant = elsewhere;
    context.request_id = "r-1";
    return context;
}

TEST(AuditRecordTest, IsInTheTenantAndInTheActorsOwn) {
    platform::Actor actor = context_of_person().actor;
    EXPECT_EQ(chains_of(actor, elsewhere), (std::vector{elsewhere, home}));
    EXPECT_EQ(chains_of(actor, home), std::vector{home});
    actor.kind = platform::ActorKind::system;
    EXPECT_EQ(chains_of(actor, elsewhere), std::vector{elsewhere});
}

TEST(AuditRecordTest, TellsWhoAndFromWhere) {
    platform::RequestContext context = context_of_person();
    context.actor.session = core::SessionId{uuid('4')};
    context.client_address = core::IpAddress::parse("192.0.2.7");
    context.user_agent = "curl";
    const AuditRecord record = record_of(context, {.action = "user.lock"}, elsewhere, uuid('9'));
    EXPECT_EQ(record.actor, person);
    EXPECT_EQ(record.actor_type, "user");
    EXPECT_EQ(json::to_text(record.actor_details),
              R"({"actor_tenant_id":")" + home.text() + R"(","session_id":")" + uuid('4').text() + R"("})");
    EXPECT_EQ(json::to_text(record.security_context), R"({"ip":"192.0.2.7","user_agent":"curl"})");
    EXPECT_EQ(record.request_id, "r-1");
    EXPECT_EQ(record.result, "success");
    EXPECT_FALSE(record.resource_type);
    EXPECT_TRUE(record.risk_score);
}

TEST(AuditRecordTest, TheSystemIsNobody) {
    platform::RequestContext context;
    EXPECT_FALSE(record_of(context, {.action = "user.lock"}, home, uuid('9')).actor);
    EXPECT_TRUE(record_of(context, {.action = "user.lock"}, home, uuid('9')).actor_details.empty());
    context.client_address = core::IpAddress::parse("192.0.2.7");
    EXPECT_TRUE(record_of(context, {.action = "user.lock"}, home, uuid('9')).actor_details.contains("anonymous"));
}

TEST(AuditRecordTest, CutsLongTextsAtTheBorderOfACharacter) {
    AuditEvent event{.action = "user.lock"};
    event.error_details = std::string(999, 'x') + "é";
    EXPECT_EQ(record_of({}, event, home, uuid('9')).error_details, std::string(999, 'x'));
    event.resource_id = std::string(300, 'y');
    EXPECT_EQ(record_of({}, event, home, uuid('9')).resource_id, std::string(255, 'y'));
}

TEST(AuditRecordTest, KeepsOfHugeChangesOnlyTheirDigest) {
    AuditEvent event{.action = "user.update"};
    event.changes = {{"name", change_of("a", std::string(70'000, 'b'))}};
    const json::Object kept = record_of({}, event, home, uuid('9')).changes;
    EXPECT_EQ(json::to_text(kept),
              R"({"sha256":")" + core::to_hex(crypto::sha256(json::to_text(event.changes)).text()) + R"(","truncated":true})");
}

/// A part as spec 12 rule 5 writes it, put together by hand.
std::string part(char type, std::string_view bytes) {
    std::string out(1, type);
    for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(bytes.size() >> shift & 0xFFU);
    return out.append(bytes);
}
std::string bytes_of(const core::Uuid& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

TEST(AuditRecordTest, TheDigestCoversEachColumnWithItsType) {
    AuditRecord record;
    record.tenant = home;
    record.id = uuid('9');
    record.actor_type = "system";
    record.action = "user.lock";
    record.resource_id = "x";
    record.changes = {{"b", 1}, {"a", true}};
    record.result = "success";
    record.risk_score = 0.5;
    const std::string expected = "sentinel-audit-v1" + part('u', bytes_of(home.value)) + part('u', bytes_of(record.id)) +
                                 part('n', "") + part('t', "system") + part('j', "{}") + part('t', "user.lock") + part('n', "") +
                                 part('t', "x") + part('j', "{}") + part('j', R"({"a":true,"b":1})") + part('t', "success") +
                                 part('n', "") + part('j', "{}") + part('d', std::string("\x3f\xe0\0\0\0\0\0\0", 8)) +
                                 part('n', "") + part('j', "{}");
    EXPECT_EQ(core::to_hex(digest_input(record)), core::to_hex(expected));
}

TEST(AuditRecordTest, NoTwoRecordsHaveTheSameBytes) {
    AuditRecord first;
    first.resource_type = "ab";
    first.resource_id = "c";
    AuditRecord second;
    second.resource_type = "a";
    second.resource_id = "bc";
    EXPECT_NE(digest_input(first), digest_input(second));
    second = first;
    second.resource_id = "";
    first.resource_id = std::nullopt;
    EXPECT_NE(digest_input(first), digest_input(second)) << "empty is not absent";
}

}  // namespace
}  // namespace sentinel::writes
