/// Binary values of PostgreSQL as types of ours.
#include <bit>
#include <concepts>
#include <cstring>
#include <limits>
#include <utility>

#include "core/ip.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/result.hpp"

namespace sentinel::postgres::detail {

namespace {

/// OIDs of PostgreSQL's catalogue (pg_type.dat), fixed for ever.
enum Type : std::uint32_t {
    boolean = 16,
    bytea = 17,
    single_char = 18,
    name = 19,
    int8 = 20,
    int2 = 21,
    int4 = 23,
    text = 25,
    json = 114,
    cidr = 650,
    float4 = 700,
    float8 = 701,
    unknown = 705,
    inet = 869,
    blank_padded = 1042,
    varchar = 1043,
    timestamptz = 1184,
    uuid = 2950,
    jsonb = 3802,
};

constexpr std::int64_t seconds_1970_to_2000 = 946'684'800;

[[noreturn]] void fault(const Cell& cell, std::string_view what) {
    throw InternalDatabaseError("result: column " + std::string(cell.column) + " of type " + std::to_string(cell.type) + ": " +
                                std::string(what));
}

/// Big-endian integer at `data`.
template <std::integral Integer>
Integer big_endian(const char* data) noexcept {
    Integer value;
    std::memcpy(&value, data, sizeof value);
    if constexpr (std::endian::native == std::endian::little) {
        if constexpr (sizeof value == 2) value = static_cast<Integer>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
        if constexpr (sizeof value == 4) value = static_cast<Integer>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
        if constexpr (sizeof value == 8) value = static_cast<Integer>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
    }
    return value;
}

template <std::integral Integer>
Integer fixed(const Cell& cell) {
    if (cell.size != sizeof(Integer)) fault(cell, "unexpected length");
    return big_endian<Integer>(cell.data);
}

template <std::integral Integer>
void decode_integer(const Cell& cell, Integer& out) {
    if (cell.type == int2) {
        out = fixed<std::int16_t>(cell);
        return;
    }
    if constexpr (sizeof(Integer) >= 4) {
        if (cell.type == int4) {
            out = fixed<std::int32_t>(cell);
            return;
        }
    }
    if constexpr (sizeof(Integer) >= 8) {
        if (cell.type == int8) {
            out = fixed<std::int64_t>(cell);
            return;
        }
    }
    fault(cell, "not an integer of this width");
}

bool is_text(std::uint32_t type) noexcept {
    switch (type) {
        case text:
        case varchar:
        case blank_padded:
        case name:
        case single_char:
        case unknown:
        case json: return true;
        default: return false;
    }
}

/// The array types of what a row can be read as.
bool is_array_type(std::uint32_t type) noexcept {
    switch (type) {
        case 199:   // json
        case 651:   // cidr
        case 1000:  // bool
        case 1001:  // bytea
        case 1003:  // name
        case 1005:  // int2
        case 1007:  // int4
        case 1009:  // text
        case 1014:  // bpchar
        case 1015:  // varchar
        case 1016:  // int8
        case 1021:  // float4
        case 1022:  // float8
        case 1041:  // inet
        case 1185:  // timestamptz
        case 2951:  // uuid
        case 3807:  // jsonb
            return true;
        default: return false;
    }
}

std::string_view jsonb_text(const Cell& cell) {
    constexpr char version = 1;
    if (cell.size == 0 || cell.data[0] != version) fault(cell, "unknown form of jsonb");
    return cell.bytes().substr(1);
}

/// family (2 = IPv4, 3 = IPv6), prefix length, is_cidr, length of the address, address.
std::string network_text(const Cell& cell) {
    if (cell.size < 4) fault(cell, "unexpected length");
    const auto family = static_cast<unsigned char>(cell.data[0]);
    const auto prefix_length = static_cast<unsigned char>(cell.data[1]);
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(cell.data[3]));
    core::IpNetwork network{.prefix_length = prefix_length};
    network.address.is_v6 = family == 3;
    const std::size_t expected = network.address.is_v6 ? 16 : 4;
    if (size != expected || cell.size != 4 + size) fault(cell, "unexpected length");
    std::memcpy(network.address.bytes.data(), cell.data + 4, size);
    const bool is_host = prefix_length == expected * 8;
    return cell.type == inet && is_host ? network.address.text() : network.text();
}

}  // namespace

void refuse_null(const Cell& cell) { fault(cell, "NULL, and the reader takes none"); }

void decode(const Cell& cell, bool& out) {
    if (cell.type != boolean || cell.size != 1) fault(cell, "not a boolean");
    out = cell.data[0] != 0;
}

void decode(const Cell& cell, std::int16_t& out) { decode_integer(cell, out); }
void decode(const Cell& cell, std::int32_t& out) { decode_integer(cell, out); }
void decode(const Cell& cell, std::int64_t& out) { decode_integer(cell, out); }

void decode(const Cell& cell, double& out) {
    if (cell.type == float8) {
        out = std::bit_cast<double>(fixed<std::int64_t>(cell));
    } else if (cell.type == float4) {
        out = std::bit_cast<float>(fixed<std::int32_t>(cell));
    } else {
        fault(cell, "not a floating-point number");
    }
}

void decode(const Cell& cell, std::string_view& out) {
    if (cell.type == jsonb) {
        out = jsonb_text(cell);
    } else if (is_text(cell.type) || cell.type == bytea) {
        out = cell.bytes();
    } else {
        fault(cell, "not a text");
    }
}

void decode(const Cell& cell, std::string& out) {
    if (cell.type == inet || cell.type == cidr) {
        out = network_text(cell);
        return;
    }
    std::string_view view;
    decode(cell, view);
    out = view;
}

void decode(const Cell& cell, BytesView& out) {
    if (cell.type != bytea) fault(cell, "not a bytea");
    out = as_bytes(cell.bytes());
}

void decode(const Cell& cell, Bytes& out) {
    BytesView view;
    decode(cell, view);
    out.assign(view.begin(), view.end());
}

void decode(const Cell& cell, core::Uuid& out) {
    if (cell.type != uuid || cell.size != out.bytes.size()) fault(cell, "not a uuid");
    std::memcpy(out.bytes.data(), cell.data, out.bytes.size());
}

void decode(const Cell& cell, core::Instant& out) {
    if (cell.type != timestamptz) fault(cell, "not a timestamptz");
    const auto microseconds = fixed<std::int64_t>(cell);
    using Limits = std::numeric_limits<std::int64_t>;
    if (microseconds == Limits::max() || microseconds == Limits::min()) fault(cell, "infinite");
    constexpr std::int64_t million = 1'000'000;
    std::int64_t seconds = microseconds / million;
    std::int64_t rest = microseconds % million;
    if (rest < 0) {
        rest += million;
        --seconds;
    }
    out = {seconds + seconds_1970_to_2000, static_cast<std::int32_t>(rest * 1000)};
}

void decode(const Cell& cell, core::json::Value& out) {
    if (cell.type != jsonb && cell.type != json) fault(cell, "not JSON");
    const std::string_view document = cell.type == jsonb ? jsonb_text(cell) : cell.bytes();
    // What is stored was let in under tighter limits; a later, wider one must not make it unreadable.
    auto parsed = core::json::parse(document, {.depth = 128, .safe_integers = false});
    if (!parsed) fault(cell, "not JSON that core::json reads");
    out = std::move(*parsed);
}

void decode(const Cell& cell, core::json::Object& out) {
    core::json::Value document;
    decode(cell, document);
    if (document.object() == nullptr) fault(cell, "not a JSON object");
    out = std::move(*document.object());
}

std::vector<Cell> elements_of(const Cell& cell) {
    // dimensions, has nulls, element type; for each dimension its length and lower bound; then length and bytes of each element.
    constexpr std::size_t head = 12;
    if (!is_array_type(cell.type) || cell.size < head) fault(cell, "not an array");
    const auto dimensions = big_endian<std::int32_t>(cell.data);
    const auto type = big_endian<std::uint32_t>(cell.data + 8);
    if (dimensions == 0 && cell.size == head) return {};
    if (dimensions != 1 || cell.size < head + 8) fault(cell, "not a one-dimensional array");
    const auto count = big_endian<std::int32_t>(cell.data + head);
    std::vector<Cell> elements;
    std::size_t at = head + 8;
    for (std::int32_t index = 0; index < count; ++index) {
        if (cell.size - at < 4) fault(cell, "not an array");
        const auto size = big_endian<std::int32_t>(cell.data + at);
        at += 4;
        Cell element{.type = type, .column = cell.column};
        if (size >= 0) {
            element.size = static_cast<std::size_t>(size);
            if (cell.size - at < element.size) fault(cell, "not an array");
            element.data = cell.data + at;
            at += element.size;
        }
        elements.push_back(element);
    }
    if (at != cell.size) fault(cell, "not an array");
    return elements;
}

}  // namespace sentinel::postgres::detail
