#pragma once
/// Service accounts (spec 03): identities of machines, and their keys.

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "modules/service_accounts/schemas.hpp"
#include "modules/users/subjects.hpp"

namespace sentinel::service_accounts {

using ServiceAccountParts = users::UserParts;
using ServiceAccountOptions = users::UserOptions;

/// One for each worker.
class ServiceAccountService {
public:
    ServiceAccountService(ServiceAccountParts parts, ServiceAccountOptions options) : subjects_(parts, options) {}

    boost::asio::awaitable<CreatedAccount> create(platform::RequestContext& context, const CreateAccount& body);
    boost::asio::awaitable<http::Page<Account>> list(const platform::RequestContext& context, const ListAccounts& query);
    boost::asio::awaitable<AccountDetail> get(const platform::RequestContext& context, core::UserId account);
    boost::asio::awaitable<Account> update(platform::RequestContext& context, core::UserId account, const UpdateAccount& body);
    boost::asio::awaitable<void> remove(platform::RequestContext& context, core::UserId account);
    boost::asio::awaitable<RotatedCredentials> rotate(platform::RequestContext& context, core::UserId account,
                                                      const RotateCredentials& body);
    boost::asio::awaitable<void> revoke_key(platform::RequestContext& context, const KeyPath& path);

private:
    boost::asio::awaitable<Account> account_of(postgres::Transaction& transaction, const users::Subject& subject);

    users::Subjects subjects_;
};

}  // namespace sentinel::service_accounts
