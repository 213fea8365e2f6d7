#include "core/json.hpp"

#include <algorithm>

namespace sentinel::core::json {

Object::Object(std::initializer_list<std::pair<std::string_view, Value>> members) {
    members_.reserve(members.size());
    for (const auto& [name, value] : members) set(name, value);
}

std::expected<Object, std::string> Object::from_members(Members members) {
    const auto not_ascending = [](const Member& left, const Member& right) { return left.name >= right.name; };
    if (std::ranges::adjacent_find(members, not_ascending) != members.end()) {
        std::ranges::sort(members, {}, &Member::name);
        const auto twice = std::ranges::adjacent_find(members, {}, &Member::name);
        if (twice != members.end()) return std::unexpected(twice->name);
    }
    Object object;
    object.members_ = std::move(members);
    return object;
}

const Value* Object::find(std::string_view name) const noexcept {
    const auto place = std::ranges::lower_bound(members_, name, {}, &Member::name);
    return place != members_.end() && place->name == name ? &place->value : nullptr;
}

Value* Object::find(std::string_view name) noexcept { return const_cast<Value*>(std::as_const(*this).find(name)); }

void Object::set(std::string_view name, Value value) {
    if (members_.empty() || members_.back().name < name) {
        members_.push_back({std::string(name), std::move(value)});
        return;
    }
    const auto place = std::ranges::lower_bound(members_, name, {}, &Member::name);
    if (place->name == name) {
        place->value = std::move(value);
    } else {
        members_.insert(place, {std::string(name), std::move(value)});
    }
}

bool Object::erase(std::string_view name) {
    const auto place = std::ranges::lower_bound(members_, name, {}, &Member::name);
    if (place == members_.end() || place->name != name) return false;
    members_.erase(place);
    return true;
}

std::size_t Object::size() const noexcept { return members_.size(); }
bool Object::empty() const noexcept { return members_.empty(); }
Object::Members::const_iterator Object::begin() const noexcept { return members_.begin(); }
Object::Members::const_iterator Object::end() const noexcept { return members_.end(); }

bool operator==(const Object& left, const Object& right) noexcept { return left.members_ == right.members_; }
bool operator==(const Value& left, const Value& right) noexcept { return left.data_ == right.data_; }

}  // namespace sentinel::core::json
