#include "modules/auth/subject.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "modules/tenants/settings.hpp"

namespace sentinel::auth {

namespace json = core::json;
using boost::asio::awaitable;
using platform::ErrorCode;
using platform::ServiceError;

namespace {

constexpr std::size_t longest_user_agent = 512;

tenants::ServerDefaults server_defaults(const AuthOptions& options) {
    tenants::ServerDefaults defaults;
    defaults.password_min_length = static_cast<std::int64_t>(options.password_rules.min_length);
    defaults.max_login_attempts = options.max_login_attempts;
    defaults.lockout_duration_minutes = options.lockout_duration.count();
    defaults.session_timeout_hours = options.session_timeout.count();
    return defaults;
}

std::int64_t number_in(const json::Object& document, std::string_view name) {
    return static_cast<std::int64_t>(*document.find(name)->number());
}

std::string_view platform_named_in(std::string_view user_agent) {
    // The first that is found: an Android names Linux too, an iPhone names Mac OS X.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> marks{{{"Windows", "Windows"},
                                                                                  {"Android", "Android"},
                                                                                  {"iPhone", "iOS"},
                                                                                  {"iPad", "iOS"},
                                                                                  {"Mac OS X", "macOS"},
                                                                                  {"CrOS", "ChromeOS"},
                                                                                  {"Linux", "Linux"}}};
    for (const auto& [mark, platform] : marks) {
        if (user_agent.find(mark) != std::string_view::npos) return platform;
    }
    return {};
}

json::Value text_or_null(std::string_view text) { return text.empty() ? json::Value() : json::Value(text); }

}  // namespace

ServiceError auth_failed() { return {ErrorCode::auth_failed, "The credentials are not right."}; }
ServiceError invalid_token() { return {ErrorCode::invalid_token, "The token is not valid."}; }

ServiceError account_locked(std::chrono::seconds retry_after) {
    return ServiceError(ErrorCode::account_locked, "Too many failed logins; try again later.")
        .with_detail("retry_after", std::int64_t{retry_after.count()})
        .with_retry_after(retry_after);
}

ServiceError error_of(const LoginRefusal& refusal) {
    if (refusal.locked_for) return account_locked(*refusal.locked_for);
    return auth_failed();
}

awaitable<TenantRules> read_rules(postgres::Transaction& transaction, const access::AccessState& state,
                                  const AuthOptions& options) {
    const core::TenantId tenant = transaction.tenant();
    const auto own = co_await repository::find_own_tenant(transaction);
    if (!own) throw platform::unavailable();  // purged under the state's feet
    std::vector<json::Object> chain;
    for (const access::TenantRevision& ancestor : state.tenant().ancestors) {
        transaction.send_switch_tenant(ancestor.tenant);
        auto above = co_await repository::find_own_tenant(transaction);
        if (above) chain.push_back(std::move(above->security_settings));
    }
    if (transaction.tenant() != tenant) transaction.send_switch_tenant(tenant);
    chain.push_back(own->security_settings);
    const json::Object effective = tenants::effective_security_settings(chain, server_defaults(options));
    co_return TenantRules{.name = own->name,
                          .code = own->code,
                          .max_login_attempts = number_in(effective, "max_login_attempts"),
                          .lockout = std::chrono::minutes(number_in(effective, "lockout_duration_minutes")),
                          .session_life = std::chrono::hours(number_in(effective, "session_timeout_hours")),
                          .has_own_session_life = std::ranges::any_of(
                              chain, [](const json::Object& document) { return document.contains("session_timeout_hours"); }),
                          .mfa_required = *effective.find("mfa_required")->boolean()};
}

std::optional<SessionRestriction> restriction_of(const LoginUser& user, const TenantRules& rules) {
    if (user.must_change_password) return SessionRestriction::password_change;
    if (rules.mfa_required && !user.mfa_enabled) return SessionRestriction::mfa_enrollment;
    return std::nullopt;
}

std::string_view text_of(SessionRestriction restriction) noexcept {
    return restriction == SessionRestriction::password_change ? "password_change" : "mfa_enrollment";
}

std::chrono::seconds idle_life(const AuthOptions& options, bool remember_me) noexcept {
    return remember_me ? std::max(std::chrono::days(30), options.refresh_token_life) : options.refresh_token_life;
}

core::IpAddress address_of(const platform::RequestContext& context) { return context.client_address.value_or(core::IpAddress{}); }

std::string address_hash(const crypto::KeyRing& keys, const platform::RequestContext& context) {
    return keys.hash("sessions.ip_hash", network_of(address_of(context))).text();
}

std::string device_info(const platform::RequestContext& context, const std::optional<std::string>& device_name) {
    std::string_view agent = context.user_agent;
    if (agent.size() > longest_user_agent * 4) agent = agent.substr(0, longest_user_agent * 4);
    return json::to_text(json::Object{{"ip_address", address_of(context).text()},
                                      {"user_agent", text_or_null(agent)},
                                      {"device_name", text_or_null(device_name.value_or(""))},
                                      {"platform", text_or_null(platform_named_in(agent))}});
}

std::string open_email(const crypto::KeyRing& keys, core::UserId user, std::string_view sealed) {
    auto email = keys.open({"users", "email_encrypted", user.value}, sealed);
    if (!email) throw std::runtime_error("users.email_encrypted of " + user.text() + " does not open");
    return std::move(*email);
}

platform::RequestContext acting_as(const platform::RequestContext& context, platform::Actor actor) {
    platform::RequestContext copy;
    copy.actor = std::move(actor);
    copy.request_id = context.request_id;
    copy.client_address = context.client_address;
    copy.user_agent = context.user_agent;
    return copy;
}

platform::Actor nobody_in(core::TenantId tenant) {
    platform::Actor actor;
    actor.kind = platform::ActorKind::system;
    actor.home_tenant = tenant;
    actor.tenant = tenant;
    return actor;
}

platform::Actor user_in(core::TenantId tenant, core::UserId user, std::optional<core::SessionId> session) {
    platform::Actor actor = nobody_in(tenant);
    actor.kind = platform::ActorKind::user;
    actor.user = user;
    actor.session = session;
    return actor;
}

}  // namespace sentinel::auth
