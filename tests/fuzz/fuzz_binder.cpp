// Whatever a client sends as a body, a query or a header, the binder answers with faults or with values that hold to their rules.
// The first letter of the input says as what the rest is read.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/text.hpp"
#include "platform/http/binder.hpp"
#include "platform/http/cursor.hpp"
#include "platform/http/endpoint_testing.hpp"
#include "platform/http/etag.hpp"
#include "requirement.hpp"

namespace http = sentinel::http;
namespace harbours = sentinel::http::testing;
namespace platform = sentinel::platform;
using sentinel::fuzz::require;

namespace {

using Faults = std::vector<platform::InputFault>;

void require_honest(const Faults& faults) {
    require(faults.size() <= 1'000, "more faults than anyone reads");
    for (const auto& fault : faults) {
        require(!fault.message.empty() && fault.message.size() < 2'000, "a message that is empty or very long");
        require(fault.pointer.empty() || fault.pointer.front() == '/', "a pointer without slash");
        require(sentinel::core::is_utf8(fault.pointer) && sentinel::core::is_utf8(fault.message), "a fault that is not UTF-8");
    }
}

void require_text(std::string_view text, std::size_t lowest, std::size_t highest) {
    require(sentinel::core::is_utf8(text) && sentinel::core::is_nfc(text), "a text that is not NFC");
    const auto length = sentinel::core::code_points(text);
    require(length >= lowest && length <= highest, "a text of a wrong length");
}

void bind_body(std::string_view text) {
    harbours::CreateHarbour harbour;
    Faults faults;
    try {
        auto body = http::parse_body(text);
        http::read_body(http::schema_of<harbours::CreateHarbour>(), body, &harbour, false, faults);
    } catch (const platform::ServiceError& error) {
        return require(error.code() == platform::ErrorCode::malformed_request, "parsing throws something else");
    }
    require_honest(faults);
    if (!faults.empty()) return;
    require_text(harbour.name, 1, 255);
    require_text(harbour.code, 1, 50);
    require_text(harbour.note, 0, 100);
    require(harbour.places >= 1 && harbour.places <= 1000, "a number out of range");
    require(harbour.draught >= 0.5 && harbour.draught <= 30, "a number out of range");
    require(harbour.features.size() <= 5 && harbour.berths.size() <= 4 && harbour.labels.size() <= 3, "too many elements");
    require(!harbour.password || harbour.password->reveal().size() >= 12, "a short secret");
}

void bind_change(std::string_view text) {
    harbours::ChangeHarbour change;
    Faults faults;
    try {
        auto body = http::parse_body(text);
        http::read_body(http::schema_of<harbours::ChangeHarbour>(), body, &change, true, faults);
    } catch (const platform::ServiceError&) { return; }
    require_honest(faults);
    const bool says_something = change.name || change.note || change.settings || change.is_open;
    require(!faults.empty() || says_something, "a change that says nothing");
}

void bind_query(std::string_view text) {
    harbours::ListHarbours query;
    Faults faults;
    http::read_parameters(http::schema_of<harbours::ListHarbours>(), text, platform::InputPlace::query, &query, faults);
    require_honest(faults);
    if (!faults.empty()) return;
    require(query.page.limit >= 1 && query.page.limit <= 100, "a limit out of range");
    require(query.page.page() >= 1 && query.page.page() * query.page.limit <= 100'000, "a page too deep");
    require(query.kind.size() <= 2, "too many kinds");
    if (query.search) require_text(*query.search, 1, 100);
}

void read_headers(std::string_view text) {
    const auto versions = http::parse_if_match(text);
    if (!versions) return;
    for (const auto version : *versions) require(version == -1 || version > 0, "a version that no row has");
    const bool is_star = text.find('"') == std::string_view::npos;
    require(versions->empty() == is_star, "tags that are taken for a star");
}

void open_cursor(std::string_view text) {
    static const http::CursorCodec codec(
        {std::make_shared<const sentinel::crypto::HmacKey>(platform::Secret(std::string(32, 'k')))});
    require(!codec.open({{}, "/r", ""}, text), "a cursor that nobody sealed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'b': bind_body(rest); break;
        case 'c': bind_change(rest); break;
        case 'q': bind_query(rest); break;
        case 'h': read_headers(rest); break;
        case 'k': open_cursor(rest); break;
        default: break;
    }
    return 0;
}
