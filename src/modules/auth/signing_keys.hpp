#pragma once
/// The keys that sign access tokens (spec 02 "Signing keys", rule 22): pending, active, retiring, retired.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "platform/crypto/jwt.hpp"
#include "platform/crypto/master_key.hpp"
#include "platform/crypto/signing_key.hpp"
#include "platform/postgres/database.hpp"

namespace sentinel::auth {

struct SigningKeyOptions {
    crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::es256;
    std::chrono::seconds rotation = std::chrono::days(30);       ///< how long a key signs
    std::chrono::seconds retire_after = std::chrono::hours(24);  ///< the longest token life and the skew
};

struct SigningKeyRow;

/// Used from one thread at a time.
class SigningKeys {
public:
    SigningKeys(std::shared_ptr<const crypto::MasterKey> master, SigningKeyOptions options)
        : master_(std::move(master)), options_(options) {}

    /// Moves the keys on as the database's time says (one node at a time), makes the first one where there is none, and returns all
    /// that verify. The same pointer as before where nothing changed.
    boost::asio::awaitable<std::shared_ptr<const crypto::KeySet>> load(postgres::Database& database);

private:
    using Key = std::shared_ptr<const crypto::SigningKey>;
    boost::asio::awaitable<std::vector<SigningKeyRow>> bring_up_to_date(postgres::Transaction& transaction) const;
    boost::asio::awaitable<void> add_key(postgres::Transaction& transaction, bool is_active) const;
    Key unwrapped(const SigningKeyRow& row) const;

    std::shared_ptr<const crypto::MasterKey> master_;
    SigningKeyOptions options_;
    std::shared_ptr<const crypto::KeySet> current_;
    std::map<std::string, Key, std::less<>> keys_;  ///< those of current_, by kid
};

postgres::StatementList signing_key_statements() noexcept;

}  // namespace sentinel::auth
