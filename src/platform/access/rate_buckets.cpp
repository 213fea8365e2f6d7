#include "platform/access/rate_buckets.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <random>
#include <span>

namespace sentinel::access {

namespace {

/// Stands in `full_at` while a cell changes hands.
constexpr std::int64_t changing_hands = std::numeric_limits<std::int64_t>::max();

/// SipHash-2-4 (Aumasson and Bernstein, 2012).
class SipHash {
public:
    explicit SipHash(const std::array<std::uint64_t, 2>& seed) noexcept
        : v0_(seed[0] ^ 0x736f6d6570736575ULL),
          v1_(seed[1] ^ 0x646f72616e646f6dULL),
          v2_(seed[0] ^ 0x6c7967656e657261ULL),
          v3_(seed[1] ^ 0x7465646279746573ULL) {}

    std::uint64_t operator()(std::string_view bytes) noexcept {
        const std::size_t whole = bytes.size() / 8;
        for (std::size_t index = 0; index < whole; ++index) compress(word(bytes.substr(index * 8, 8)));
        compress(word(bytes.substr(whole * 8)) | (static_cast<std::uint64_t>(bytes.size()) << 56));
        v2_ ^= 0xff;
        for (int index = 0; index < 4; ++index) round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

private:
    static std::uint64_t word(std::string_view bytes) noexcept {
        std::uint64_t value = 0;
        for (std::size_t index = bytes.size(); index > 0; --index) {
            value = (value << 8) | static_cast<unsigned char>(bytes[index - 1]);
        }
        return value;
    }
    void compress(std::uint64_t message) noexcept {
        v3_ ^= message;
        round();
        round();
        v0_ ^= message;
    }
    void round() noexcept {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }
    std::uint64_t v0_;
    std::uint64_t v1_;
    std::uint64_t v2_;
    std::uint64_t v3_;
};

struct Judgement {
    RateVerdict verdict;
    std::int64_t full_at = 0;  ///< of the bucket afterwards, when it passes
};

Judgement judge(std::int64_t full_at, const RateLimit& limit, std::int64_t count, std::int64_t now) noexcept {
    const std::int64_t interval = limit.interval();
    const std::int64_t capacity = limit.burst * interval;
    const std::int64_t base = std::max(full_at, now);
    const std::int64_t after = base + count * interval;
    Judgement judgement;
    judgement.full_at = after;
    RateVerdict& verdict = judgement.verdict;
    verdict.passes = after - now <= capacity;
    const std::int64_t stands_at = verdict.passes ? after : base;
    verdict.remaining = std::max<std::int64_t>(0, (now + capacity - stands_at) / interval);
    verdict.retry_nanoseconds = verdict.passes ? 0 : after - now - capacity;
    verdict.full_nanoseconds = stands_at - now;
    return judgement;
}

std::array<std::uint64_t, 2> random_seed() {
    std::random_device device;
    const auto word = [&] { return (std::uint64_t{device()} << 32) | device(); };
    return {word(), word()};
}

void append(BucketKey& key, std::span<const std::uint8_t> bytes) noexcept {
    std::ranges::copy(bytes, key.bytes.begin() + static_cast<std::ptrdiff_t>(key.size));
    key.size += bytes.size();
}

}  // namespace

RateTable::RateTable(std::size_t cells, std::array<std::uint64_t, 2> seed)
    : seed_(seed), mask_(std::bit_ceil(std::max(cells, ways) / ways) - 1), sets_(std::make_unique<Set[]>(mask_ + 1)) {}

std::uint64_t RateTable::hash(std::string_view key) const noexcept { return SipHash(seed_)(key) | 1; }

std::optional<RateVerdict> RateTable::take_from(Cell& cell, const Taking& taking, bool is_shared) noexcept {
    std::int64_t full_at = cell.full_at.load(std::memory_order_acquire);
    for (;;) {
        // The key is read after full_at: whoever takes the cell over moves full_at first and to a value of its own, so that the
        // exchange below fails when the cell changed hands in between.
        if (full_at == changing_hands) return std::nullopt;
        if (!is_shared && cell.key.load(std::memory_order_acquire) != taking.key) return std::nullopt;
        const Judgement judgement = judge(full_at, taking.limit, taking.count, taking.now);
        if (!judgement.verdict.passes) return judgement.verdict;
        if (cell.full_at.compare_exchange_weak(full_at, judgement.full_at, std::memory_order_acq_rel,
                                               std::memory_order_acquire)) {
            return judgement.verdict;
        }
    }
}

RateTable::Cell& RateTable::emptiest(Set& set) noexcept {
    return *std::ranges::min_element(set.cells, {},
                                     [](const Cell& cell) { return cell.full_at.load(std::memory_order_relaxed); });
}

RateVerdict RateTable::claim_and_take(Set& set, const Taking& taking) {
    const std::lock_guard lock(claims_[set_index(taking.key) % claims_.size()]);
    for (Cell& cell : set.cells) {
        if (cell.key.load(std::memory_order_acquire) != taking.key) continue;
        if (const auto verdict = take_from(cell, taking, false)) return *verdict;
    }
    for (;;) {
        Cell& cell = emptiest(set);
        std::int64_t full_at = cell.full_at.load(std::memory_order_acquire);
        if (full_at > taking.now) return *take_from(cell, taking, true);  // no room: two share a cell
        // A full bucket tells nothing that a new one does not: its cell is free.
        if (!cell.full_at.compare_exchange_strong(full_at, changing_hands, std::memory_order_acq_rel)) continue;
        cell.key.store(taking.key, std::memory_order_release);
        const Judgement judgement = judge(taking.now, taking.limit, taking.count, taking.now);
        // Never the value that was there before, also when nothing is taken.
        cell.full_at.store(judgement.verdict.passes ? judgement.full_at : std::max(taking.now, full_at + 1),
                           std::memory_order_release);
        return judgement.verdict;
    }
}

RateVerdict RateTable::take(std::string_view key, const RateLimit& limit, std::int64_t count, std::int64_t now) {
    const Taking taking{hash(key), limit, count, now};
    Set& set = sets_[set_index(taking.key)];
    for (Cell& cell : set.cells) {
        if (cell.key.load(std::memory_order_acquire) != taking.key) continue;
        if (const auto verdict = take_from(cell, taking, false)) return *verdict;
    }
    return claim_and_take(set, taking);
}

RateVerdict RateTable::peek(std::string_view key, const RateLimit& limit, std::int64_t count, std::int64_t now) const {
    const std::uint64_t wanted = hash(key);
    Set& set = sets_[set_index(wanted)];
    for (const Cell& cell : set.cells) {
        const std::int64_t full_at = cell.full_at.load(std::memory_order_acquire);
        if (cell.key.load(std::memory_order_acquire) != wanted || full_at == changing_hands) continue;
        return judge(full_at, limit, count, now).verdict;
    }
    const std::int64_t full_at = emptiest(set).full_at.load(std::memory_order_acquire);
    return judge(full_at == changing_hands ? now : full_at, limit, count, now).verdict;
}

void RateTable::give_back(std::string_view key, const RateLimit& limit, std::int64_t count) {
    const std::uint64_t wanted = hash(key);
    for (Cell& cell : sets_[set_index(wanted)].cells) {
        std::int64_t full_at = cell.full_at.load(std::memory_order_acquire);
        while (full_at != changing_hands && cell.key.load(std::memory_order_acquire) == wanted) {
            const std::int64_t before = full_at - count * limit.interval();
            if (cell.full_at.compare_exchange_weak(full_at, before, std::memory_order_acq_rel, std::memory_order_acquire)) return;
        }
    }
}

std::string_view text_of(BucketKind kind) noexcept {
    switch (kind) {
        case BucketKind::address_minute:
        case BucketKind::address_hour: return "address";
        case BucketKind::tenant: return "tenant";
        case BucketKind::principal: return "principal";
        case BucketKind::checks: return "checks";
        case BucketKind::sensitive: return "sensitive";
    }
    return "";
}

BucketKey BucketKey::address(BucketKind kind, const core::IpAddress& address) noexcept {
    BucketKey key{.kind = kind};
    const std::array<std::uint8_t, 2> head = {static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(address.is_v6)};
    append(key, head);
    append(key, std::span(address.bytes).first(address.is_v6 ? 8 : 4));
    return key;
}

BucketKey BucketKey::tenant(BucketKind kind, core::TenantId tenant) noexcept {
    BucketKey key{.kind = kind};
    key.bytes[key.size++] = static_cast<std::uint8_t>(kind);
    append(key, tenant.value.bytes);
    return key;
}

BucketKey BucketKey::principal(BucketKind kind, core::TenantId home, core::UserId user) noexcept {
    BucketKey key = tenant(kind, home);
    append(key, user.value.bytes);
    return key;
}

RateBuckets::RateBuckets(RateFigures figures, Sizes sizes)
    : figures_(figures),
      addresses_(std::make_unique<RateTable>(sizes.addresses, random_seed())),
      tenants_(std::make_unique<RateTable>(sizes.tenants, random_seed())),
      principals_(std::make_unique<RateTable>(sizes.principals, random_seed())),
      reports_(std::make_unique<RateTable>(sizes.addresses, random_seed())),
      entries_(std::make_unique<RateTable>(sizes.tenants, random_seed())) {}

RateTable& RateBuckets::table(BucketKind kind) const noexcept {
    switch (kind) {
        case BucketKind::address_minute:
        case BucketKind::address_hour: return *addresses_;
        case BucketKind::tenant:
        case BucketKind::checks: return *tenants_;
        case BucketKind::principal:
        case BucketKind::sensitive: break;
    }
    return *principals_;
}

RateLimit RateBuckets::limit(BucketKind kind, std::optional<std::int64_t> own) const noexcept {
    if (!figures_.enabled) return {};
    switch (kind) {
        case BucketKind::address_minute: return RateLimit::per_minute(own.value_or(figures_.address_per_minute));
        case BucketKind::address_hour: return RateLimit::per_hour(own.value_or(figures_.address_per_hour));
        case BucketKind::tenant: return RateLimit::per_minute(own.value_or(figures_.tenant_per_minute));
        case BucketKind::principal: return RateLimit::per_minute(own.value_or(figures_.principal_per_minute));
        case BucketKind::checks: return RateLimit::per_minute(own.value_or(figures_.checks_per_minute));
        case BucketKind::sensitive: return RateLimit::per_15_minutes(own.value_or(figures_.sensitive_per_15_minutes));
    }
    return {};
}

RateVerdict RateBuckets::take(const BucketKey& key, const RateLimit& limit, std::int64_t count, std::int64_t now) {
    return limit.is_limited() ? table(key.kind).take(key.view(), limit, count, now) : RateVerdict{};
}

RateVerdict RateBuckets::peek(const BucketKey& key, const RateLimit& limit, std::int64_t count, std::int64_t now) const {
    return limit.is_limited() ? table(key.kind).peek(key.view(), limit, count, now) : RateVerdict{};
}

void RateBuckets::give_back(const BucketKey& key, const RateLimit& limit, std::int64_t count) {
    if (limit.is_limited()) table(key.kind).give_back(key.view(), limit, count);
}

bool RateBuckets::is_report_due(const BucketKey& key, std::int64_t now) {
    return reports_->take(key.view(), RateLimit::per_minute(1), 1, now).passes;
}

bool RateBuckets::is_entry_due(core::TenantId tenant, core::UserId actor, std::int64_t now) {
    const BucketKey key = BucketKey::principal(BucketKind::principal, tenant, actor);
    return entries_->take(key.view(), RateLimit::per_hour(1), 1, now).passes;
}

http::RateState rate_state(const RateLimit& limit, const RateVerdict& verdict, std::int64_t unix_seconds) noexcept {
    constexpr std::int64_t second = 1'000'000'000;
    return {.limit = limit.burst,
            .remaining = verdict.remaining,
            .reset = unix_seconds + (verdict.full_nanoseconds + second - 1) / second};
}

std::int64_t retry_seconds(const RateVerdict& verdict) noexcept {
    constexpr std::int64_t second = 1'000'000'000;
    return std::max<std::int64_t>(1, (verdict.retry_nanoseconds + second - 1) / second);
}

}  // namespace sentinel::access
