#include <utility>

#include "modules/users/passwords.hpp"
#include "modules/users/repository.hpp"
#include "modules/users/users.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

namespace json = core::json;
using boost::asio::awaitable;
using platform::Rule;
using platform::Scope;

namespace {

constexpr std::size_t most_networks = 100;

std::string network_pointer(std::size_t index) { return "/attributes/allowed_ips/" + std::to_string(index); }

/// `attributes.allowed_ips` of a service account means the member of that name (spec 03 rule 14).
std::vector<core::IpNetwork> take_networks(json::Object& attributes) {
    const json::Value* list = attributes.find("allowed_ips");
    std::vector<core::IpNetwork> networks;
    if (list == nullptr) return networks;
    const json::Array* items = list->array();
    if (items == nullptr || items->size() > most_networks) {
        throw platform::validation_failed("/attributes/allowed_ips", items == nullptr ? Rule::type : Rule::max_items,
                                          "This is a list of at most 100 networks.");
    }
    for (std::size_t index = 0; index < items->size(); ++index) {
        const std::string* text = (*items)[index].text();
        const auto network = text == nullptr ? std::nullopt : core::IpNetwork::parse(*text);
        if (!network)
            throw platform::validation_failed(network_pointer(index), Rule::format, "Write a network like 192.0.2.0/24.");
        networks.push_back(*network);
    }
    attributes.erase("allowed_ips");
    return networks;
}

Subject subject_of(const CreateUser& body, core::UserId id, const platform::Actor& actor) {
    Subject subject;
    subject.id = id;
    subject.tenant = actor.tenant;
    subject.email = body.email;
    if (body.username) subject.username = lower_ascii(*body.username);
    subject.must_change_password = body.must_change_password;
    subject.is_service_account = body.is_service_account;
    subject.attributes = body.attributes;
    subject.preferences = body.preferences;
    subject.is_active = body.is_active;
    subject.created_by = actor_in(actor, actor.tenant);
    if (!subject.is_service_account) return subject;
    subject.networks = take_networks(subject.attributes);
    if (actor.kind == platform::ActorKind::user) subject.owner = subject.created_by;
    return subject;
}

}  // namespace

awaitable<CreatedUser> UserService::create(platform::RequestContext& context, const CreateUser& body) {
    if (body.is_service_account) require_scope(context.actor, Scope::service_account_admin);
    const UserParts& parts = subjects_.parts();
    Subject subject = subject_of(body, core::UserId{parts.ids->next()}, context.actor);
    const CredentialRules rules = co_await parts.database->read(subject.tenant, [&](postgres::Transaction& transaction) {
        return read_credential_rules(transaction, subjects_.options());
    });
    if (!subject.is_service_account) check_email_domain(rules, subject.email);
    if (body.password) {
        co_await check_password(parts, rules, subject, *body.password, {}, "/password");
        subject.password_hash = co_await parts.password_hasher->hash(*body.password);
    }
    co_return co_await subjects_.write_policy<CreatedUser>(
        context, [&](writes::WriteTransaction& write) -> awaitable<CreatedUser> {
            CreatedUser created;
            const RolesWanted roles{.names = body.roles};
            co_await subjects_.create(write, subject, roles);
            if (subject.is_service_account) {
                const core::Instant end =
                    subjects_.now().plus_seconds(std::chrono::seconds(subjects_.options().key_life).count());
                IssuedKey key = co_await subjects_.issue_key(write, subject.id, end);
                created.service_account_key = std::move(key.text);
                created.key_expires_at = key.expires_at;
            }
            const Subject stored = co_await subjects_.require(write.sql(), subject.id);
            created.detail = co_await subjects_.detail(write.sql(), stored);
            co_return created;
        });
}

}  // namespace sentinel::users
