#pragma once
/// What a value must be: the rules of one member, parameter or list element, written once and used for checking and OpenAPI.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sentinel::http {

enum class ValueKind : std::uint8_t {
    text,
    secret,
    boolean,
    integer,
    number,
    uuid,
    instant,
    network,
    enumeration,
    document,  ///< core::json::Object
    any,       ///< core::json::Value
    object,    ///< a described struct
    list,
    map,
};
std::string_view text_of(ValueKind kind) noexcept;

/// A compiled RE2 expression.
class Pattern {
public:
    /// std::logic_error when the expression is not RE2's.
    explicit Pattern(std::string expression);
    ~Pattern();
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;
    /// Whether the expression is found in the text: anchor it with ^ and $.
    bool matches(std::string_view text) const;
    const std::string& expression() const noexcept { return expression_; }

private:
    struct Compiled;
    std::string expression_;
    std::unique_ptr<const Compiled> compiled_;
};

/// Limits of a free JSON document (spec 00 section 1).
struct DocumentLimits {
    std::size_t bytes = 65'536;
    std::size_t depth = 16;
    std::size_t members = 1'000;
};

using TextCheck = bool (*)(std::string_view text);

/// A value object: each function below returns it altered. The makers (`text`, `integer` …) stand after the class.
class MemberRule {
public:
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    /// Integers of JSON are exact within ±(2^53 − 1) (spec 00 section 9).
    static constexpr std::int64_t safe_integer = 9'007'199'254'740'991;

    explicit MemberRule(ValueKind kind) : kind_(kind) {}

    // Texts.
    /// Blanks at both ends are taken off before all else.
    [[nodiscard]] MemberRule trimmed() const;
    [[nodiscard]] MemberRule pattern(std::string expression) const;
    /// A format that is not a pattern: `name` is told in messages and OpenAPI (`email`, `uri` …).
    [[nodiscard]] MemberRule format(std::string name, TextCheck check) const;
    /// A secret that an answer may carry (an API key shown once). Without this a secret in an answer stops the start.
    [[nodiscard]] MemberRule revealed() const;
    // Lists.
    [[nodiscard]] MemberRule unique() const;
    // Documents.
    [[nodiscard]] MemberRule limits(DocumentLimits limits) const;

    ValueKind kind() const noexcept { return kind_; }
    /// Code points of texts, elements of lists, members of maps.
    std::size_t min_size() const noexcept { return min_size_; }
    std::size_t max_size() const noexcept { return max_size_; }
    double minimum() const noexcept { return minimum_; }
    double maximum() const noexcept { return maximum_; }
    bool is_trimmed() const noexcept { return is_trimmed_; }
    bool has_lines() const noexcept { return has_lines_; }
    bool is_unique() const noexcept { return is_unique_; }
    bool is_revealed() const noexcept { return is_revealed_; }
    const Pattern* pattern() const noexcept { return pattern_.get(); }
    TextCheck check() const noexcept { return check_; }
    const std::string& format_name() const noexcept { return format_name_; }
    const std::vector<std::string>& words() const noexcept { return words_; }
    const DocumentLimits& document_limits() const noexcept { return document_limits_; }
    /// Of lists and maps. REQUIRES such a kind.
    const MemberRule& item() const noexcept { return *item_; }
    bool has_item() const noexcept { return item_ != nullptr; }
    /// Of maps.
    const MemberRule& key() const noexcept { return *key_; }

private:
    friend MemberRule text(std::size_t, std::size_t);
    friend MemberRule free_text(std::size_t, std::size_t);
    friend MemberRule secret(std::size_t, std::size_t);
    friend MemberRule words(std::vector<std::string>);
    friend MemberRule integer(std::int64_t, std::int64_t);
    friend MemberRule number(double, double);
    friend MemberRule list(MemberRule, std::size_t, std::size_t);
    friend MemberRule map(MemberRule, MemberRule, std::size_t, std::size_t);

    ValueKind kind_;
    bool is_trimmed_ = false;
    bool has_lines_ = false;
    bool is_unique_ = false;
    bool is_revealed_ = false;
    std::size_t min_size_ = 0;
    std::size_t max_size_ = unlimited;
    double minimum_ = -std::numeric_limits<double>::infinity();
    double maximum_ = std::numeric_limits<double>::infinity();
    std::shared_ptr<const Pattern> pattern_;
    TextCheck check_ = nullptr;
    std::string format_name_;
    std::vector<std::string> words_;
    DocumentLimits document_limits_;
    std::shared_ptr<const MemberRule> item_;
    std::shared_ptr<const MemberRule> key_;
};

/// One line of text for `std::string`, lengths in code points; no control characters.
MemberRule text(std::size_t min_length, std::size_t max_length);
/// Text for `std::string` that may hold tabs and newlines.
MemberRule free_text(std::size_t min_length, std::size_t max_length);
/// Text for platform::Secret; never shown in a message.
MemberRule secret(std::size_t min_length, std::size_t max_length);
/// One of these texts, for `std::string` (a `sort`). An enum is declared with `http::words_of` instead.
MemberRule words(std::vector<std::string> allowed);
MemberRule boolean();
MemberRule integer(std::int64_t minimum = -MemberRule::safe_integer, std::int64_t maximum = MemberRule::safe_integer);
MemberRule number(double minimum, double maximum);
/// `core::Uuid` or `core::Id<…>`.
MemberRule id();
MemberRule instant();
MemberRule network();
/// An enum with declared texts.
MemberRule one_of();
MemberRule document(DocumentLimits limits = {});
MemberRule any(DocumentLimits limits = {});
/// A described struct.
MemberRule object();
MemberRule list(MemberRule item, std::size_t min_items, std::size_t max_items);
/// `std::map<std::string, T>`: an object whose member names are data.
MemberRule map(MemberRule key, MemberRule item, std::size_t min_members, std::size_t max_members);

}  // namespace sentinel::http
