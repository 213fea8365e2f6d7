#include "platform/crypto/password_hash.hpp"

#include <charconv>
#include <utility>

#include <argon2.h>
#include <fmt/format.h>

#include "core/encoding.hpp"
#include "core/text.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/failure.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::crypto {

namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t tag_bytes = 32;
constexpr PasswordCost largest_cost{1U << 20, 64, 16};
constexpr std::size_t longest_hash = 512;

/// The text up to the separator, which is taken away with it; nullopt without separator.
std::optional<std::string_view> take_until(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view taken = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return taken;
}

/// `<name>=<number>` with a number of 1 to `largest`, written as numbers are.
std::optional<std::uint32_t> number_of(std::string_view text, std::string_view name, std::uint32_t largest) {
    if (!text.starts_with(name)) return std::nullopt;
    text.remove_prefix(name.size());
    if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number > largest) return std::nullopt;
    return number;
}

std::optional<PasswordCost> parse_cost(std::string_view text) {
    const auto memory = take_until(text, ',');
    const auto iterations = take_until(text, ',');
    if (!memory || !iterations) return std::nullopt;
    const auto memory_kib = number_of(*memory, "m=", largest_cost.memory_kib);
    const auto passes = number_of(*iterations, "t=", largest_cost.iterations);
    const auto lanes = number_of(text, "p=", largest_cost.parallelism);
    if (!memory_kib || !passes || !lanes || *memory_kib < 8 * *lanes) return std::nullopt;
    return PasswordCost{*memory_kib, *passes, *lanes};
}

/// NFC, so that a password typed on another keyboard is the same one; what is no text stays as it is.
platform::Secret normalised(const platform::Secret& password) {
    return core::is_utf8(password.reveal()) ? platform::Secret(core::to_nfc(password.reveal())) : password;
}

std::string tag_of(const platform::Secret& password, const PasswordCost& cost, std::string_view salt, std::size_t bytes) {
    const platform::Secret text = normalised(password);
    std::string tag(bytes, '\0');
    const int result = argon2id_hash_raw(cost.iterations, cost.memory_kib, cost.parallelism, text.reveal().data(),
                                         text.reveal().size(), salt.data(), salt.size(), tag.data(), tag.size());
    require(result == ARGON2_OK, "Argon2id");
    return tag;
}

}  // namespace

std::optional<PasswordHash> parse_password_hash(std::string_view phc) {
    constexpr std::string_view start = "$argon2id$v=19$";
    if (phc.size() > longest_hash || !phc.starts_with(start)) return std::nullopt;
    phc.remove_prefix(start.size());
    const auto cost_text = take_until(phc, '$');
    const auto salt_text = take_until(phc, '$');
    if (!cost_text || !salt_text) return std::nullopt;
    const auto cost = parse_cost(*cost_text);
    auto salt = core::from_base64_unpadded(*salt_text);
    auto tag = core::from_base64_unpadded(phc);
    if (!cost || !salt || !tag || salt->size() < 8 || tag->size() < 16) return std::nullopt;
    return PasswordHash{*cost, std::move(*salt), std::move(*tag)};
}

std::string hash_password(const platform::Secret& password, const PasswordCost& cost) {
    const std::string salt = random_bytes(salt_bytes);
    const std::string tag = tag_of(password, cost, salt, tag_bytes);
    return fmt::format("$argon2id$v=19$m={},t={},p={}${}${}", cost.memory_kib, cost.iterations, cost.parallelism,
                       core::to_base64_unpadded(salt), core::to_base64_unpadded(tag));
}

bool verify_password(const platform::Secret& password, std::string_view phc) {
    const auto hash = parse_password_hash(phc);
    return hash && same(tag_of(password, hash->cost, hash->salt, hash->tag.size()), hash->tag);
}

bool needs_rehash(std::string_view phc, const PasswordCost& cost) {
    const auto hash = parse_password_hash(phc);
    return !hash || hash->cost.memory_kib < cost.memory_kib || hash->cost.iterations < cost.iterations ||
           hash->cost.parallelism < cost.parallelism || hash->salt.size() < salt_bytes || hash->tag.size() < tag_bytes;
}

}  // namespace sentinel::crypto
