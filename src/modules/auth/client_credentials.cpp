#include "modules/auth/client_credentials.hpp"

#include <utility>

#include "core/encoding.hpp"
#include "core/text.hpp"

namespace sentinel::auth {

namespace {

struct Pair {
    std::string id;
    platform::Secret secret;
};

int hex_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return digit - '0';
    const char lower = core::to_lower_ascii(digit);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
std::optional<std::string> form_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] != '%') {
            decoded.push_back(text[index] == '+' ? ' ' : text[index]);
            continue;
        }
        if (index + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[index + 1]);
        const int low = hex_value(text[index + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded.push_back(static_cast<char>(high * 16 + low));
        index += 2;
    }
    return decoded;
}

std::optional<Pair> basic_credentials(std::string_view authorization) {
    constexpr std::string_view scheme = "Basic ";
    if (authorization.size() <= scheme.size() ||
        !core::equals_ignoring_ascii_case(authorization.substr(0, scheme.size()), scheme)) {
        return std::nullopt;
    }
    auto decoded = core::from_base64(authorization.substr(scheme.size()));
    if (!decoded) return std::nullopt;
    const platform::Secret joined(std::move(*decoded));
    const std::string_view text = joined.reveal();
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto id = form_decoded(text.substr(0, colon));
    auto secret = form_decoded(text.substr(colon + 1));
    if (!id || !secret || !core::is_utf8(*id)) return std::nullopt;
    return Pair{std::move(*id), platform::Secret(std::move(*secret))};
}

}  // namespace

std::optional<Client> client_of(std::string_view authorization, const TokenRequest& body) {
    std::optional<Pair> pair = basic_credentials(authorization);
    if (pair && body.client_secret) return std::nullopt;
    if (!pair && body.client_id && body.client_secret) pair = Pair{*body.client_id, *body.client_secret};
    if (!pair || (body.client_id && *body.client_id != pair->id)) return std::nullopt;
    // A code has no dot, a user name may.
    const std::size_t dot = pair->id.find('.');
    if (dot == std::string::npos || dot == 0 || pair->id.size() > 200) return std::nullopt;
    return Client{pair->id.substr(0, dot), pair->id.substr(dot + 1), std::move(pair->secret)};
}

}  // namespace sentinel::auth
