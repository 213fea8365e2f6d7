#include <exception>
#include <utility>

#include "core/encoding.hpp"
#include "core/text.hpp"
#include "modules/auth/auth.hpp"
#include "modules/auth/subject.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;
using platform::RequestContext;

namespace {

constexpr std::int64_t most_sessions = 50;
constexpr std::chrono::seconds restricted_life = std::chrono::minutes(15);
/// The address's figure is ten times that of an identity.
constexpr std::int64_t address_factor = 10;

/// What refuses whoever comes with a right or wrong password, in the order of rule 4.
void check_identity(const LoginTry& tried, const core::IpAddress& address, bool is_right) {
    const access::TenantRow& tenant = tried.place.state->tenant();
    if (!tried.place.exists) throw LoginRefusal{.reason = "unknown_tenant"};
    if (!tenant.is_active) throw LoginRefusal{.reason = "tenant_suspended"};
    if (!tenant.allows(address)) throw LoginRefusal{.reason = "address_not_allowed"};
    if (!tried.user) throw LoginRefusal{.reason = "unknown_user"};
    if (tried.user->is_service_account) throw LoginRefusal{.reason = "service_account"};
    if (!tried.user->password_hash) throw LoginRefusal{.reason = "no_password"};
    if (!is_right) throw LoginRefusal{.reason = "wrong_password"};
    if (!tried.user->is_active) throw LoginRefusal{.reason = "inactive"};
}

/// What may have changed while the password was hashed. The row is locked now.
void check_still(const LoginTry& tried, const TenantStanding& tenant, const std::optional<LoginUser>& user) {
    if (!tenant.is_active) throw LoginRefusal{.reason = "tenant_suspended"};
    if (!user) throw LoginRefusal{.reason = "unknown_user"};
    if (user->password_hash != tried.user->password_hash) throw LoginRefusal{.reason = "password_changed"};
    if (!user->is_active) throw LoginRefusal{.reason = "inactive"};
    if (user->admin_lock_seconds) {
        throw LoginRefusal{.reason = "locked", .counts = false, .locked_for = std::chrono::seconds(*user->admin_lock_seconds)};
    }
    // Without its second factor nobody gets in.
    if (user->mfa_enabled) throw LoginRefusal{.reason = "second_factor_missing", .counts = false};
}

core::UserId user_of(const LoginTry& tried) { return tried.user ? tried.user->id : core::UserId{}; }

}  // namespace

awaitable<Tokens> AuthService::login(RequestContext& context, const LoginRequest& body) {
    take_endpoint(context, Endpoint::login);
    if (!parts_.audit->is_writable()) throw platform::unavailable();
    keys();
    TenantPlace place = co_await find_place(body.tenant);
    const LoginTry tried = co_await begin_try(context, std::move(place), body);
    std::optional<LoginRefusal> refusal;
    std::exception_ptr trouble;
    try {
        co_return co_await prove_and_open(context, tried, body);
    } catch (const LoginRefusal& refused) { refusal = refused; } catch (const platform::ServiceError&) {
        trouble = std::current_exception();
    }
    if (trouble) {
        // A full hash pool or a lost database is nobody's failure.
        co_await take_try_back(tried);
        std::rethrow_exception(trouble);
    }
    co_await note_refusal(context, tried, *refusal);
    throw error_of(*refusal);
}

awaitable<LoginTry> AuthService::begin_try(const RequestContext& context, TenantPlace place, const LoginRequest& body) {
    const core::TenantId tenant = place.tenant;
    const crypto::ServerKeys& server = parts_.tenant_keys->server();
    co_return co_await parts_.database->write(tenant, [&](postgres::Transaction& transaction) -> awaitable<LoginTry> {
        LoginTry tried{.place = std::move(place)};
        tried.keys = co_await parts_.tenant_keys->of(transaction);
        tried.rules = co_await read_rules(transaction, *tried.place.state, options_);
        const crypto::Digest index = tried.keys->index("users.email", core::compatibility_folded(body.email));
        tried.user = co_await repository::find_user(transaction, index.view());
        if (!tried.place.exists) tried.user.reset();
        tried.ip_hash = address_hash(*tried.keys, context);
        const bool is_known = co_await repository::is_known_address(transaction, user_of(tried), tried.ip_hash);
        tried.by_address = address_counter(address_identifier(server, address_of(context)));
        tried.by_address.limit = options_.max_login_attempts * address_factor;
        tried.by_identity = identity_counter(login_identifier(server, tried.place.named, body.email),
                                             is_known ? std::string_view(tried.ip_hash) : std::string_view());
        tried.by_identity.limit = tried.rules.max_login_attempts;
        tried.by_identity.lockout = tried.rules.lockout;
        co_await throttle::begin(transaction, tried.by_address);
        co_await throttle::begin(transaction, tried.by_identity);
        co_return tried;
    });
}

awaitable<bool> AuthService::has_right_password(const LoginTry& tried, const platform::Secret& password) {
    if (tried.user && tried.user->password_hash) {
        co_return co_await parts_.password_hasher->verify(password, *tried.user->password_hash);
    }
    co_return co_await parts_.password_hasher->verify_nobody(password);
}

awaitable<Tokens> AuthService::prove_and_open(const RequestContext& context, const LoginTry& tried, const LoginRequest& body) {
    const bool is_right = co_await has_right_password(tried, body.password);
    check_identity(tried, address_of(context), is_right);
    std::optional<std::string> new_hash;
    if (crypto::needs_rehash(*tried.user->password_hash, parts_.password_hasher->cost())) {
        new_hash = co_await parts_.password_hasher->hash(body.password);
    }
    RequestContext own = acting_as(context, user_in(tried.place.tenant, tried.user->id));
    SessionFacts session = co_await parts_.writer->write<SessionFacts>(
        own, [&](writes::WriteTransaction& write) { return open_session(write, tried, body, new_hash); });
    own.actor.session = session.id;
    core::json::Object metadata{{"method", "password"}, {"amr", core::json::Array{"pwd"}}};
    if (session.restricted) metadata.set("restricted", text_of(*session.restricted));
    parts_.audit->add(
        own, tried.place.tenant,
        {.action = "auth.login", .resource_type = "user", .resource_id = tried.user->id.text(), .metadata = std::move(metadata)});
    co_return tokens_of({*tried.user, tried.rules, *tried.place.state, *tried.keys}, std::move(session));
}

awaitable<SessionFacts> AuthService::open_session(writes::WriteTransaction& write, const LoginTry& tried,
                                                  const LoginRequest& body, const std::optional<std::string>& new_hash) {
    postgres::Transaction& transaction = write.sql();
    // Counters first, as a failure takes them: nobody waits in a ring.
    co_await throttle::take_back(transaction, tried.by_address);
    co_await throttle::succeed(transaction, tried.by_identity);
    const TenantStanding tenant = co_await repository::hold_tenant(transaction);
    const auto user = co_await repository::lock_user(transaction, tried.user->id);
    check_still(tried, tenant, user);
    SessionFacts session;
    session.id = core::SessionId{write.new_id()};
    session.amr = {"pwd"};
    session.restricted = restriction_of(*user, tried.rules);
    session.epoch = user->token_epoch + tenant.token_epoch;
    NewSession row{.id = session.id, .user = user->id, .amr = session.amr, .remember_me = body.remember_me};
    row.ip_hash = tried.ip_hash;
    const std::string device = device_info(write.context(), body.device_name);
    row.device_info_encrypted = tried.keys->seal({"sessions", "device_info_encrypted", session.id.value}, device);
    row.idle = idle_life(options_, body.remember_me);
    row.life = tried.rules.session_life;
    if (body.remember_me && !tried.rules.has_own_session_life)
        row.life = std::max<std::chrono::seconds>(row.life, std::chrono::days(90));
    if (session.restricted) {
        row.restricted = std::string(text_of(*session.restricted));
        row.idle = restricted_life;
        row.life = restricted_life;
    }
    for (const core::SessionId ended : co_await repository::end_idlest_sessions(transaction, user->id, most_sessions - 1)) {
        co_await write.revoke(
            {.kind = access::RevocationKind::session, .reference = ended.text(), .expires_at = last_token_end()});
    }
    session.times = co_await repository::insert_session(transaction, row);
    if (!session.restricted) {
        const core::Uuid id = write.new_id();
        crypto::OpaqueToken token = crypto::make_opaque_token(crypto::OpaqueTokenKind::refresh, write.tenant(), id);
        const crypto::Digest hash = tried.keys->hash(crypto::prefix_of(token.kind), token.text.reveal());
        const std::string token_device = tried.keys->seal({"refresh_tokens", "device_info_encrypted", id}, device);
        co_await repository::insert_refresh_token(transaction, {id, user->id, session.id, hash.text(), token_device});
        session.refresh_token = std::move(token.text);
    }
    co_await repository::note_login(transaction, user->id, new_hash);
    co_return session;
}

awaitable<void> AuthService::note_refusal(const RequestContext& context, const LoginTry& tried, const LoginRefusal& refusal) {
    RequestContext nobody = acting_as(context, nobody_in(tried.place.tenant));
    const std::string user = tried.user ? tried.user->id.text() : std::string();
    const std::string identity = core::to_hex(tried.by_identity.identifier);
    co_await parts_.writer->write<void>(nobody, [&](writes::WriteTransaction& write) -> awaitable<void> {
        if (!refusal.counts) {
            co_await throttle::take_back(write.sql(), tried.by_address);
            co_await throttle::take_back(write.sql(), tried.by_identity);
            co_return;
        }
        co_await throttle::fail(write.sql(), tried.by_address);
        const LoginFailures failures = co_await throttle::fail(write.sql(), tried.by_identity);
        const auto lockout = failures.has_locked ? std::optional<std::chrono::seconds>(tried.rules.lockout) : std::nullopt;
        co_await repository::note_failure(write.sql(), user_of(tried), failures.count, lockout);
        if (!failures.has_locked) co_return;
        write.audit({.action = "auth.lockout",
                     .resource_type = "user",
                     .resource_id = user,
                     .metadata = {{"identity", identity}, {"failures", failures.count}}});
    });
    parts_.audit->add(nobody, tried.place.tenant,
                      {.action = "auth.login_failed",
                       .resource_type = "user",
                       .resource_id = user,
                       .result = writes::AuditResult::failure,
                       .metadata = {{"method", "password"}, {"reason", refusal.reason}, {"identity", identity}}});
}

awaitable<void> AuthService::take_try_back(const LoginTry& tried) {
    try {
        co_await parts_.database->write(tried.place.tenant, [&](postgres::Transaction& transaction) -> awaitable<void> {
            co_await throttle::take_back(transaction, tried.by_address);
            co_await throttle::take_back(transaction, tried.by_identity);
        });
    } catch (const platform::ServiceError&) {
        // It then counts as in flight until the window ends, which errs to the safe side.
        co_return;
    }
}

}  // namespace sentinel::auth
