#pragma once
/// Refilling buckets (GCRA) of spec 00 section 5, shared by all cores without locks on the path of a request. The tables never grow:
/// when more callers are in debt than there is room for, some share a cell, which can only make them wait longer.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "core/ip.hpp"
#include "core/vocabulary.hpp"
#include "platform/http/guard.hpp"

namespace sentinel::access {

/// A figure: `burst` at once, and as many again in every `period`.
struct RateLimit {
    std::int64_t burst = 0;  ///< 0 = no limit
    std::int64_t period_nanoseconds = 60'000'000'000;

    static RateLimit per_minute(std::int64_t figure) noexcept { return {figure, 60'000'000'000}; }
    static RateLimit per_15_minutes(std::int64_t figure) noexcept { return {figure, 900'000'000'000}; }
    static RateLimit per_hour(std::int64_t figure) noexcept { return {figure, 3'600'000'000'000}; }
    bool is_limited() const noexcept { return burst > 0; }
    /// Between two requests of the steady rate; rounded up, so that never more pass than the figure says.
    std::int64_t interval() const noexcept { return (period_nanoseconds + burst - 1) / burst; }
};

/// What a bucket says about one request.
struct RateVerdict {
    bool passes = true;
    std::int64_t remaining = 0;          ///< how many would pass now
    std::int64_t retry_nanoseconds = 0;  ///< until as many pass as were asked for; 0 when they pass
    std::int64_t full_nanoseconds = 0;   ///< until the bucket is full again
};

/// Cells by key, in a table of fixed size. Thread-safe. Times are steady nanoseconds.
class RateTable {
public:
    /// `cells` is rounded up to a power of two. `seed`: 16 random bytes, so that nobody can aim at another's cell.
    RateTable(std::size_t cells, std::array<std::uint64_t, 2> seed);

    RateVerdict take(std::string_view key, const RateLimit& limit, std::int64_t count, std::int64_t now);
    RateVerdict peek(std::string_view key, const RateLimit& limit, std::int64_t count, std::int64_t now) const;
    /// Puts back what a take took whose request was then refused by another bucket.
    void give_back(std::string_view key, const RateLimit& limit, std::int64_t count);
    std::size_t cells() const noexcept { return (mask_ + 1) * ways; }

private:
    static constexpr std::size_t ways = 8;
    struct Cell {
        std::atomic<std::uint64_t> key{0};     ///< hash of the bucket's name; 0 = never used
        std::atomic<std::int64_t> full_at{0};  ///< when the bucket is full again (GCRA's theoretical arrival time)
    };
    struct alignas(64) Set {
        std::array<Cell, ways> cells;
    };
    struct Taking {
        std::uint64_t key = 0;
        RateLimit limit;
        std::int64_t count = 1;
        std::int64_t now = 0;
    };
    std::uint64_t hash(std::string_view key) const noexcept;
    std::size_t set_index(std::uint64_t hash) const noexcept { return (hash >> 1) & mask_; }
    /// Nothing when the cell is no longer the key's.
    static std::optional<RateVerdict> take_from(Cell& cell, const Taking& taking, bool is_shared) noexcept;
    RateVerdict claim_and_take(Set& set, const Taking& taking);
    static Cell& emptiest(Set& set) noexcept;

    std::array<std::uint64_t, 2> seed_;
    std::size_t mask_;
    std::unique_ptr<Set[]> sets_;
    std::array<std::mutex, 64> claims_;  ///< a cell changes hands under one of these; takes need none
};

/// The server's figures (settings of spec 00 section 5).
struct RateFigures {
    bool enabled = true;
    std::int64_t address_per_minute = 60;
    std::int64_t address_per_hour = 1'000;
    std::int64_t tenant_per_minute = 1'000;
    std::int64_t principal_per_minute = 600;
    std::int64_t checks_per_minute = 600'000;
    std::int64_t sensitive_per_15_minutes = 5;
};

enum class BucketKind : std::uint8_t { address_minute, address_hour, tenant, principal, checks, sensitive };
/// `address`, `tenant`, `principal`, `checks`, `sensitive`.
std::string_view text_of(BucketKind kind) noexcept;

/// Names one bucket.
struct BucketKey {
    BucketKind kind = BucketKind::tenant;
    std::array<std::uint8_t, 33> bytes{};
    std::size_t size = 0;
    std::string_view view() const noexcept { return {reinterpret_cast<const char*>(bytes.data()), size}; }

    /// An IPv6 address counts by its /64.
    static BucketKey address(BucketKind kind, const core::IpAddress& address) noexcept;
    static BucketKey tenant(BucketKind kind, core::TenantId tenant) noexcept;
    static BucketKey principal(BucketKind kind, core::TenantId home, core::UserId user) noexcept;
};

/// All buckets of a node. Thread-safe.
class RateBuckets {
public:
    struct Sizes {
        std::size_t addresses = std::size_t{1} << 16;
        std::size_t tenants = std::size_t{1} << 14;
        std::size_t principals = std::size_t{1} << 17;
    };
    explicit RateBuckets(RateFigures figures) : RateBuckets(figures, Sizes{}) {}
    RateBuckets(RateFigures figures, Sizes sizes);

    const RateFigures& figures() const noexcept { return figures_; }
    /// The server's figure of a bucket, or the tenant's own; no limit at all where rate limits are switched off.
    RateLimit limit(BucketKind kind, std::optional<std::int64_t> own = std::nullopt) const noexcept;

    RateVerdict take(const BucketKey& key, const RateLimit& limit, std::int64_t count, std::int64_t now);
    RateVerdict peek(const BucketKey& key, const RateLimit& limit, std::int64_t count, std::int64_t now) const;
    void give_back(const BucketKey& key, const RateLimit& limit, std::int64_t count);
    /// True once a minute for each bucket: its refusals are worth a record.
    bool is_report_due(const BucketKey& key, std::int64_t now);
    /// True once an hour for each actor and tenant: that one acts in the other is worth a record.
    bool is_entry_due(core::TenantId tenant, core::UserId actor, std::int64_t now);

private:
    RateTable& table(BucketKind kind) const noexcept;

    RateFigures figures_;
    std::unique_ptr<RateTable> addresses_;
    std::unique_ptr<RateTable> tenants_;
    std::unique_ptr<RateTable> principals_;
    std::unique_ptr<RateTable> reports_;
    std::unique_ptr<RateTable> entries_;
};

/// The headers' figures of a bucket.
http::RateState rate_state(const RateLimit& limit, const RateVerdict& verdict, std::int64_t unix_seconds) noexcept;
/// Whole seconds until one more passes, at least 1.
std::int64_t retry_seconds(const RateVerdict& verdict) noexcept;

}  // namespace sentinel::access
