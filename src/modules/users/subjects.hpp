#pragma once
/// The rules that people and service accounts have in common: one table, one way to make, change and end a subject.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "modules/tenants/settings.hpp"
#include "modules/users/repository_roles.hpp"
#include "modules/users/schemas.hpp"
#include "modules/users/subject.hpp"
#include "platform/access/access_store.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/crypto/password_policy.hpp"
#include "platform/postgres/database.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/service/actor.hpp"
#include "platform/writes/audit_queue.hpp"
#include "platform/writes/writer.hpp"

namespace sentinel::users {

struct UserParts {
    postgres::Database* database = nullptr;
    writes::Writer* writer = nullptr;
    access::AccessView* access = nullptr;
    writes::TenantKeys* tenant_keys = nullptr;
    crypto::PasswordHasher* password_hasher = nullptr;  ///< null where nobody gets a password
    const core::Clock* clock = nullptr;
    core::UuidV7Generator* ids = nullptr;
    writes::AuditQueue* audit = nullptr;  ///< where refusals are told; null = nowhere
};

struct UserOptions {
    tenants::ServerDefaults defaults;  ///< quotas and the least length of passwords
    crypto::PasswordRules password_rules;
    std::chrono::seconds longest_token_life = std::chrono::hours(2);  ///< of any access token, skew included
    std::size_t key_length = 64;
    std::chrono::days key_life{90};
};

/// Roles to give, as a request names them.
struct RolesWanted {
    std::vector<std::string> names;       ///< ids or names
    std::string_view pointer = "/roles";  ///< of the list, or of the one
    bool is_list = true;
    bool unknown_is_a_fault = true;  ///< 400 `reference`; else RESOURCE_NOT_FOUND
};

/// An API key that was just made.
struct IssuedKey {
    std::string key_id;
    platform::Secret text;
    core::Instant expires_at;
};

/// What an actor may hand on, or act upon (spec 06 section C), at the least until some instant.
struct Cover {
    bool is_unbounded = false;  ///< the program itself
    platform::ScopeSet scopes;
    std::int64_t priority = 0;
    CarriedPermissions permissions;
};

/// One for each service.
class Subjects {
public:
    Subjects(UserParts parts, UserOptions options) : parts_(parts), options_(options) {}

    const UserParts& parts() const noexcept { return parts_; }
    const UserOptions& options() const noexcept { return options_; }
    core::Instant now() const { return parts_.clock->now(); }

    /// Runs a policy write of the tenant acted in; what it refuses as escalation is told to the audit.
    template <class T, class Work>
    boost::asio::awaitable<T> write_policy(platform::RequestContext& context, Work work,
                                           std::string_view username_pointer = "/username") {
        try {
            if constexpr (std::is_void_v<T>) {
                co_await parts_.writer->template write_policy<T>(context, {}, std::move(work));
                co_return;
            } else {
                co_return co_await parts_.writer->template write_policy<T>(context, {}, std::move(work));
            }
        } catch (const postgres::UniqueViolation& violation) {
            throw_duplicate(violation, username_pointer);
            throw;
        } catch (const platform::ServiceError& error) {
            tell_refusal(context, error);
            throw;
        }
    }

    /// The row, or RESOURCE_NOT_FOUND. `kind`: only a service account (true), only a person (false), or any.
    boost::asio::awaitable<Subject> require(postgres::Transaction& transaction, core::UserId id,
                                            std::optional<bool> is_service_account = std::nullopt);
    /// All that answers show of it.
    boost::asio::awaitable<UserDetail> detail(postgres::Transaction& transaction, const Subject& subject);

    /// Inserts the subject with its search tokens and roles; counts it and holds it to the quota. `subject.id` is set before.
    boost::asio::awaitable<void> create(writes::WriteTransaction& write, const Subject& subject, const RolesWanted& roles);
    /// Writes what differs; false when nothing does. Checks what the actor may do to the subject, and ends access where it must.
    boost::asio::awaitable<bool> change(writes::WriteTransaction& write, const Subject& before, const Subject& after);
    /// Soft deletion.
    boost::asio::awaitable<void> remove(writes::WriteTransaction& write, const Subject& subject);
    boost::asio::awaitable<void> lock(writes::WriteTransaction& write, const Subject& subject, core::Instant until,
                                      const std::optional<std::string>& reason);
    boost::asio::awaitable<void> unlock(writes::WriteTransaction& write, const Subject& subject);
    /// A new key, beside those that there are.
    boost::asio::awaitable<IssuedKey> issue_key(writes::WriteTransaction& write, core::UserId account, core::Instant expires_at);
    /// Ends sessions and tokens: the epoch is raised on every node.
    boost::asio::awaitable<void> end_access(writes::WriteTransaction& write, core::UserId subject, std::string_view reason);

    /// Assigns directly, or renews what is inactive or expired.
    boost::asio::awaitable<void> assign(writes::WriteTransaction& write, const Subject& subject, const RolesWanted& roles,
                                        std::optional<core::Instant> expires_at, const std::optional<std::string>& reason);

    /// Throws ESCALATION unless the actor covers all that the subject holds (spec 03 rule 5).
    boost::asio::awaitable<void> check_covers(writes::WriteTransaction& write, core::UserId subject);
    /// Throws ESCALATION unless the actor covers what these roles bring, at least until `until` (absent = for ever).
    boost::asio::awaitable<void> check_may_give(writes::WriteTransaction& write, const std::vector<core::RoleId>& roles,
                                                std::optional<core::Instant> until);
    /// Throws ESCALATION when a role ranks above those of the actor.
    boost::asio::awaitable<void> check_may_take(writes::WriteTransaction& write, core::RoleId role);
    /// Throws CONFLICT (last_admin) when the tenant has an administrator now and would have none after the change of one subject.
    boost::asio::awaitable<void> check_last_administrator(writes::WriteTransaction& write, core::UserId subject,
                                                          const std::function<void(access::SubjectRow&)>& change);

    /// CONFLICT (duplicate) where an address or a name is taken; returns for anything else.
    static void throw_duplicate(const postgres::UniqueViolation& violation, std::string_view username_pointer);
    void tell_refusal(const platform::RequestContext& context, const platform::ServiceError& error) const;
    /// `denied.cross_tenant`, for a request that names another tenant.
    void tell_foreign_tenant(const platform::RequestContext& context, core::TenantId named) const;

private:
    boost::asio::awaitable<void> check_quota(writes::WriteTransaction& write, bool is_service_account);
    boost::asio::awaitable<void> check_changes(writes::WriteTransaction& write, const Subject& before, const Subject& after);
    boost::asio::awaitable<void> follow_changes(writes::WriteTransaction& write, const Subject& before, const Subject& after);
    boost::asio::awaitable<void> assign_one(writes::WriteTransaction& write, const NewAssignment& assignment, const RoleRow& role,
                                            const std::string& pointer);
    boost::asio::awaitable<Cover> cover_of(writes::WriteTransaction& write, std::optional<core::Instant> until);
    boost::asio::awaitable<void> check_cover(writes::WriteTransaction& write, const Cover& cover,
                                             const access::AccessState& state, const std::vector<core::RoleId>& roles);

    UserParts parts_;
    UserOptions options_;
};

/// Is the actor this subject?
bool is_self(const platform::Actor& actor, const Subject& subject);
/// The actor, where its row is in this tenant: a column that names a user takes no other.
std::optional<core::UserId> actor_in(const platform::Actor& actor, core::TenantId tenant);
/// PERMISSION_DENIED unless the actor holds the scope.
void require_scope(const platform::Actor& actor, platform::Scope scope);
/// `user.…`, or `service_account.…` of a service account, with the subject as the resource.
writes::AuditEvent event_of(const Subject& subject, writes::AuditAction of_person, writes::AuditAction of_account);

}  // namespace sentinel::users
