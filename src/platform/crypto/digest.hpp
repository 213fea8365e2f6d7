#pragma once
/// SHA-256, HMAC-SHA-256, and comparison that does not tell how much was right.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "platform/service/secret.hpp"

namespace sentinel::crypto {

/// 32 bytes. Has no equality on purpose: compare with same().
struct Digest {
    std::array<char, 32> bytes{};
    std::string_view view() const& noexcept { return {bytes.data(), bytes.size()}; }
    std::string_view view() const&& = delete;
    std::string text() const { return {bytes.data(), bytes.size()}; }
};

/// Equality in a time that depends on the lengths alone.
bool same(std::string_view left, std::string_view right) noexcept;
bool same(const Digest& left, std::string_view right) noexcept;

/// SHA-256 of the parts, one after the other.
Digest sha256(std::initializer_list<std::string_view> parts);
inline Digest sha256(std::string_view bytes) { return sha256({bytes}); }

/// SHA-256 of what comes piece by piece. Not thread-safe.
class Sha256 {
public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();
    void update(std::string_view bytes);
    /// The digest of all bytes so far; starts anew.
    Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A key for HMAC-SHA-256, with contexts kept ready. Thread-safe.
class HmacKey {
public:
    explicit HmacKey(const platform::Secret& key);
    HmacKey(HmacKey&&) noexcept;
    HmacKey& operator=(HmacKey&&) noexcept;
    ~HmacKey();
    /// Of the parts, one after the other: whoever joins parts of variable length puts their lengths in between (see Fields).
    Digest mac(std::initializer_list<std::string_view> parts) const;
    Digest mac(std::string_view bytes) const { return mac({bytes}); }
    bool verify(std::string_view bytes, std::string_view mac_of_bytes) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Joins values so that different lists never give the same bytes: each with its length in four bytes before it.
class Fields {
public:
    Fields& add(std::string_view bytes);
    Fields& add(std::uint64_t number);
    const std::string& bytes() const noexcept { return bytes_; }

private:
    std::string bytes_;
};

}  // namespace sentinel::crypto
