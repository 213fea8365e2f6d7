#pragma once
/// What a tenant asks of new passwords and of addresses, and how a new password is proved against it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "modules/users/subject.hpp"
#include "modules/users/subjects.hpp"
#include "platform/crypto/password_policy.hpp"
#include "platform/postgres/transaction.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::users {

/// The strictest of server, tenant and the tenants above.
struct CredentialRules {
    crypto::PasswordRules password;
    std::int64_t password_history = 5;
    std::int64_t max_login_attempts = 5;
    std::chrono::minutes lockout{30};
    /// An address's domain must be in each of these lists.
    std::vector<std::vector<std::string>> email_domains;
};
boost::asio::awaitable<CredentialRules> read_credential_rules(postgres::Transaction& transaction, const UserOptions& options);

/// 400 `policy` faults on `pointer`, all at once. `former`: hashes that the password must not match.
boost::asio::awaitable<void> check_password(const UserParts& parts, const CredentialRules& rules, const Subject& subject,
                                            const platform::Secret& password, const std::vector<std::string>& former,
                                            std::string_view pointer);
/// 400 on `/email` for an address that the tenant does not let in. Of people alone.
void check_email_domain(const CredentialRules& rules, std::string_view email);

}  // namespace sentinel::users
