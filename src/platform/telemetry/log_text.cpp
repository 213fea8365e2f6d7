#include "platform/telemetry/log_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "core/text.hpp"
#include "core/utf8.hpp"

namespace sentinel::telemetry {

namespace {

/// The longest beginning of `text` within the limit that does not end within a character.
std::string_view cut(std::string_view text, std::size_t most_bytes) {
    if (text.size() <= most_bytes) return text;
    std::size_t end = most_bytes;
    const std::size_t least = most_bytes < 3 ? 0 : most_bytes - 3;
    while (end > least && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

void append_escape(std::string& out, std::uint32_t code_point) {
    if (code_point < 0x10000) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", code_point);
        return;
    }
    const std::uint32_t rest = code_point - 0x10000;
    fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
}

void append_ascii(std::string& out, char letter) {
    switch (letter) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7F) return append_escape(out, byte);
    out += letter;
}

}  // namespace

void append_quoted(std::string& out, std::string_view text, std::size_t most_bytes) {
    std::string_view rest = cut(text, most_bytes);
    const bool complete = rest.size() == text.size();
    out += '"';
    while (!rest.empty()) {
        const std::size_t bytes = core::utf8::sequence_length(rest);
        const std::string_view character = rest.substr(0, std::max<std::size_t>(bytes, 1));
        if (bytes == 0) {
            out += "\xEF\xBF\xBD";
        } else if (bytes == 1) {
            append_ascii(out, character.front());
        } else if (core::has_control_or_format(character)) {
            append_escape(out, core::utf8::decode(character, bytes));
        } else {
            out += character;
        }
        rest.remove_prefix(character.size());
    }
    out += complete ? "\"" : "…\"";
}

void append_timestamp(std::string& out, core::Instant instant) {
    const std::string whole = core::Instant{instant.seconds, 0}.text();
    fmt::format_to(std::back_inserter(out), "{}.{:06}Z", std::string_view(whole).substr(0, whole.size() - 1),
                   instant.nanoseconds / 1000);
}

bool names_secret(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 24> secrets = {
        "password",         "passwd",        "secret",        "token",      "access_token", "refresh_token",
        "reset_token",      "mfa_token",     "id_token",      "api_key",    "apikey",       "authorization",
        "cookie",           "set-cookie",    "set_cookie",    "master_key", "private_key",  "client_secret",
        "client_assertion", "code_verifier", "recovery_code", "otp",        "database_url", "assertion"};
    return std::ranges::any_of(secrets, [&](std::string_view secret) {
        return core::equals_ignoring_ascii_case(secret, name) ||
               (name.size() > 9 && core::equals_ignoring_ascii_case(name.substr(name.size() - 9), "_password"));
    });
}

}  // namespace sentinel::telemetry
