#include "modules/service_accounts/schemas.hpp"

#include "modules/users/subject.hpp"

namespace sentinel::service_accounts {

using http::immutable;
using http::inlined;
using http::member;
using http::object;
using platform::Rule;

namespace {

constexpr std::int64_t longest_overlap_minutes = 10'080;
constexpr std::int64_t longest_key_days = 365;
constexpr std::size_t most_networks = 100;

http::MemberRule name_rule() { return http::text(3, 100).pattern("^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$"); }
http::MemberRule networks_rule() { return http::list(http::network(), 0, most_networks).unique(); }
http::MemberRule key_rule() { return http::secret(40, 128).revealed(); }

}  // namespace

http::ObjectSchema describe(http::Of<KeySummary>) {
    return object<KeySummary>("KeySummary", "A key of a service account, without the key.",
                              member("key_id", &KeySummary::key_id, "Public part of the key."),
                              member("created_at", &KeySummary::created_at, "When it was made."),
                              member("expires_at", &KeySummary::expires_at, "When it ends."),
                              member("last_used_at", &KeySummary::last_used_at, "At most a minute old; null = never."));
}

http::ObjectSchema describe(http::Of<Account>) {
    return object<Account>(
        "ServiceAccount", "An identity of a machine.", member("id", &Account::id, "Its id."),
        member("tenant_id", &Account::tenant_id, "Where it belongs."), member("name", &Account::name, "Its username."),
        member("email", &Account::email, "Never mailed."), member("description", &Account::description, "What it is for."),
        member("client_id", &Account::client_id, "For OAuth clients: tenant code and name."),
        member("attributes", &Account::attributes, "Read by conditions as `user.x`."),
        member("allowed_ips", &Account::allowed_ips, "Where its key and tokens may come from; empty = anywhere."),
        member("owner_id", &Account::owner_id, "The person who answers for it."),
        member("owner_active", &Account::owner_active, "Whether that person is active."),
        member("is_active", &Account::is_active, "Whether an administrator lets it work."),
        member("status", &Account::status, "The first that holds."),
        member("last_login", &Account::last_login, "Last use of a key, to the minute."),
        member("login_count", &Account::login_count, "Minutes in which a key was used."),
        member("keys", &Account::keys, "Neither expired nor revoked, oldest first."),
        member("version", &Account::version, "Raised by each change; the ETag.").version(),
        member("created_at", &Account::created_at, "When it was made."),
        member("updated_at", &Account::updated_at, "When it was last changed."));
}

http::ObjectSchema describe(http::Of<AccountDetail>) {
    return object<AccountDetail>(
        "ServiceAccountDetail", "A service account with roles and state.", inlined(&AccountDetail::account),
        member("roles", &AccountDetail::roles, "Effective ones, without `everyone`."),
        member("groups", &AccountDetail::groups, "Groups that it is in directly."),
        member("failed_login_count", &AccountDetail::failed_login_count, "Failures since the last success."),
        member("locked_until", &AccountDetail::locked_until, "When the lock ends; null = none."));
}

http::ObjectSchema describe(http::Of<CreatedAccount>) {
    return object<CreatedAccount>(
        "CreatedServiceAccount", "A service account that was just made.", inlined(&CreatedAccount::account),
        member("service_account_key", &CreatedAccount::service_account_key, key_rule(), "Shown this once."),
        member("key_expires_at", &CreatedAccount::key_expires_at, "When the key ends."));
}

http::ObjectSchema describe(http::Of<CreateAccount>) {
    return object<CreateAccount>(
        "CreateServiceAccount", "A new service account.",
        member("name", &CreateAccount::name, name_rule(), "Unique in the tenant; kept in lower case."),
        member("description", &CreateAccount::description, http::free_text(1, 1'000), "What it is for."),
        member("email", &CreateAccount::email, http::text(1, 254).trimmed().format("email", &users::is_email),
               "`<name>@<tenant code>.service` when left out."),
        member("attributes", &CreateAccount::attributes, http::document(), "Read by conditions.").defaulted(),
        member("roles", &CreateAccount::roles, http::list(http::text(1, 100), 0, 50).unique(), "Ids or names.").defaulted(),
        member("allowed_ips", &CreateAccount::allowed_ips, networks_rule(), "Networks; empty = anywhere.").defaulted(),
        member("owner_id", &CreateAccount::owner_id, "A person; the creator when left out."),
        member("is_active", &CreateAccount::is_active, "False = may not work yet.").defaulted(),
        member("expires_in_days", &CreateAccount::expires_in_days, http::integer(1, longest_key_days), "Life of the key."));
}

http::ObjectSchema describe(http::Of<UpdateAccount>) {
    return object<UpdateAccount>(
        "UpdateServiceAccount", "What to change of a service account.",
        member("name", &UpdateAccount::name, name_rule(), "The client_id changes with it."),
        member("description", &UpdateAccount::description, http::free_text(1, 1'000), "Null takes it away."),
        member("attributes", &UpdateAccount::attributes, http::document(), "Merged member by member."),
        member("allowed_ips", &UpdateAccount::allowed_ips, networks_rule(), "Holds for tokens that are out already."),
        member("owner_id", &UpdateAccount::owner_id, "A person; null = nobody."),
        member("is_active", &UpdateAccount::is_active, "False ends all tokens."), immutable("id"), immutable("tenant_id"),
        immutable("email"), immutable("client_id"));
}

http::ObjectSchema describe(http::Of<ListAccounts>) {
    return object<ListAccounts>(
        "ListServiceAccounts", "Which service accounts are listed.",
        http::paging(&ListAccounts::page, {.sorts = {"created_at", "email", "username", "last_login", "login_count"}}),
        member("is_active", &ListAccounts::is_active, "Only active, or only inactive ones."),
        member("search", &ListAccounts::search, http::text(1, 100).trimmed(),
               "A whole e-mail address, its beginning or its domain, or a part of the name."),
        member("owner_id", &ListAccounts::owner_id, "Only those of this person."),
        member("expiring_before", &ListAccounts::expiring_before, "Only those with a key that ends before."));
}

http::ObjectSchema describe(http::Of<RotateCredentials>) {
    return object<RotateCredentials>(
        "RotateCredentials", "How a new key takes the place of the old one.",
        member("revoke_existing", &RotateCredentials::revoke_existing, "The old key ends after the overlap.").defaulted(),
        member("overlap_minutes", &RotateCredentials::overlap_minutes, http::integer(0, longest_overlap_minutes),
               "How long the old key still works: 0, or a day where revoke_existing is false."),
        member("expires_in_days", &RotateCredentials::expires_in_days, http::integer(1, longest_key_days),
               "Life of the new key."));
}

http::ObjectSchema describe(http::Of<RotatedCredentials>) {
    return object<RotatedCredentials>(
        "RotatedCredentials", "A new key.", member("id", &RotatedCredentials::id, "The account's id."),
        member("client_id", &RotatedCredentials::client_id, "For OAuth clients."),
        member("key_id", &RotatedCredentials::key_id, "Public part of the new key."),
        member("new_api_key", &RotatedCredentials::new_api_key, key_rule(), "Shown this once."),
        member("expires_at", &RotatedCredentials::expires_at, "When the new key ends."),
        member("previous_expires_at", &RotatedCredentials::previous_expires_at, "When the old key ends; null = there was none."));
}

http::ObjectSchema describe(http::Of<KeyPath>) {
    return object<KeyPath>("KeyPath", "A key of a service account.", member("account_id", &KeyPath::account_id, "The account."),
                           member("key_id", &KeyPath::key_id, http::text(1, 10).pattern("^[0-9A-Za-z]{10}$"), "The key."));
}

}  // namespace sentinel::service_accounts
