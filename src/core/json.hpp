#pragma once
/// JSON values as Sentinel keeps them: one number type (IEEE double, never NaN, infinite or -0),
/// objects sorted by member name (UTF-8 byte order, which is code point order) without duplicates.
/// Two values are equal exactly when their canonical texts are.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sentinel::core::json {

enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

class Value;
using Array = std::vector<Value>;

/// A JSON object: members sorted by name, each name once.
class Object {
public:
    struct Member;
    using Members = std::vector<Member>;

    // Defined below, where Member is complete.
    Object() noexcept;
    Object(const Object& other);
    Object(Object&& other) noexcept;
    Object& operator=(const Object& other);
    Object& operator=(Object&& other) noexcept;
    ~Object();
    Object(std::initializer_list<std::pair<std::string_view, Value>> members);
    /// The object of members in any order; the error is a name that stands there twice.
    static std::expected<Object, std::string> from_members(std::vector<Member> members);

    /// The member's value, or null pointer when absent. O(log n).
    const Value* find(std::string_view name) const noexcept;
    Value* find(std::string_view name) noexcept;
    bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }
    /// Sets or replaces a member. Appending in sorted order is O(1) amortised.
    void set(std::string_view name, Value value);
    bool erase(std::string_view name);

    std::size_t size() const noexcept;
    bool empty() const noexcept;
    Members::const_iterator begin() const noexcept;
    Members::const_iterator end() const noexcept;

    friend bool operator==(const Object& left, const Object& right) noexcept;

private:
    Members members_;
};

/// One JSON value with value semantics.
class Value {
public:
    Value() noexcept = default;
    Value(std::nullptr_t) noexcept {}
    Value(bool boolean) noexcept : data_(boolean) {}
    /// REQUIRES: finite. -0 becomes 0.
    Value(double number) noexcept : data_(number == 0 ? 0.0 : number) {}
    Value(int number) noexcept : Value(static_cast<double>(number)) {}
    /// Exact only within +-2^53.
    Value(std::int64_t number) noexcept : Value(static_cast<double>(number)) {}
    Value(std::uint64_t number) noexcept : Value(static_cast<double>(number)) {}
    Value(std::string text) noexcept : data_(std::move(text)) {}
    Value(std::string_view text) : data_(std::string(text)) {}
    Value(const char* text) : data_(std::string(text)) {}
    /// Any other pointer would silently become a boolean.
    template <class T>
    Value(const T*) = delete;
    Value(Array array) noexcept : data_(std::move(array)) {}
    Value(Object object) noexcept : data_(std::move(object)) {}

    Kind kind() const noexcept { return static_cast<Kind>(data_.index()); }
    bool is_null() const noexcept { return kind() == Kind::null; }

    /// Each returns null pointer when the value is of another kind.
    const bool* boolean() const noexcept { return std::get_if<bool>(&data_); }
    const double* number() const noexcept { return std::get_if<double>(&data_); }
    const std::string* text() const noexcept { return std::get_if<std::string>(&data_); }
    const Array* array() const noexcept { return std::get_if<Array>(&data_); }
    const Object* object() const noexcept { return std::get_if<Object>(&data_); }
    Array* array() noexcept { return std::get_if<Array>(&data_); }
    Object* object() noexcept { return std::get_if<Object>(&data_); }

    /// Deep equality; values of different kinds are unequal.
    friend bool operator==(const Value& left, const Value& right) noexcept;

private:
    std::variant<std::monostate, bool, double, std::string, Array, Object> data_;
};

struct Object::Member {
    std::string name;
    Value value;
    friend bool operator==(const Member& left, const Member& right) noexcept = default;
};

inline Object::Object() noexcept = default;
inline Object::Object(const Object& other) = default;
inline Object::Object(Object&& other) noexcept = default;
inline Object& Object::operator=(const Object& other) = default;
inline Object& Object::operator=(Object&& other) noexcept = default;
inline Object::~Object() = default;

/// Lines and columns count from 1; columns and offset are in bytes.
struct ParseError {
    std::size_t offset = 0;
    std::size_t line = 1;
    std::size_t column = 1;
    std::string message;
};

struct ParseLimits {
    std::size_t depth = 32;
    /// Integers written without fraction or exponent must lie within +-(2^53 - 1).
    bool safe_integers = true;
};

/// Parses one JSON text (RFC 8259), strictly: duplicate members, lone surrogates, invalid UTF-8, numbers that
/// are not finite doubles, integers beyond +-(2^53-1), a byte order mark and trailing text are errors.
std::expected<Value, ParseError> parse(std::string_view text, ParseLimits limits = {});

/// Appends the canonical text: no blanks, members sorted, numbers as RFC 8785 section 3.2.2.3, the shortest escapes.
void append(std::string& out, const Value& value);
void append(std::string& out, const Object& object);
void append_text(std::string& out, std::string_view text);
void append_number(std::string& out, double number);
std::string to_text(const Value& value);
std::string to_text(const Object& object);

}  // namespace sentinel::core::json
