#include "platform/http/request_check.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/ip.hpp"
#include "core/text.hpp"

namespace sentinel::http {

using core::equals_ignoring_ascii_case;

namespace {

std::unexpected<Refusal> refused(std::string_view reason, std::string_view message) {
    return std::unexpected(Refusal{platform::ErrorCode::malformed_request, reason, message});
}

template <class Number>
std::optional<Number> parse_digits(std::string_view text) noexcept {
    Number number = 0;
    if (text.empty() || text.size() > 19 || text.front() == '-') return std::nullopt;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_host_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 255 && text.front() != '.' && text.find("..") == std::string_view::npos &&
           std::ranges::all_of(
               text, [](char letter) { return is_alphanumeric(letter) || letter == '.' || letter == '-' || letter == '_'; });
}

/// `a, b` → calls with each trimmed element.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
    while (true) {
        const auto comma = list.find(',');
        visit(trimmed(list.substr(0, comma)));
        if (comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

/// The fields that decide how a request is read, gathered in one walk over all fields.
struct DecidingFields {
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t encodings = 0;
    std::size_t expectations = 0;
    std::string_view host;
    std::string_view length;
    std::string_view encoding;
    std::string_view expectation;
    bool wants_close = false;

    explicit DecidingFields(const HeaderFields& fields) {
        for (const HeaderField& field : fields.all()) gather(field);
    }

private:
    // The name's length tells most fields apart without comparing.
    void gather(const HeaderField& field) {
        switch (field.name.size()) {
            case 4: return take(field, "Host", hosts, host);
            case 6: return take(field, "Expect", expectations, expectation);
            case 10:
                if (equals_ignoring_ascii_case(field.name, "Connection")) {
                    for_each_element(field.value, [&](std::string_view element) {
                        wants_close |= equals_ignoring_ascii_case(element, "close");
                    });
                }
                return;
            case 14: return take(field, "Content-Length", lengths, length);
            case 17: return take(field, "Transfer-Encoding", encodings, encoding);
            default: return;
        }
    }
    static void take(const HeaderField& field, std::string_view name, std::size_t& count, std::string_view& value) {
        if (!equals_ignoring_ascii_case(field.name, name)) return;
        ++count;
        value = field.value;
    }
};

}  // namespace

bool is_host(std::string_view text) noexcept {
    std::string_view port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return false;
        const auto address = core::IpAddress::parse(text.substr(1, end - 1));
        if (!address || text.substr(1, end - 1).find(':') == std::string_view::npos) return false;
        port = text.substr(end + 1);
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        if (!is_host_name(text.substr(0, colon))) return false;
        port = text.substr(colon);
    }
    return port.empty() || (port.front() == ':' && parse_digits<std::uint16_t>(port.substr(1)).has_value());
}

std::expected<Framing, Refusal> check_fields(const HeaderFields& fields) {
    const DecidingFields found(fields);
    if (found.hosts != 1) return refused("host", "There must be exactly one Host field.");
    if (!is_host(found.host)) return refused("host", "The Host field is not a host.");
    Framing framing;
    framing.wants_close = found.wants_close;
    if (found.lengths + found.encodings > 1) { return refused("framing", "The length of the body is given more than once."); }
    if (found.encodings == 1) {
        if (!equals_ignoring_ascii_case(found.encoding, "chunked"))
            return refused("transfer_encoding", "The only transfer coding is chunked.");
        framing.is_chunked = true;
    }
    if (found.lengths == 1) {
        const auto length = parse_digits<std::uint32_t>(found.length);
        if (!length) return refused("content_length", "The Content-Length is not a number of bytes.");
        framing.content_length = *length;
    }
    if (found.expectations != 0) {
        if (found.expectations > 1 || !equals_ignoring_ascii_case(found.expectation, "100-continue")) {
            return refused("expect", "The only expectation is 100-continue.");
        }
        framing.expects_continue = true;
    }
    return framing;
}

}  // namespace sentinel::http
