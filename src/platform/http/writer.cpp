/// Writing of values straight into the answer's text.
#include "platform/http/writer.hpp"

#include <array>
#include <charconv>

#include "core/json.hpp"
#include "platform/http/header.hpp"
#include "platform/http/schema.hpp"
#include "platform/http/value_type.hpp"
#include "platform/service/timestamp.hpp"

namespace sentinel::http {

namespace json = core::json;

namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";
constexpr std::string_view upper_hexadecimal = "0123456789ABCDEF";

char* put(char* out, char letter) noexcept {
    *out = letter;
    return out + 1;
}

}  // namespace

void append_uuid(std::string& out, const core::Uuid& uuid) {
    std::array<char, 36> text;
    char* next = text.data();
    for (std::size_t index = 0; index < uuid.bytes.size(); ++index) {
        if (index == 4 || index == 6 || index == 8 || index == 10) next = put(next, '-');
        next = put(next, hexadecimal[uuid.bytes[index] >> 4]);
        next = put(next, hexadecimal[uuid.bytes[index] & 0x0F]);
    }
    out.append(text.data(), text.size());
}

void append_percent_encoded(std::string& out, std::string_view text) {
    for (const char letter : text) {
        if (is_alphanumeric(letter) || letter == '-' || letter == '.' || letter == '_' || letter == '~') {
            out += letter;
            continue;
        }
        const auto byte = static_cast<unsigned char>(letter);
        out.append(1, '%').append(1, upper_hexadecimal[byte >> 4]).append(1, upper_hexadecimal[byte & 0x0F]);
    }
}

namespace types {

void write_text(std::string& out, const MemberRule&, const void* source) {
    json::append_text(out, *static_cast<const std::string*>(source));
}

void write_secret(std::string& out, const MemberRule& rule, const void* source) {
    // Routes::add refuses such an answer at the start; this is for whoever writes a struct in another way.
    if (!rule.is_revealed()) throw std::logic_error("a secret that is not to be revealed was about to be written");
    json::append_text(out, static_cast<const platform::Secret*>(source)->reveal());
}

void write_boolean(std::string& out, const MemberRule&, const void* source) {
    out += *static_cast<const bool*>(source) ? "true" : "false";
}

void write_uuid(std::string& out, const MemberRule&, const void* source) {
    out += '"';
    append_uuid(out, *static_cast<const core::Uuid*>(source));
    out += '"';
}

void write_instant(std::string& out, const MemberRule&, const void* source) {
    out += '"';
    platform::append_timestamp(out, *static_cast<const core::Instant*>(source));
    out += '"';
}

void write_network(std::string& out, const MemberRule&, const void* source) {
    out.append(1, '"').append(static_cast<const core::IpNetwork*>(source)->text()).append(1, '"');
}

void write_document(std::string& out, const MemberRule&, const void* source) {
    json::append(out, *static_cast<const json::Object*>(source));
}

void write_any(std::string& out, const MemberRule&, const void* source) {
    json::append(out, *static_cast<const json::Value*>(source));
}

void write_number(std::string& out, const MemberRule&, const void* source) {
    json::append_number(out, *static_cast<const double*>(source));
}

void write_integer(std::string& out, std::int64_t value) {
    std::array<char, 24> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), written.ptr);
}

void write_enum(std::string& out, const EnumSchema& schema, std::int64_t value) {
    const std::string* text = schema.text_of(value);
    if (text == nullptr) throw std::logic_error("a value of an enum without declared text");
    json::append_text(out, *text);
}

void write_object(std::string& out, const ObjectSchema& schema, const void* source) { schema.write(out, source); }

void write_name(std::string& out, std::string_view name, bool is_first) {
    if (!is_first) out += ',';
    json::append_text(out, name);
    out += ':';
}

}  // namespace types
}  // namespace sentinel::http
