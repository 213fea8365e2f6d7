#pragma once
/// What a PATCH says about one member: nothing, or a new value. `Change<std::optional<T>>` may also clear it.

#include <optional>
#include <utility>

#include "core/json.hpp"

namespace sentinel::http {

template <class T>
class Change {
public:
    using value_type = T;
    Change() = default;
    Change(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor): reads as the value it is

    bool is_given() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return is_given(); }
    /// REQUIRES is_given().
    const T& value() const noexcept { return *value_; }
    T& value() noexcept { return *value_; }
    T& emplace() { return value_.emplace(); }
    void reset() noexcept { value_.reset(); }
    const T& value_or(const T& stored) const noexcept { return value_ ? *value_ : stored; }
    /// Puts the given value where the stored one is; true when that altered it.
    bool apply_to(T& stored) const {
        if (!value_ || stored == *value_) return false;
        stored = *value_;
        return true;
    }

private:
    std::optional<T> value_;
};

/// Merges a free document member by member (RFC 7396): null removes, objects merge, all else replaces. True when it altered
/// `target`.
bool merge_document(core::json::Object& target, const core::json::Object& patch);
/// The same for a document that a PATCH may leave out.
bool merge_document(core::json::Object& target, const Change<core::json::Object>& patch);

}  // namespace sentinel::http
