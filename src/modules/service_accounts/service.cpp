#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "modules/service_accounts/service_accounts.hpp"
#include "modules/tenants/repository.hpp"
#include "modules/users/repository.hpp"
#include "modules/users/repository_list.hpp"
#include "modules/users/search.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/service/error.hpp"

namespace sentinel::service_accounts {

using boost::asio::awaitable;
using platform::Rule;
using users::Subject;

namespace {

namespace repository = users::repository;

constexpr std::string_view name_pointer = "/name";

Account account_from(const Subject& subject, std::string_view tenant_code) {
    Account account;
    account.id = subject.id;
    account.tenant_id = subject.tenant;
    account.name = subject.username.value_or("");
    account.email = subject.email;
    account.description = subject.description;
    account.client_id = std::string(tenant_code).append(".").append(account.name);
    account.attributes = subject.attributes;
    account.allowed_ips = subject.networks;
    account.owner_id = subject.owner;
    account.is_active = subject.is_active;
    account.status = subject.status;
    account.last_login = subject.last_login;
    account.login_count = subject.login_count;
    account.version = subject.version;
    account.created_at = subject.created_at;
    account.updated_at = subject.updated_at;
    return account;
}

/// The rows with keys and owners, in as many statements as one row needs.
awaitable<std::vector<Account>> accounts_of(const users::UserParts& parts, postgres::Transaction& transaction,
                                            const std::vector<Subject>& subjects) {
    std::vector<Account> accounts;
    if (subjects.empty()) co_return accounts;
    const auto tenant = co_await tenants::repository::find_step(transaction, transaction.tenant());
    if (!tenant) throw platform::not_found("tenant");
    std::vector<core::UserId> ids;
    std::vector<core::UserId> owners;
    for (const Subject& subject : subjects) {
        ids.push_back(subject.id);
        if (subject.owner) owners.push_back(*subject.owner);
    }
    const writes::KeyRingPointer keys = co_await parts.tenant_keys->of(transaction);
    const std::vector<users::KeyRow> rows = co_await repository::live_keys(transaction, ids);
    const std::vector<Subject> people = co_await repository::find_many(transaction, *keys, owners);
    for (const Subject& subject : subjects) {
        Account& account = accounts.emplace_back(account_from(subject, tenant->step.code));
        for (const users::KeyRow& row : rows) {
            if (row.account != subject.id) continue;
            account.keys.push_back({row.key_id, row.created_at, row.expires_at, row.last_used_at});
        }
        const auto owner = std::ranges::find_if(people, [&](const Subject& person) { return person.id == subject.owner; });
        account.owner_active = owner != people.end() && owner->is_active && owner->status != users::UserStatus::deleted;
    }
    co_return accounts;
}

/// An owner is a person of the tenant.
awaitable<void> check_owner(const users::UserParts& parts, postgres::Transaction& transaction, core::UserId owner) {
    const writes::KeyRingPointer keys = co_await parts.tenant_keys->of(transaction);
    const auto person = co_await repository::find(transaction, *keys, owner);
    if (!person || person->is_service_account) {
        throw platform::validation_failed("/owner_id", Rule::reference, "There is no such person.");
    }
}

/// `<name>@<code>.service`; where the tenant's code is no part of a domain it would end in a hyphen and still be one.
std::string default_email(std::string_view name, std::string_view code) {
    return std::string(name).append("@").append(users::lower_ascii(std::string(code))).append(".service");
}

}  // namespace

awaitable<Account> ServiceAccountService::account_of(postgres::Transaction& transaction, const Subject& subject) {
    std::vector<Account> accounts = co_await accounts_of(subjects_.parts(), transaction, {subject});
    co_return std::move(accounts.front());
}

awaitable<CreatedAccount> ServiceAccountService::create(platform::RequestContext& context, const CreateAccount& body) {
    const platform::Actor& actor = context.actor;
    const users::UserParts& parts = subjects_.parts();
    Subject subject;
    subject.id = core::UserId{parts.ids->next()};
    subject.tenant = actor.tenant;
    subject.username = users::lower_ascii(body.name);
    subject.is_service_account = true;
    subject.description = body.description;
    subject.attributes = body.attributes;
    subject.networks = body.allowed_ips;
    subject.is_active = body.is_active;
    subject.created_by = users::actor_in(actor, actor.tenant);
    subject.owner = body.owner_id;
    if (!subject.owner && actor.kind == platform::ActorKind::user) subject.owner = subject.created_by;
    co_return co_await subjects_.write_policy<CreatedAccount>(
        context,
        [&](writes::WriteTransaction& write) -> awaitable<CreatedAccount> {
            if (body.owner_id) co_await check_owner(parts, write.sql(), *body.owner_id);
            const auto tenant = co_await tenants::repository::find_step(write.sql(), write.tenant());
            if (!tenant) throw platform::not_found("tenant");
            subject.email = body.email ? *body.email : default_email(*subject.username, tenant->step.code);
            const users::RolesWanted roles{.names = body.roles};
            co_await subjects_.create(write, subject, roles);
            const std::chrono::days life =
                body.expires_in_days ? std::chrono::days(*body.expires_in_days) : subjects_.options().key_life;
            const core::Instant end = subjects_.now().plus_seconds(std::chrono::seconds(life).count());
            users::IssuedKey key = co_await subjects_.issue_key(write, subject.id, end);
            const Subject stored = co_await subjects_.require(write.sql(), subject.id, true);
            CreatedAccount created;
            created.account = co_await account_of(write.sql(), stored);
            created.service_account_key = std::move(key.text);
            created.key_expires_at = key.expires_at;
            co_return created;
        },
        name_pointer);
}

awaitable<http::Page<Account>> ServiceAccountService::list(const platform::RequestContext& context, const ListAccounts& query) {
    const users::UserParts& parts = subjects_.parts();
    co_return co_await parts.database->read(
        context.actor.tenant, [&](postgres::Transaction& transaction) -> awaitable<http::Page<Account>> {
            const writes::KeyRingPointer keys = co_await parts.tenant_keys->of(transaction);
            users::SubjectFilter filter{.is_service_account = true,
                                        .is_active = query.is_active,
                                        .owner = query.owner_id,
                                        .expiring_before = query.expiring_before};
            if (query.search) filter.among = co_await users::search(transaction, *keys, *query.search, false);
            http::Page<Subject> found = co_await repository::list(transaction, *keys, filter, query.page);
            http::Page<Account> page;
            page.total = found.total;
            page.next = std::move(found.next);
            page.items = co_await accounts_of(parts, transaction, found.items);
            co_return page;
        });
}

awaitable<AccountDetail> ServiceAccountService::get(const platform::RequestContext& context, core::UserId account) {
    const users::UserParts& parts = subjects_.parts();
    co_return co_await parts.database->read(context.actor.tenant,
                                            [&](postgres::Transaction& transaction) -> awaitable<AccountDetail> {
                                                const Subject subject = co_await subjects_.require(transaction, account, true);
                                                users::UserDetail common = co_await subjects_.detail(transaction, subject);
                                                AccountDetail detail;
                                                detail.account = co_await account_of(transaction, subject);
                                                detail.roles = std::move(common.roles);
                                                detail.groups = std::move(common.groups);
                                                detail.failed_login_count = subject.failed_login_count;
                                                detail.locked_until = subject.locked_until;
                                                co_return detail;
                                            });
}

awaitable<Account> ServiceAccountService::update(platform::RequestContext& context, core::UserId account,
                                                 const UpdateAccount& body) {
    const users::UserParts& parts = subjects_.parts();
    co_return co_await subjects_.write_policy<Account>(
        context,
        [&](writes::WriteTransaction& write) -> awaitable<Account> {
            const Subject before = co_await subjects_.require(write.sql(), account, true);
            http::check_version(context, before.version);
            Subject after = before;
            if (body.name) after.username = users::lower_ascii(body.name.value());
            body.description.apply_to(after.description);
            http::merge_document(after.attributes, body.attributes);
            body.allowed_ips.apply_to(after.networks);
            const bool has_other_owner = body.owner_id.apply_to(after.owner);
            body.is_active.apply_to(after.is_active);
            if (has_other_owner && after.owner) co_await check_owner(parts, write.sql(), *after.owner);
            co_await subjects_.change(write, before, after);
            const Subject stored = co_await subjects_.require(write.sql(), account, true);
            co_return co_await account_of(write.sql(), stored);
        },
        name_pointer);
}

awaitable<void> ServiceAccountService::remove(platform::RequestContext& context, core::UserId account) {
    co_await subjects_.write_policy<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const Subject subject = co_await subjects_.require(write.sql(), account, true);
        http::check_version(context, subject.version);
        co_await subjects_.remove(write, subject);
    });
}

}  // namespace sentinel::service_accounts
