#pragma once
/// Decides whether a request may reach its handler, in the order of spec 00 section 2 rule 2. Once the tenant is resident and the
/// token was seen, nothing here waits.

#include <chrono>
#include <cstdint>
#include <functional>
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
    AccessGuard(AccessView& view, RateBuckets& buckets, RefusalAudit& audit, const core::Clock& clock, GuardOptions options);
    ~AccessGuard() override;

    boost::asio::awaitable<void> admit(const http::Request& request, const http::RouteMatch& match,
                                       http::Admission& admission) override;

    /// The keys that verify; called on this worker's thread at start and whenever they change.
    void use_keys(std::shared_ptr<const crypto::KeySet> keys);
    /// For what a page reads out of a token that is not its caller's (introspection): the token of this text if the guard would let it
    /// in from `address` now, with the scopes it would have; else null.
    boost::asio::awaitable<std::optional<platform::Actor>> judge(std::string_view token, const core::IpAddress& address);

private:
    struct Caller;

    std::int64_t now_seconds() noexcept;
    const VerifiedToken& verify(const http::Request& request, const http::RouteMatch& match, const http::Admission& admission,
                                std::string_view token);
    void fill_actor(const VerifiedToken& token, platform::Actor& actor) const;
    boost::asio::awaitable<void> ensure_resident(core::TenantId tenant);
    void check_token(const VerifiedToken& token, const AccessState& home, const core::IpAddress& address) const;
    void check_subject(const VerifiedToken& token, const SubjectRow& subject, const AccessState& home) const;
    void check_rates(const http::Request& request, const http::RouteMatch& match, http::Admission& admission,
                     const AccessState& home, const AccessState& acted_in);
    void check_route(const http::Request& request, const http::RouteMatch& match, const VerifiedToken& token,
                     http::Admission& admission) const;
    void peek_address(const http::Request& request, const http::RouteMatch& match, const http::Admission& admission);
    void take_address(const http::Request& request, const http::RouteMatch& match, const http::Admission& admission);
    [[noreturn]] void refuse_rate(const BucketKey& key, const RateLimit& limit, const RateVerdict& verdict,
                                  const http::RouteMatch& match, const http::Admission& admission, bool caller_is_proved);
    void report(RefusalKind kind, std::string_view detail, const http::RouteMatch& match, const http::Admission& admission,
                bool caller_is_proved) const;

    AccessView* view_;
    RateBuckets* buckets_;
    RefusalAudit* audit_;
    const core::Clock* clock_;
    GuardOptions options_;
    std::shared_ptr<const crypto::KeySet> keys_;
    TokenCache cache_;
    std::int64_t latest_second_ = 0;  ///< the clock never goes back here, so that no token becomes valid again
};

}  // namespace sentinel::access
