#include "platform/http/member_rule.hpp"

#include <stdexcept>
#include <utility>

#include <re2/re2.h>

namespace sentinel::http {

namespace {

constexpr std::int64_t pattern_memory = 1 << 20;

re2::RE2::Options pattern_options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(pattern_memory);
    return options;
}

}  // namespace

struct Pattern::Compiled {
    re2::RE2 expression;
};

Pattern::Pattern(std::string expression)
    : expression_(std::move(expression)), compiled_(new Compiled{re2::RE2(expression_, pattern_options())}) {
    if (!compiled_->expression.ok()) throw std::logic_error("the pattern " + expression_ + " is not an RE2 expression");
}

Pattern::~Pattern() = default;

bool Pattern::matches(std::string_view text) const {
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->expression);
}

std::string_view text_of(ValueKind kind) noexcept {
    switch (kind) {
        case ValueKind::text: return "text";
        case ValueKind::secret: return "secret";
        case ValueKind::boolean: return "boolean";
        case ValueKind::integer: return "integer";
        case ValueKind::number: return "number";
        case ValueKind::uuid: return "uuid";
        case ValueKind::instant: return "instant";
        case ValueKind::network: return "network";
        case ValueKind::enumeration: return "enumeration";
        case ValueKind::document: return "document";
        case ValueKind::any: return "any";
        case ValueKind::object: return "object";
        case ValueKind::list: return "list";
        case ValueKind::map: return "map";
    }
    return "";
}

MemberRule MemberRule::trimmed() const {
    MemberRule altered = *this;
    altered.is_trimmed_ = true;
    return altered;
}

MemberRule MemberRule::pattern(std::string expression) const {
    MemberRule altered = *this;
    altered.pattern_ = std::make_shared<const Pattern>(std::move(expression));
    return altered;
}

MemberRule MemberRule::format(std::string name, TextCheck check) const {
    MemberRule altered = *this;
    altered.format_name_ = std::move(name);
    altered.check_ = check;
    return altered;
}

MemberRule MemberRule::revealed() const {
    MemberRule altered = *this;
    altered.is_revealed_ = true;
    return altered;
}

MemberRule MemberRule::unique() const {
    MemberRule altered = *this;
    altered.is_unique_ = true;
    return altered;
}

MemberRule MemberRule::limits(DocumentLimits limits) const {
    MemberRule altered = *this;
    altered.document_limits_ = limits;
    return altered;
}

MemberRule text(std::size_t min_length, std::size_t max_length) {
    MemberRule rule(ValueKind::text);
    rule.min_size_ = min_length;
    rule.max_size_ = max_length;
    return rule;
}

MemberRule free_text(std::size_t min_length, std::size_t max_length) {
    MemberRule rule = text(min_length, max_length);
    rule.has_lines_ = true;
    return rule;
}

MemberRule secret(std::size_t min_length, std::size_t max_length) {
    MemberRule rule(ValueKind::secret);
    rule.min_size_ = min_length;
    rule.max_size_ = max_length;
    return rule;
}

MemberRule words(std::vector<std::string> allowed) {
    MemberRule rule(ValueKind::text);
    for (const std::string& word : allowed) {
        if (rule.max_size_ == MemberRule::unlimited || word.size() > rule.max_size_) rule.max_size_ = word.size();
    }
    rule.words_ = std::move(allowed);
    return rule;
}

MemberRule boolean() { return MemberRule(ValueKind::boolean); }

MemberRule integer(std::int64_t minimum, std::int64_t maximum) {
    MemberRule rule(ValueKind::integer);
    rule.minimum_ = static_cast<double>(minimum);
    rule.maximum_ = static_cast<double>(maximum);
    return rule;
}

MemberRule number(double minimum, double maximum) {
    MemberRule rule(ValueKind::number);
    rule.minimum_ = minimum;
    rule.maximum_ = maximum;
    return rule;
}

MemberRule id() { return MemberRule(ValueKind::uuid); }
MemberRule instant() { return MemberRule(ValueKind::instant); }
MemberRule network() { return MemberRule(ValueKind::network); }
MemberRule one_of() { return MemberRule(ValueKind::enumeration); }
MemberRule document(DocumentLimits limits) { return MemberRule(ValueKind::document).limits(limits); }
MemberRule any(DocumentLimits limits) { return MemberRule(ValueKind::any).limits(limits); }
MemberRule object() { return MemberRule(ValueKind::object); }

MemberRule list(MemberRule item, std::size_t min_items, std::size_t max_items) {
    MemberRule rule(ValueKind::list);
    rule.min_size_ = min_items;
    rule.max_size_ = max_items;
    rule.item_ = std::make_shared<const MemberRule>(std::move(item));
    return rule;
}

MemberRule map(MemberRule key, MemberRule item, std::size_t min_members, std::size_t max_members) {
    MemberRule rule(ValueKind::map);
    rule.min_size_ = min_members;
    rule.max_size_ = max_members;
    rule.key_ = std::make_shared<const MemberRule>(std::move(key));
    rule.item_ = std::make_shared<const MemberRule>(std::move(item));
    return rule;
}

}  // namespace sentinel::http
