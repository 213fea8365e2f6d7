#include "platform/crypto/opaque_token.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/encoding.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::crypto {

namespace {

constexpr std::size_t id_bytes = 16;
constexpr std::size_t secret_bytes = 32;
constexpr std::array prefixes{std::string_view("srt_"), std::string_view("srp_"), std::string_view("siv_"),
                              std::string_view("smf_"), std::string_view("sst_"), std::string_view("soc_")};
static_assert(prefixes.size() == static_cast<std::size_t>(OpaqueTokenKind::oidc_login_code) + 1);

core::Uuid id_at(std::string_view bytes, std::size_t offset) {
    core::Uuid id;
    std::ranges::copy(bytes.substr(offset, id_bytes), id.bytes.begin());
    return id;
}

}  // namespace

std::string_view prefix_of(OpaqueTokenKind kind) noexcept { return prefixes[static_cast<std::size_t>(kind)]; }

OpaqueToken make_opaque_token(OpaqueTokenKind kind, core::TenantId tenant, core::Uuid row) {
    std::string bytes(tenant.value.bytes.begin(), tenant.value.bytes.end());
    bytes.append(row.bytes.begin(), row.bytes.end());
    bytes += random_secret(secret_bytes).reveal();
    const platform::Secret body(std::move(bytes));
    return {kind, tenant, row, platform::Secret(std::string(prefix_of(kind)) + core::to_base64url(body.reveal()))};
}

std::optional<OpaqueToken> parse_opaque_token(OpaqueTokenKind kind, std::string_view text) {
    if (!text.starts_with(prefix_of(kind)) || text.size() > 128) return std::nullopt;
    auto decoded = core::from_base64url(text.substr(prefix_of(kind).size()));
    if (!decoded) return std::nullopt;
    const platform::Secret bytes(std::move(*decoded));
    if (bytes.reveal().size() != 2 * id_bytes + secret_bytes) return std::nullopt;
    return OpaqueToken{kind, core::TenantId{id_at(bytes.reveal(), 0)}, id_at(bytes.reveal(), id_bytes),
                       platform::Secret(std::string(text))};
}

}  // namespace sentinel::crypto
