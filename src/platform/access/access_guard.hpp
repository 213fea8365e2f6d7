#pragma once
/// Decides whether a request may reach its handler, in the order of spec 00 section 2 rule 2. Once the tenants are resident and the
/// token was seen, nothing here waits.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "platform/access/access_store.hpp"
#include "platform/access/rate_buckets.hpp"
#include "platform/access/refusals.hpp"
#include "platform/access/token_cache.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/http/guard.hpp"

namespace sentinel::access {

struct GuardOptions {
    crypto::TokenRules token_rules;
    std::size_t token_cache_bytes = std::size_t{32} << 20;  ///< of this worker
};

/// One for each worker, used from its thread alone.
class AccessGuard final : public http::Guard {
public:
    AccessGuard(AccessView& view, RateBuckets& buckets, GuardAudit& audit, const core::Clock& clock, GuardOptions options);
    ~AccessGuard() override;

    /// A public route takes from the address's bucket. Its actor is nobody (kind `user`, nil id, no scopes), or the caller where a
    /// token came that is right: a wrong one counts as none.
    boost::asio::awaitable<void> admit(const http::Request& request, const http::RouteMatch& match,
                                       http::Admission& admission) override;

    /// The keys that verify; called on this worker's thread at start and whenever they change.
    void use_keys(std::shared_ptr<const crypto::KeySet> keys);

    /// Who would act with this token from `address` now, at home; nullopt when the guard would refuse it. For introspection, and for
    /// routes that judge the token of another request.
    boost::asio::awaitable<std::optional<platform::Actor>> judge(std::string_view token, core::IpAddress address);

    const TokenCache& cache() const noexcept { return cache_; }

private:
    struct Call;  ///< one request on its way through
    struct Place;

    std::int64_t now_seconds() noexcept;
    boost::asio::awaitable<void> admit_public(Call& call);
    boost::asio::awaitable<void> admit_token(Call& call, std::string_view text);
    boost::asio::awaitable<Place> locate(Call& call);
    boost::asio::awaitable<Place> resolve(Call& call, core::TenantId wanted);
    boost::asio::awaitable<bool> is_own_descendant(core::TenantId home, core::TenantId wanted);
    /// Verifies, from the cache where it is there; peeks at the address's bucket where it is not.
    VerifiedTokenPointer verified(Call& call, std::string_view text);
    /// Throws unless the token still stands for an active subject of an active tenant; fills the actor.
    const AccessState& check_home(Call& call) const;
    void take_rates(Call& call, const AccessState& home, const AccessState& acted_in);
    void take(Call& call, const BucketKey& key, const RateLimit& limit);
    void take_principal(Call& call, const AccessState& home);
    void peek_address(Call& call);
    void take_address(Call& call);
    void check_route(Call& call) const;
    [[noreturn]] void refuse_rate(Call& call, const BucketKey& key, const RateLimit& limit, const RateVerdict& verdict);
    void report(const Call& call, RefusalKind kind, std::string_view detail) const;

    AccessView* view_;
    RateBuckets* buckets_;
    GuardAudit* audit_;
    const core::Clock* clock_;
    GuardOptions options_;
    std::shared_ptr<const crypto::KeySet> keys_;
    TokenCache cache_;
    std::int64_t latest_second_ = 0;  ///< time never goes back here, so that no token becomes valid again
};

}  // namespace sentinel::access
