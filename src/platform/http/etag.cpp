#include "platform/http/etag.hpp"

#include <algorithm>
#include <charconv>

#include "platform/http/endpoint.hpp"
#include "platform/http/header.hpp"
#include "platform/service/error.hpp"

namespace sentinel::http {

namespace {

constexpr std::int64_t no_version = -1;

struct Tag {
    std::string_view text;  ///< with its quotes, without `W/`
    bool is_weak = false;
};

bool is_tag_character(char letter) noexcept {
    const auto code = static_cast<unsigned char>(letter);
    return code == 0x21 || (code >= 0x23 && code != 0x7F);
}

/// Takes the next tag off a list (RFC 9110 section 8.8.3); nullopt when there is none or it is malformed.
std::optional<Tag> take_tag(std::string_view& rest) noexcept {
    Tag tag;
    tag.is_weak = rest.starts_with("W/");
    if (tag.is_weak) rest.remove_prefix(2);
    if (!rest.starts_with('"')) return std::nullopt;
    const auto end = rest.find('"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    tag.text = rest.substr(0, end + 1);
    if (!std::ranges::all_of(tag.text.substr(1, end - 1), is_tag_character)) return std::nullopt;
    rest = trimmed(rest.substr(end + 1));
    return tag;
}

/// Calls `visit(tag)` for each; false when the list is malformed.
template <class Visit>
bool each_tag(std::string_view value, Visit visit) {
    std::string_view rest = trimmed(value);
    for (;;) {
        const auto tag = take_tag(rest);
        if (!tag) return false;
        visit(*tag);
        if (rest.empty()) return true;
        if (!rest.starts_with(',')) return false;
        rest = trimmed(rest.substr(1));
    }
}

std::int64_t version_in(const Tag& tag) noexcept {
    const std::string_view digits = tag.text.substr(1, tag.text.size() - 2);
    std::int64_t version = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    const bool is_canonical = read.ec == std::errc() && read.ptr == digits.data() + digits.size() && digits.front() != '0';
    return is_canonical && version > 0 && !tag.is_weak ? version : no_version;
}

}  // namespace

std::string etag_of(std::int64_t version) { return '"' + std::to_string(version) + '"'; }

std::optional<std::vector<std::int64_t>> parse_if_match(std::string_view value) {
    std::vector<std::int64_t> versions;
    if (trimmed(value) == "*") return versions;
    if (!each_tag(value, [&](const Tag& tag) { versions.push_back(version_in(tag)); })) return std::nullopt;
    return versions;
}

bool names_tag(std::string_view if_none_match, std::string_view etag) noexcept {
    if (trimmed(if_none_match) == "*") return true;
    bool is_named = false;
    const bool is_well_formed = each_tag(if_none_match, [&](const Tag& tag) { is_named |= tag.text == etag; });
    return is_well_formed && is_named;
}

void check_version(const platform::RequestContext& context, std::int64_t present_version) {
    if (!context.if_match || context.if_match->empty()) return;
    if (std::ranges::find(*context.if_match, present_version) != context.if_match->end()) return;
    throw platform::precondition_failed(etag_of(present_version));
}

}  // namespace sentinel::http
