#include <algorithm>
#include <utility>

#include "modules/service_accounts/service_accounts.hpp"
#include "modules/tenants/repository.hpp"
#include "modules/users/repository.hpp"
#include "platform/service/error.hpp"

namespace sentinel::service_accounts {

namespace json = core::json;
using boost::asio::awaitable;
using platform::Rule;
using users::KeyRow;
using users::Subject;

namespace {

namespace repository = users::repository;

constexpr std::size_t most_live_keys = 2;
constexpr std::int64_t default_overlap_minutes = 1'440;

std::int64_t overlap_of(const RotateCredentials& body) {
    return body.overlap_minutes.value_or(body.revoke_existing ? 0 : default_overlap_minutes);
}

/// The key and the tokens made with it end on every node.
awaitable<void> end_key(const users::Subjects& subjects, writes::WriteTransaction& write, const KeyRow& key) {
    co_await repository::revoke_key(write.sql(), key.id, users::actor_in(write.context().actor, write.tenant()));
    co_await write.revoke({.kind = access::RevocationKind::key,
                           .reference = key.key_id,
                           .expires_at = subjects.now().plus_seconds(subjects.options().longest_token_life.count())});
}

/// The old keys end now, or when the overlap does; tells when the last of them ends.
awaitable<std::optional<core::Instant>> retire(const users::Subjects& subjects, writes::WriteTransaction& write,
                                               const std::vector<KeyRow>& keys, std::int64_t overlap_minutes) {
    const core::Instant now = subjects.now();
    const core::Instant end = now.plus_seconds(overlap_minutes * 60);
    std::optional<core::Instant> last;
    for (const KeyRow& key : keys) {
        core::Instant ends = std::min(key.expires_at, end);
        if (overlap_minutes == 0) {
            co_await end_key(subjects, write, key);
            ends = now;
        } else if (ends < key.expires_at) {
            co_await repository::shorten_key(write.sql(), key.id, ends);
        }
        last = last ? std::max(*last, ends) : ends;
    }
    co_return last;
}

json::Object rotation_metadata(const users::IssuedKey& key, const std::vector<KeyRow>& former, std::int64_t overlap_minutes) {
    json::Array ids;
    for (const KeyRow& row : former) ids.emplace_back(row.key_id);
    return {{"source", "api"},
            {"key_id", key.key_id},
            {"expires_at", key.expires_at.text()},
            {"previous_key_ids", std::move(ids)},
            {"overlap_minutes", overlap_minutes}};
}

}  // namespace

awaitable<RotatedCredentials> ServiceAccountService::rotate(platform::RequestContext& context, core::UserId account,
                                                            const RotateCredentials& body) {
    const users::UserParts& parts = subjects_.parts();
    const std::vector<core::UserId> accounts{account};
    const std::vector<KeyRow> seen = co_await parts.database->read(
        context.actor.tenant, [&](postgres::Transaction& transaction) { return repository::live_keys(transaction, accounts); });
    // The lock of policy writes orders rotations; the later of two at once must not end the key that the first one gave.
    co_return co_await subjects_.write_policy<RotatedCredentials>(
        context, [&](writes::WriteTransaction& write) -> awaitable<RotatedCredentials> {
            const Subject subject = co_await subjects_.require(write.sql(), account, true);
            if (!users::is_self(context.actor, subject)) co_await subjects_.check_covers(write, account);
            if (!subject.is_active) throw platform::conflict("state", "The service account is inactive.");
            const std::int64_t overlap = overlap_of(body);
            const std::vector<KeyRow> former = co_await repository::live_keys(write.sql(), accounts);
            if (!std::ranges::equal(seen, former, {}, &KeyRow::id, &KeyRow::id)) {
                throw platform::conflict("state", "The keys were changed at the same time.");
            }
            if (former.size() >= most_live_keys) {
                throw platform::conflict("state", "Two keys are in their overlap; revoke one, or wait for its end.");
            }
            const std::chrono::days life =
                body.expires_in_days ? std::chrono::days(*body.expires_in_days) : subjects_.options().key_life;
            const core::Instant end = subjects_.now().plus_seconds(std::chrono::seconds(life).count());
            users::IssuedKey key = co_await subjects_.issue_key(write, account, end);
            const auto tenant = co_await tenants::repository::find_step(write.sql(), write.tenant());
            if (!tenant) throw platform::not_found("tenant");
            RotatedCredentials answer;
            answer.previous_expires_at = co_await retire(subjects_, write, former, overlap);
            answer.id = account;
            answer.client_id = tenant->step.code + "." + subject.username.value_or("");
            answer.key_id = key.key_id;
            answer.expires_at = key.expires_at;
            writes::AuditEvent event =
                users::event_of(subject, "service_account.rotate_credentials", "service_account.rotate_credentials");
            event.metadata = rotation_metadata(key, former, overlap);
            answer.new_api_key = std::move(key.text);
            write.audit(std::move(event));
            co_return answer;
        });
}

awaitable<void> ServiceAccountService::revoke_key(platform::RequestContext& context, const KeyPath& path) {
    co_await subjects_.write_policy<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const Subject subject = co_await subjects_.require(write.sql(), path.account_id, true);
        if (!users::is_self(context.actor, subject)) co_await subjects_.check_covers(write, path.account_id);
        const std::vector<KeyRow> keys = co_await repository::live_keys(write.sql(), {path.account_id});
        const auto key = std::ranges::find(keys, path.key_id, &KeyRow::key_id);
        if (key == keys.end()) throw platform::not_found("service_account_key");
        co_await end_key(subjects_, write, *key);
        writes::AuditEvent event =
            users::event_of(subject, "service_account.rotate_credentials", "service_account.rotate_credentials");
        event.metadata.set("revoked_key_id", path.key_id);
        write.audit(std::move(event));
    });
}

}  // namespace sentinel::service_accounts
