#include "engine/condition_view.hpp"

#include <algorithm>
#include <string>

namespace sentinel::engine::conditions {

namespace {

std::strong_ordering order_arrays(const json::Array& left, const json::Array& right) noexcept {
    return std::lexicographical_compare_three_way(
        left.begin(), left.end(), right.begin(), right.end(),
        [](const json::Value& a, const json::Value& b) { return order(View(a), View(b)); });
}

std::strong_ordering order_objects(const json::Object& left, const json::Object& right) noexcept {
    using Member = json::Object::Member;
    return std::lexicographical_compare_three_way(left.begin(), left.end(), right.begin(), right.end(),
                                                  [](const Member& a, const Member& b) -> std::strong_ordering {
                                                      if (const auto names = a.name <=> b.name; names != 0) return names;
                                                      return order(View(a.value), View(b.value));
                                                  });
}

}  // namespace

json::Value View::value() const {
    switch (kind_) {
        case Kind::missing:
        case Kind::null: break;
        case Kind::boolean: return boolean_;
        case Kind::number: return number_;
        case Kind::text: return text();
        case Kind::array: return array();
        case Kind::object: return object();
    }
    return nullptr;
}

std::strong_ordering order(const View& left, const View& right) noexcept {
    if (left.kind() != right.kind()) return left.kind() <=> right.kind();
    switch (left.kind()) {
        case View::Kind::missing:
        case View::Kind::null: break;
        case View::Kind::boolean: return left.boolean() <=> right.boolean();
        case View::Kind::number: return std::strong_order(left.number(), right.number());
        case View::Kind::text: return left.text() <=> right.text();
        case View::Kind::array: return order_arrays(left.array(), right.array());
        case View::Kind::object: return order_objects(left.object(), right.object());
    }
    return std::strong_ordering::equal;
}

}  // namespace sentinel::engine::conditions
