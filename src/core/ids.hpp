#pragma once
/// UUIDs and strongly typed ids.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace sentinel::core {

/// 128 bits in network order (RFC 9562).
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    /// The 8-4-4-4-12 form in any letter case and nothing else; nullopt otherwise.
    static std::optional<Uuid> parse(std::string_view text) noexcept;
    /// Name-based, SHA-1 (RFC 9562 section 5.5).
    static Uuid v5(const Uuid& name_space, std::string_view name);
    /// Lower case with hyphens.
    std::string text() const;
    int version() const noexcept { return bytes[6] >> 4; }
    /// Milliseconds since 1970 of a version 7 id; REQUIRES version() == 7.
    std::int64_t unix_milliseconds() const noexcept;

    friend auto operator<=>(const Uuid&, const Uuid&) noexcept = default;
};

/// Makes version 7 ids (RFC 9562 section 5.7), strictly increasing within one generator even when the clock
/// stands still or goes back (method 1: a counter in rand_a and the top of rand_b). Not thread-safe: one for each thread.
class UuidV7Generator {
public:
    using Random = std::function<std::uint64_t()>;
    UuidV7Generator(const Clock& clock, Random random) : clock_(&clock), random_(std::move(random)) {}
    Uuid next();

private:
    const Clock* clock_;
    Random random_;
    std::int64_t last_milliseconds_ = -1;
    std::uint32_t counter_ = 0;
};

/// An id of one kind of thing; ids of different kinds do not compare or convert.
template <class Tag>
struct Id {
    Uuid value;
    static std::optional<Id> parse(std::string_view text) noexcept {
        if (auto uuid = Uuid::parse(text)) return Id{*uuid};
        return std::nullopt;
    }
    std::string text() const { return value.text(); }
    friend auto operator<=>(const Id&, const Id&) noexcept = default;
};

}  // namespace sentinel::core

template <>
struct std::hash<sentinel::core::Uuid> {
    std::size_t operator()(const sentinel::core::Uuid& uuid) const noexcept {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        std::memcpy(&high, uuid.bytes.data(), 8);
        std::memcpy(&low, uuid.bytes.data() + 8, 8);
        return (high * 0x9E3779B97F4A7C15ULL) ^ (low * 0xC2B2AE3D27D4EB4FULL) ^ (low >> 29);
    }
};

template <class Tag>
struct std::hash<sentinel::core::Id<Tag>> {
    std::size_t operator()(const sentinel::core::Id<Tag>& id) const noexcept {
        return std::hash<sentinel::core::Uuid>{}(id.value);
    }
};
