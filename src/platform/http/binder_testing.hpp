#pragma once
/// Binding of one text in tests.

#include <string>
#include <string_view>
#include <vector>

#include "platform/http/binder.hpp"

namespace sentinel::http::testing {

/// Faults as `rule@pointer`, in their order, with a blank between.
inline std::string summary(const std::vector<platform::InputFault>& faults) {
    std::string out;
    for (const auto& fault : faults)
        out.append(out.empty() ? "" : " ").append(platform::text_of(fault.rule)).append("@").append(fault.pointer);
    return out;
}

template <class T>
struct Bound {
    T value{};
    std::vector<platform::InputFault> faults;
};

template <class T>
Bound<T> bound_body(std::string_view text, bool needs_member = false) {
    Bound<T> bound;
    auto body = parse_body(text);
    read_body(schema_of<T>(), body, &bound.value, needs_member, bound.faults);
    return bound;
}

template <class T>
Bound<T> bound_query(std::string_view text) {
    Bound<T> bound;
    read_parameters(schema_of<T>(), text, platform::InputPlace::query, &bound.value, bound.faults);
    return bound;
}

}  // namespace sentinel::http::testing
