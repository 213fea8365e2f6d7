#pragma once
/// Searching in encrypted addresses and in usernames (spec 03 rule 24): by tokens that are looked up by equality alone.

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "modules/users/subject.hpp"
#include "platform/postgres/statement.hpp"
#include "platform/postgres/transaction.hpp"
#include "platform/postgres/types.hpp"

namespace sentinel::users {

/// What a subject is found by: prefixes of 3 to 10 characters of the folded address, its domain, trigrams of the username. Distinct.
std::vector<postgres::Bytes> search_tokens(const crypto::KeyRing& keys, std::string_view email,
                                           const std::optional<std::string>& username);

/// Ids of those that the text finds, compared with what is stored; in no order. Throws 400 `min_length` on `/search` when it would
/// find too many.
boost::asio::awaitable<std::vector<core::UserId>> search(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                                         std::string_view text, bool with_deleted);

postgres::StatementList search_statements() noexcept;

}  // namespace sentinel::users
