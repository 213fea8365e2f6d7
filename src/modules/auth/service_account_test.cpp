/// Tokens for API keys (spec 02 rules 3 and 21), client credentials, and the keys that sign.

#include <set>

#include "core/encoding.hpp"
#include "modules/auth/auth_testing.hpp"
#include "modules/auth/client_credentials.hpp"

namespace sentinel::auth {
namespace {

using platform::RequestContext;
using platform::Scope;
using testing::AuthTest;
using testing::refusal_of;
using testing::TestPerson;

class ServiceAccountTest : public AuthTest {
protected:
    tenants::Tenant tenant_ = make_tenant();
    TestPerson account_{add_user(tenant_.id, "svc@b.example", "", true)};

    ServiceToken token(const std::string& key, std::optional<std::string> scope = std::nullopt,
                       const std::string& address = "192.0.2.1") {
        RequestContext context = from(address);
        ServiceTokenRequest body;
        body.api_key = platform::Secret(key);
        body.tenant.tenant_id = tenant_.id;
        body.scope = std::move(scope);
        return run(service().service_account_token(context, body));
    }
    std::string refusal(const std::string& key, std::optional<std::string> scope = std::nullopt,
                        const std::string& address = "192.0.2.1") {
        return refusal_of([&] { token(key, scope, address); });
    }
};

TEST_F(ServiceAccountTest, AKeyGivesATokenWithoutSession) {
    give_role(account_, "viewer");
    const std::string key = add_key(account_);
    const ServiceToken given = token(key);
    const crypto::AccessClaims claims = claims_of(given.access_token);
    EXPECT_TRUE(claims.is_service_account);
    EXPECT_FALSE(claims.session);
    EXPECT_EQ(claims.key_id, key.substr(4, 10));
    EXPECT_EQ(claims.expires_at - claims.issued_at, 7200);
    EXPECT_FALSE(claims.scope);
    EXPECT_EQ(given.service_account.email, "svc@b.example");
    const auto actor = judged(given.access_token);
    ASSERT_TRUE(actor);
    EXPECT_EQ(actor->kind, platform::ActorKind::service_account);
    EXPECT_TRUE(actor->scopes.has(Scope::resource_read));
}

TEST_F(ServiceAccountTest, ATokenEndsWithItsKey) {
    const std::string key = add_key(account_, "10 minutes");
    EXPECT_LE(token(key).expires_in, 600);
}

TEST_F(ServiceAccountTest, ScopesAreNarrowedNeverWidened) {
    give_role(account_, "viewer");
    const std::string key = add_key(account_);
    const ServiceToken narrow = token(key, "resource:read user:admin nonsense");
    EXPECT_EQ(narrow.scope, "resource:read");
    EXPECT_EQ(token(key, "resource:read navigation:write").scope, "resource:read") << "less than asked for is not given";
    EXPECT_EQ(claims_of(narrow.access_token).scope, "resource:read");
    const auto actor = judged(narrow.access_token);
    EXPECT_TRUE(actor->scopes.has(Scope::resource_read));
    EXPECT_FALSE(actor->scopes.has(Scope::navigation_read));
    EXPECT_EQ(refusal(key, "user:admin"), "SERVICE_ACCOUNT_INVALID");
}

TEST_F(ServiceAccountTest, WhateverIsWrongWithAKeyLooksTheSame) {
    const std::string key = add_key(account_);
    const std::string expired = add_key(account_, "1 minute");
    sql("update sentinel.service_account_keys set expires_at = now() where key_prefix = '" + expired.substr(4, 10) + "'");
    const std::string revoked = add_key(account_);
    sql("update sentinel.service_account_keys set revoked_at = now() where key_prefix = '" + revoked.substr(4, 10) + "'");
    const std::string unknown = crypto::make_api_key().text.reveal();
    std::string damaged = key;
    damaged[20] = damaged[20] == 'x' ? 'y' : 'x';
    // The right key id with another secret.
    const std::string other_secret = crypto::make_api_key().text.reveal();
    for (const std::string& wrong : {expired, revoked, unknown, damaged, other_secret, std::string("svc_"), std::string("x")}) {
        EXPECT_EQ(refusal(wrong), "SERVICE_ACCOUNT_INVALID") << wrong.substr(0, 8);
    }
    sql("update sentinel.users set allowed_cidrs = '{10.0.0.0/8}' where id = '" + account_.id.text() + "'");
    EXPECT_EQ(refusal(key), "SERVICE_ACCOUNT_INVALID");
    EXPECT_EQ(refusal(key, std::nullopt, "10.1.2.3"), "");
    sql("update sentinel.users set allowed_cidrs = '{}' where id = '" + account_.id.text() + "'");
    change_user(account_, "is_active = false");
    EXPECT_EQ(refusal(key), "SERVICE_ACCOUNT_INVALID");
    change_user(account_, "is_active = true, lock_kind = 'admin', locked_until = now() + interval '1 hour'");
    EXPECT_EQ(refusal(key), "SERVICE_ACCOUNT_INVALID");
    change_user(account_, "lock_kind = null, locked_until = null");
    EXPECT_EQ(refusal(key), "");
    RequestContext platform = writes::testing::WritingNode::system_context(core::platform_tenant);
    run(tenants_.suspend(platform, tenant_.id, {}));
    EXPECT_EQ(refusal(key), "SERVICE_ACCOUNT_INVALID");
}

TEST_F(ServiceAccountTest, AForeignTenantsKeyIsUnknownHere) {
    const auto other = make_tenant();
    const std::string key = add_key(add_user(other.id, "svc@b.example", "", true));
    EXPECT_EQ(refusal(key), "SERVICE_ACCOUNT_INVALID");
}

TEST_F(ServiceAccountTest, UseIsNotedOnceAMinute) {
    const std::string key = add_key(account_);
    const std::string of_account = " from sentinel.users where id = '" + account_.id.text() + "'";
    token(key);
    token(key);
    EXPECT_EQ(value("select login_count" + of_account), "1");
    sql("update sentinel.service_account_keys set last_used_at = now() - interval '61 seconds' where key_prefix = '" +
        key.substr(4, 10) + "'");
    token(key);
    EXPECT_EQ(value("select login_count" + of_account), "2");
    EXPECT_EQ(value("select position('192.0.2.1'::bytea in last_used_ip_encrypted) from sentinel.service_account_keys where "
                    "key_prefix = '" +
                    key.substr(4, 10) + "'"),
              "0");
}

TEST_F(ServiceAccountTest, ClientCredentialsServeAsWell) {
    const std::string key = add_key(account_);
    const std::string client = tenant_.code + ".u" + account_.id.text();
    TokenRequest body;
    body.grant_type = "client_credentials";
    body.client_id = client;
    body.client_secret = platform::Secret(key);
    RequestContext context = from();
    EXPECT_EQ(run(service().token(context, "", body)).service_account.id, account_.id);
    TokenRequest basic;
    basic.grant_type = "client_credentials";
    const std::string header = "Basic " + core::to_base64(client + ":" + key);
    EXPECT_EQ(run(service().token(context, header, basic)).service_account.id, account_.id);
    body.client_id = tenant_.code + ".somebody-else";
    EXPECT_EQ(refusal_of([&] { run(service().token(context, "", body)); }), "SERVICE_ACCOUNT_INVALID");
    TokenRequest plain;
    plain.api_key = platform::Secret(key);
    plain.tenant_code = tenant_.code;
    EXPECT_EQ(run(service().token(context, "", plain)).service_account.id, account_.id);
}

TEST(ClientCredentialsTest, OneWayToGiveThemAlone) {
    TokenRequest body;
    body.grant_type = "client_credentials";
    const auto basic = [](const std::string& text) { return "Basic " + core::to_base64(text); };
    const auto client = client_of(basic("CODE.a%2Eb.c:s%3Acret"), body);
    ASSERT_TRUE(client);
    EXPECT_EQ(client->tenant_code, "CODE");
    EXPECT_EQ(client->username, "a.b.c");
    EXPECT_EQ(client->secret.reveal(), "s:cret");
    for (const std::string& header : {std::string(), std::string("Basic"), std::string("Basic ?"), std::string("Bearer x"),
                                      basic("CODE.a"), basic("CODE:x"), basic(".a:x"), basic("CODE.%4:x"), basic("CODE.%ff:x")}) {
        EXPECT_FALSE(client_of(header, body)) << header;
    }
    body.client_id = "CODE.other";
    EXPECT_FALSE(client_of(basic("CODE.a:x"), body));
    body.client_id = "CODE.a";
    EXPECT_TRUE(client_of(basic("CODE.a:x"), body));
    body.client_secret = platform::Secret("x");
    EXPECT_FALSE(client_of(basic("CODE.a:x"), body));
    EXPECT_TRUE(client_of("", body));
}

class SigningKeysTest : public AuthTest {
protected:
    std::shared_ptr<const crypto::KeySet> load(SigningKeys& keys) { return run(keys.load(node_.worker(0).database())); }
    std::string statuses() {
        return value("select string_agg(status, ' ' order by published_at, kid) from sentinel_private.signing_keys");
    }
    void age(const std::string& assignments) { sql("update sentinel_private.signing_keys set " + assignments); }
    ~SigningKeysTest() override { sql("delete from sentinel_private.signing_keys"); }
};

TEST_F(SigningKeysTest, KeysGoTheirWay) {
    sql("delete from sentinel_private.signing_keys");
    const auto master = std::make_shared<const crypto::MasterKey>(crypto::MasterKey::generate());
    SigningKeys keys(master, {.rotation = std::chrono::days(30), .retire_after = std::chrono::hours(24)});
    SigningKeys of_another_node(master, {});
    const auto first = load(keys);
    ASSERT_TRUE(first->active());
    EXPECT_EQ(load(keys), first);
    EXPECT_EQ(load(of_another_node)->active()->kid(), first->active()->kid());
    EXPECT_EQ(statuses(), "active");
    age("activated_at = now() - interval '30 days', published_at = now() - interval '31 days'");
    const auto second = load(keys);
    EXPECT_EQ(statuses(), "active pending");
    EXPECT_EQ(second->active()->kid(), first->active()->kid());
    EXPECT_EQ(second->jwks().find("keys")->array()->size(), 2U);
    age("published_at = published_at - interval '11 minutes'");
    const auto third = load(keys);
    EXPECT_EQ(statuses(), "retiring active");
    EXPECT_NE(third->active()->kid(), first->active()->kid());
    EXPECT_NE(third->find(first->active()->kid()), nullptr);
    EXPECT_EQ(load(keys), third);
    age("retire_at = now() where status = 'retiring'");
    const auto fourth = load(keys);
    EXPECT_EQ(statuses(), "retired active");
    EXPECT_EQ(fourth->find(first->active()->kid()), nullptr);
    EXPECT_EQ(value("select count(*) from sentinel_private.signing_keys where status = 'retired' and private_wrapped is null"),
              "1");
}

TEST_F(SigningKeysTest, AnotherAlgorithmBringsAnotherKey) {
    sql("delete from sentinel_private.signing_keys");
    const auto master = std::make_shared<const crypto::MasterKey>(crypto::MasterKey::generate());
    SigningKeys elliptic(master, {});
    load(elliptic);
    SigningKeys edwards(master, {.algorithm = crypto::SignatureAlgorithm::eddsa});
    EXPECT_EQ(load(edwards)->active()->algorithm(), crypto::SignatureAlgorithm::es256);
    age("published_at = now() - interval '11 minutes'");
    const auto after = load(edwards);
    EXPECT_EQ(after->active()->algorithm(), crypto::SignatureAlgorithm::eddsa);
    EXPECT_EQ(value("select count(*) from sentinel_private.signing_keys where status = 'retiring'"), "1");
}

TEST_F(SigningKeysTest, TwoNodesThatStartTogetherMakeOneKey) {
    sql("delete from sentinel_private.signing_keys");
    const auto master = std::make_shared<const crypto::MasterKey>(crypto::MasterKey::generate());
    SigningKeys one(master, {});
    SigningKeys two(master, {});
    auto first = std::async(std::launch::async, [&] { return run(one.load(node_.worker(0).database()), 0); });
    auto second = std::async(std::launch::async, [&] { return run(two.load(node_.worker(1).database()), 1); });
    EXPECT_EQ(first.get()->active()->kid(), second.get()->active()->kid());
}

TEST_F(SigningKeysTest, EveryStatementIsNamedOnceAndPrepares) {
    std::set<std::string_view> names;
    postgres::SetupConnection owner = testing::TestDatabase::instance().owner();
    for (const postgres::Statement* statement : statements()) {
        EXPECT_TRUE(names.insert(statement->name).second) << statement->name;
        owner.run("prepare \"" + std::string(statement->name) + "\" as " + std::string(statement->text));
    }
    EXPECT_EQ(names.size(), 36U);
}

}  // namespace
}  // namespace sentinel::auth
