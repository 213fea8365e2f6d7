#pragma once
/// How often a login may fail (spec 02 rule 5): counted in the database, before the password is looked at, for identities that do
/// not exist as well.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/ip.hpp"
#include "core/vocabulary.hpp"
#include "platform/crypto/server_keys.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::auth {

/// What an address counts as: itself, of IPv6 its /64.
std::string network_of(const core::IpAddress& address);

/// Names an identity of a tenant (32 bytes). `tenant` is the tenant's id, or whatever stood for a tenant that does not exist.
std::string login_identifier(const crypto::ServerKeys& keys, std::string_view tenant, std::string_view email);
std::string address_identifier(const crypto::ServerKeys& keys, const core::IpAddress& address);

/// One counter of failures, with the tries in flight.
struct LoginCounter {
    std::string identifier;
    std::string action;
    std::int64_t limit = 5;
    std::optional<std::chrono::seconds> lockout;  ///< how long the limit locks; absent = it only refuses
};
/// Of an identity; a known address has a counter of its own.
LoginCounter identity_counter(std::string identifier, std::string_view known_address_hash);
LoginCounter address_counter(std::string identifier);

/// What a counter says after a failure.
struct LoginFailures {
    std::int64_t count = 0;
    bool has_locked = false;  ///< by this failure
};

/// Each is one statement; whoever uses several counters takes the address first, so that none waits for another in a ring.
namespace throttle {

/// Counts a try. Throws ACCOUNT_LOCKED or RATE_LIMIT_EXCEEDED; the transaction must then be rolled back.
boost::asio::awaitable<void> begin(postgres::Transaction& transaction, const LoginCounter& counter);
/// The try failed.
boost::asio::awaitable<LoginFailures> fail(postgres::Transaction& transaction, const LoginCounter& counter);
/// The try is not to count.
boost::asio::awaitable<void> take_back(postgres::Transaction& transaction, const LoginCounter& counter);
/// The try succeeded: the failures before it are forgotten.
boost::asio::awaitable<void> succeed(postgres::Transaction& transaction, const LoginCounter& counter);
/// Everything that was counted about an identity: an administrator unlocks, a password was reset.
boost::asio::awaitable<void> forget(postgres::Transaction& transaction, std::string_view identifier);

}  // namespace throttle

postgres::StatementList login_throttle_statements() noexcept;

}  // namespace sentinel::auth
