#include "platform/http/text_rule.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/text.hpp"

namespace sentinel::http {

namespace json = core::json;
using platform::Rule;

namespace {

/// Values of this many characters and more are not shown (spec 00 section 3).
constexpr std::size_t shown_below = 64;

std::string_view last_character(std::string_view text) noexcept {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) --start;
    return text.substr(start);
}

std::string_view first_character(std::string_view text) noexcept {
    std::size_t end = 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    return text.substr(0, end);
}

std::string_view without_blank_ends(std::string_view text) noexcept {
    while (!text.empty() && core::has_blank_end(first_character(text))) text.remove_prefix(first_character(text).size());
    while (!text.empty() && core::has_blank_end(last_character(text))) text.remove_suffix(last_character(text).size());
    return text;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

/// The first rule that the text breaks.
std::optional<std::pair<Rule, std::string>> broken_rule(const MemberRule& rule, std::string_view text) {
    const std::size_t length = core::code_points(text);
    if (length < rule.min_size()) {
        return std::pair(Rule::min_length, fmt::format("must have at least {} characters", rule.min_size()));
    }
    if (!rule.words().empty() && std::ranges::find(rule.words(), text) == rule.words().end()) {
        return std::pair(Rule::enumeration, fmt::format("must be one of {}", joined(rule.words())));
    }
    if (length > rule.max_size()) {
        return std::pair(Rule::max_length, fmt::format("must have at most {} characters", rule.max_size()));
    }
    if (rule.pattern() != nullptr && !rule.pattern()->matches(text)) {
        return std::pair(Rule::pattern, fmt::format("must match {}", rule.pattern()->expression()));
    }
    if (rule.check() != nullptr && !rule.check()(text)) {
        return std::pair(Rule::format, fmt::format("must have the form {}", rule.format_name()));
    }
    return std::nullopt;
}

/// Walks over a document, normalises it and counts what it holds.
class DocumentWalk {
public:
    DocumentWalk(Reader& reader, const DocumentLimits& limits) noexcept : reader_(&reader), limits_(&limits) {}

    bool run(json::Value& value, std::size_t depth) {
        if (value.array() != nullptr) return run_array(*value.array(), depth);
        if (value.object() != nullptr) return run_object(*value.object(), depth);
        if (value.text() == nullptr) return true;
        if (!is_fine(*value.text())) return false;
        if (!core::is_nfc(*value.text())) value = json::Value(core::to_nfc(*value.text()));
        return true;
    }

private:
    bool run_array(json::Array& array, std::size_t depth) {
        if (!may_nest(depth)) return false;
        return std::ranges::all_of(array, [&](json::Value& element) { return run(element, depth + 1); });
    }

    bool run_object(json::Object& object, std::size_t depth) {
        if (!may_nest(depth)) return false;
        members_ += object.size();
        if (members_ > limits_->members) {
            reader_->fault(Rule::size, fmt::format("a document may have at most {} members", limits_->members));
            return false;
        }
        json::Object::Members members;
        members.reserve(object.size());
        for (const auto& [name, unused] : object) {
            if (!is_fine(name)) return false;
            json::Value* value = object.find(name);
            if (!run(*value, depth + 1)) return false;
            members.push_back({core::to_nfc(name), std::move(*value)});
        }
        auto normalised = json::Object::from_members(std::move(members));
        if (!normalised) {
            reader_->fault(Rule::unique, fmt::format("the member {} is there twice", named(normalised.error())));
            return false;
        }
        object = *std::move(normalised);
        return true;
    }

    bool may_nest(std::size_t depth) {
        if (depth < limits_->depth) return true;
        reader_->fault(Rule::depth, fmt::format("a document may be nested at most {} levels deep", limits_->depth));
        return false;
    }

    bool is_fine(std::string_view text) {
        if (!has_control(text, true)) return true;
        reader_->fault(Rule::format, "a document may not hold control characters other than tab and newline");
        return false;
    }

    Reader* reader_;
    const DocumentLimits* limits_;
    std::size_t members_ = 0;
};

}  // namespace

std::string named(std::string_view text) {
    return core::code_points(text) < shown_below ? fmt::format("\"{}\"", text) : std::string("the value");
}

bool has_control(std::string_view text, bool has_lines) noexcept {
    for (std::size_t index = 0; index < text.size(); ++index) {
        const auto byte = static_cast<unsigned char>(text[index]);
        if (byte < 0x20 && !(has_lines && (byte == '\t' || byte == '\n'))) return true;
        if (byte == 0x7F) return true;
        // U+0080 to U+009F are written C2 80 to C2 9F.
        if (byte == 0xC2 && index + 1 < text.size() && static_cast<unsigned char>(text[index + 1]) < 0xA0) return true;
    }
    return false;
}

std::optional<std::string> checked_text(Reader& reader, const MemberRule& rule, std::string_view text, bool is_secret) {
    if (rule.is_trimmed()) text = without_blank_ends(text);
    if (has_control(text, rule.has_lines())) {
        reader.fault(Rule::format, rule.has_lines() ? "control characters other than tab and newline are not allowed"
                                                    : "control characters are not allowed");
        return std::nullopt;
    }
    std::string kept = core::to_nfc(text);
    const auto broken = broken_rule(rule, kept);
    if (!broken) return kept;
    reader.fault(broken->first, fmt::format("{} {}", is_secret ? std::string("the value") : named(text), broken->second));
    return std::nullopt;
}

bool check_document(Reader& reader, const DocumentLimits& limits, json::Value& document) {
    if (!DocumentWalk(reader, limits).run(document, 0)) return false;
    if (json::to_text(document).size() <= limits.bytes) return true;
    reader.fault(Rule::size, fmt::format("a document may have at most {} bytes", limits.bytes));
    return false;
}

}  // namespace sentinel::http
