#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/encoding.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"
#include "platform/mail/mail.hpp"

namespace sentinel::mail {

namespace {

constexpr std::size_t base64_line = 76;

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
}

/// Fit for a header: no line break or other control could add one.
bool fits_header(std::string_view text) { return core::is_utf8(text) && !core::has_control_or_format(text); }

/// RFC 2047 words of at most 75 characters, none of which ends within a character.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t most_bytes = 42;
    std::string out;
    std::string word;
    const auto finish_word = [&] {
        if (!out.empty()) out += "\r\n ";
        fmt::format_to(std::back_inserter(out), "=?UTF-8?B?{}?=", core::to_base64(word));
        word.clear();
    };
    while (!text.empty()) {
        const std::size_t bytes = core::utf8::sequence_length(text);
        if (word.size() + bytes > most_bytes) finish_word();
        word += text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    if (!word.empty()) finish_word();
    return out;
}

bool is_plain_address(std::string_view text) {
    const auto at = text.find('@');
    const auto is_part = [](std::string_view part) {
        return !part.empty() && part.find_first_of(" \t<>,;:\"()[]\\@") == std::string_view::npos;
    };
    return at != std::string_view::npos && is_part(text.substr(0, at)) && is_part(text.substr(at + 1)) && text.size() <= 254;
}

/// `a@b` as it is, `Name <a@b>` with the name encoded; empty when it is neither.
std::string address_header(std::string_view text) {
    if (is_plain_address(text)) return std::string(text);
    const auto open = text.rfind('<');
    if (open == std::string_view::npos || !text.ends_with('>')) return {};
    const std::string_view address = text.substr(open + 1, text.size() - open - 2);
    if (!is_plain_address(address)) return {};
    std::string_view name = text.substr(0, open);
    while (name.ends_with(' ')) name.remove_suffix(1);
    return name.empty() ? std::string(address) : fmt::format("{} <{}>", encoded_words(name), address);
}

/// `Fri, 02 Jan 2026 03:04:05 +0000`.
std::string date_header(core::Instant instant) {
    static constexpr std::array<std::string_view, 7> days = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const core::CivilTime time = core::Zone::utc().civil(instant);
    return fmt::format("{}, {:02} {} {:04} {} +0000", days[time.weekday], time.day, months[time.month - 1], time.year,
                       time.time_of_day_text());
}

void append_lines(std::string& out, std::string_view text) {
    for (; !text.empty(); text.remove_prefix(std::min(base64_line, text.size()))) {
        out += text.substr(0, base64_line);
        out += "\r\n";
    }
}

std::unexpected<DeliveryFault> refused(std::string reason) { return std::unexpected(DeliveryFault{true, std::move(reason)}); }

}  // namespace

std::expected<std::string, DeliveryFault> render(const Message& message) {
    if (!fits_header(message.from) || !fits_header(message.to) || !fits_header(message.subject) || !fits_header(message.id)) {
        return refused("a header has control characters");
    }
    const std::string from = address_header(message.from);
    if (from.empty()) return refused("the sender is no address");
    if (!is_plain_address(message.to) || !is_ascii(message.to)) return refused("the recipient is no address");
    if (message.id.empty() ||
        message.id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
        return refused("the id is not fit for a header");
    }
    if (!core::is_utf8(message.text)) return refused("the text is no UTF-8");
    const std::string_view sender = std::string_view(from).substr(from.rfind('@') + 1);
    std::string out =
        fmt::format("Date: {}\r\nFrom: {}\r\nTo: {}\r\nMessage-ID: <{}@{}>\r\nSubject: {}\r\n", date_header(message.date), from,
                    message.to, message.id, sender.substr(0, sender.find('>')), encoded_words(message.subject));
    out +=
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\nAuto-Submitted: "
        "auto-generated\r\n\r\n";
    append_lines(out, core::to_base64(message.text));
    return out;
}

}  // namespace sentinel::mail
