#pragma once
/// A look at one JSON value, or at nothing, without copying it.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/json.hpp"

namespace sentinel::engine::conditions {

namespace json = core::json;

/// Three words, trivially copied; what it looks at must outlive it.
class View {
public:
    /// `missing` is the absence of a value; the others are json::Kind's in its order.
    enum class Kind : std::uint8_t { missing, null, boolean, number, text, array, object };

    View() noexcept = default;
    explicit View(bool boolean) noexcept : kind_(Kind::boolean) { boolean_ = boolean; }
    explicit View(std::string_view text) noexcept : kind_(Kind::text), size_(text.size()) { text_ = text.data(); }
    explicit View(const json::Value& value) noexcept { look_at(value); }
    /// Null pointer: missing.
    explicit View(const json::Value* value) noexcept {
        if (value != nullptr) look_at(*value);
    }

    Kind kind() const noexcept { return kind_; }
    bool missing() const noexcept { return kind_ == Kind::missing; }
    bool is(Kind kind) const noexcept { return kind_ == kind; }

    /// Each REQUIRES the kind of its name.
    bool boolean() const noexcept { return boolean_; }
    double number() const noexcept { return number_; }
    std::string_view text() const noexcept { return {text_, size_}; }
    const json::Array& array() const noexcept { return *array_; }
    const json::Object& object() const noexcept { return *object_; }

    /// A copy of what is looked at. REQUIRES !missing().
    json::Value value() const;

    /// JSON equality; two missing ones are equal.
    friend bool operator==(const View& left, const View& right) noexcept {
        if (left.kind_ != right.kind_) return false;
        switch (left.kind_) {
            case Kind::missing:
            case Kind::null: return true;
            case Kind::boolean: return left.boolean_ == right.boolean_;
            case Kind::number: return left.number_ == right.number_;
            case Kind::text: return left.text() == right.text();
            case Kind::array: return left.array() == right.array();
            case Kind::object: return left.object() == right.object();
        }
        return false;
    }

private:
    void look_at(const json::Value& value) noexcept {
        kind_ = static_cast<Kind>(static_cast<std::uint8_t>(value.kind()) + 1);
        switch (value.kind()) {
            case json::Kind::null: break;
            case json::Kind::boolean: boolean_ = *value.boolean(); break;
            case json::Kind::number: number_ = *value.number(); break;
            case json::Kind::text:
                text_ = value.text()->data();
                size_ = value.text()->size();
                break;
            case json::Kind::array: array_ = value.array(); break;
            case json::Kind::object: object_ = value.object(); break;
        }
    }

    Kind kind_ = Kind::missing;
    std::size_t size_ = 0;
    union {
        bool boolean_;
        double number_;
        const char* text_ = nullptr;
        const json::Array* array_;
        const json::Object* object_;
    };
};

/// A total order over values that agrees with their equality, to search sorted lists: by kind, then by content.
std::strong_ordering order(const View& left, const View& right) noexcept;

}  // namespace sentinel::engine::conditions
