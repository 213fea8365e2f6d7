#pragma once
/// A node of two workers with authentication, and people to log in, for the tests of this folder.

#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "modules/auth/auth.hpp"
#include "modules/auth/login_throttle.hpp"
#include "modules/auth/signing_keys.hpp"
#include "modules/tenants/tenants.hpp"
#include "platform/access/access_guard.hpp"
#include "platform/crypto/api_key.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/audit_queue.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::auth::testing {

using boost::asio::awaitable;
using platform::RequestContext;
using writes::testing::TestDatabase;
using writes::testing::WritingNode;

class SilentAudit final : public access::GuardAudit {
public:
    void refused(const access::Refusal&) noexcept override {}
    void entered(const platform::RequestContext&) noexcept override {}
};

inline const crypto::TokenRules token_rules{.issuer = "https://sentinel.test", .audience = "sentinel"};
inline const std::string good_password = "Correct-Horse-7-Battery";

/// The code that a call refuses with; empty when it does not refuse.
template <class Call>
std::string refusal_of(Call call) {
    try {
        call();
    } catch (const platform::ServiceError& error) { return std::string(text_of(error.code())); }
    return "";
}

/// One worker's service with its guard.
struct AuthWorker {
    AuthWorker(writes::testing::WritingWorker& worker, writes::TenantKeys& keys, crypto::PasswordHasher& hasher,
               const core::Clock& clock, access::RateBuckets& buckets, AuthOptions options)
        : audit(worker.context().get_executor(), worker.database(), worker.tools()),
          service({.database = &worker.database(),
                   .writer = &worker.writer(),
                   .access = &worker.view(),
                   .audit = &audit,
                   .tenant_keys = &keys,
                   .password_hasher = &hasher,
                   .clock = &clock,
                   .ids = worker.tools().ids},
                  std::move(options)),
          guard(worker.view(), buckets, silent, clock, {.token_rules = token_rules}) {}
    writes::AuditQueue audit;
    AuthService service;
    SilentAudit silent;
    access::AccessGuard guard;
};

struct TestPerson {
    core::TenantId tenant;
    core::UserId id;
    std::string email;
};

class AuthTest : public ::testing::Test {
protected:
    AuthTest() {
        RequestContext context = WritingNode::system_context(core::platform_tenant);
        run(tenants_.ensure_platform_tenant(context));
        AuthOptions options;
        options.token_rules = token_rules;
        for (std::size_t index = 0; index < 2; ++index) {
            workers_.push_back(
                std::make_unique<AuthWorker>(node_.worker(index), node_.keys(), hasher_, clock_, buckets_, options));
        }
        use_keys();
    }
    ~AuthTest() override { hasher_.stop(); }

    void use_keys() {
        const auto keys = run(signing_.load(node_.worker(0).database()));
        for (const auto& worker : workers_) {
            worker->service.use_keys(keys);
            worker->guard.use_keys(keys);
        }
    }
    template <class T>
    T run(awaitable<T> work, std::size_t worker = 0) {
        return node_.worker(worker).run(std::move(work));
    }
    AuthService& service(std::size_t worker = 0) { return workers_[worker]->service; }
    std::string value(const std::string& sql) { return TestDatabase::instance().owner().value(sql); }
    void sql(const std::string& script) { TestDatabase::instance().owner().run(script); }

    tenants::Tenant make_tenant() {
        static int count = 0;
        RequestContext context = WritingNode::system_context(core::platform_tenant);
        tenants::CreateTenant body;
        body.tenant.name = "Tenant";
        body.tenant.code = "AUTH-" + std::to_string(++count);
        return run(tenants_.create(context, body));
    }
    TestPerson add_user(core::TenantId tenant, const std::string& email, const std::string& password = good_password,
                        bool is_service_account = false) {
        static constexpr postgres::Statement insert{
            "auth_test.insert_user",
            "INSERT INTO sentinel.users (tenant_id, id, email_encrypted, email_index, username, password_hash, "
            "is_service_account) VALUES ($1, $2, $3, $4, $5, $6, $7)"};
        const core::UserId id{node_.worker(0).tools().ids->next()};
        std::optional<std::string> hash;
        if (!is_service_account && !password.empty()) hash = crypto::hash_password(platform::Secret(password), hasher_.cost());
        RequestContext context = WritingNode::system_context(tenant);
        run(node_.worker(0).writer().write_policy<void>(context, {}, [&](writes::WriteTransaction& write) -> awaitable<void> {
            const writes::KeyRingPointer keys = co_await write.keys();
            const std::string sealed = keys->seal({"users", "email_encrypted", id.value}, email);
            const crypto::Digest index = keys->index("users.email", core::compatibility_folded(email));
            co_await write.execute(insert, tenant, id, postgres::as_bytes(sealed), postgres::as_bytes(index.view()),
                                   "u" + id.text(), hash, is_service_account);
        }));
        return {tenant, id, email};
    }
    /// As another part of the program would, with revision and publication. `$u` stands for the user's id in quotes.
    void change_user(const TestPerson& person, std::string assignments) {
        access::testing::OtherNode other;
        const std::int64_t revision =
            other.change(person.tenant, "update sentinel.users set " + assignments + " where id = '" + person.id.text() + "'");
        run(node_.worker(0).view().bring_up_to(person.tenant, revision));
    }
    void give_role(const TestPerson& person, const std::string& role) {
        access::testing::OtherNode other;
        const std::int64_t revision = other.change(
            person.tenant, "insert into sentinel.user_roles (tenant_id, id, user_id, role_id) select $t, gen_random_uuid(), '" +
                               person.id.text() + "', id from sentinel.roles where tenant_id = $t and name = '" + role + "'");
        run(node_.worker(0).view().bring_up_to(person.tenant, revision));
    }
    std::string add_key(const TestPerson& account, const std::string& life = "1 day") {
        static constexpr postgres::Statement insert{
            "auth_test.insert_key",
            "INSERT INTO sentinel.service_account_keys (tenant_id, id, user_id, key_prefix, key_hash, expires_at) "
            "VALUES ($1, $2, $3, $4, $5, now() + $6::interval)"};
        crypto::ApiKey key = crypto::make_api_key();
        RequestContext context = WritingNode::system_context(account.tenant);
        run(node_.worker(0).writer().write<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
            const writes::KeyRingPointer keys = co_await write.keys();
            const crypto::Digest hash = keys->hash("svc_", key.text.reveal());
            co_await write.execute(insert, account.tenant, write.new_id(), account.id, key.key_id,
                                   postgres::as_bytes(hash.view()), life);
        }));
        return key.text.reveal();
    }

    /// An anonymous request, as the guard lets it in.
    static RequestContext from(const std::string& address = "192.0.2.1") {
        RequestContext context;
        context.actor.kind = platform::ActorKind::user;
        context.client_address = core::IpAddress::parse(address);
        context.user_agent = "Mozilla/5.0 (X11; Linux x86_64)";
        return context;
    }
    static LoginRequest login_of(const TestPerson& person, const std::string& password = good_password) {
        LoginRequest body;
        body.email = person.email;
        body.password = platform::Secret(password);
        body.tenant.tenant_id = person.tenant;
        return body;
    }
    Tokens login(const TestPerson& person, const std::string& address = "192.0.2.1", std::size_t worker = 0) {
        RequestContext context = from(address);
        return run(service(worker).login(context, login_of(person)), worker);
    }
    std::string login_refusal(const LoginRequest& body, const std::string& address = "192.0.2.1", std::size_t worker = 0) {
        RequestContext context = from(address);
        return refusal_of([&] { run(service(worker).login(context, body), worker); });
    }
    std::string fail(const TestPerson& person, const std::string& address = "192.0.2.1", std::size_t worker = 0) {
        return login_refusal(login_of(person, "Wrong-Horse-7-Battery"), address, worker);
    }
    Tokens refresh(const platform::Secret& token, std::size_t worker = 0) {
        RequestContext context = from();
        return run(service(worker).refresh(context, {token}), worker);
    }
    std::string refresh_refusal(const platform::Secret& token, std::size_t worker = 0) {
        return refusal_of([&] { refresh(token, worker); });
    }
    /// Who the guard takes the bearer for; nobody when it refuses.
    std::optional<platform::Actor> judged(const platform::Secret& access_token, std::size_t worker = 0) {
        return run(workers_[worker]->guard.judge(access_token.reveal(), *core::IpAddress::parse("192.0.2.1")), worker);
    }
    RequestContext caller(const platform::Secret& access_token) {
        RequestContext context = from();
        context.actor = *judged(access_token);
        return context;
    }
    crypto::AccessClaims claims_of(const platform::Secret& token) {
        const auto keys = run(signing_.load(node_.worker(0).database()));
        return *crypto::verify_access_token(*keys, token_rules, token.reveal(), clock_.now());
    }

    core::SystemClock clock_;
    WritingNode node_;
    tenants::TenantService tenants_{node_.worker(0).database(), node_.worker(0).writer(), {}};
    crypto::PasswordHasher hasher_{{.cost = {.memory_kib = 64, .iterations = 1, .parallelism = 1}, .threads = 2, .queue = 64}};
    access::RateBuckets buckets_{access::RateFigures{.enabled = false}};
    SigningKeys signing_{master(), {}};
    std::vector<std::unique_ptr<AuthWorker>> workers_;

private:
    static const std::shared_ptr<const crypto::MasterKey>& master() {
        static const auto key = std::make_shared<const crypto::MasterKey>(crypto::MasterKey::generate());
        return key;
    }
};

}  // namespace sentinel::auth::testing
