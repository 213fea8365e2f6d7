#include "platform/http/change.hpp"

#include <utility>

namespace sentinel::http {

namespace json = core::json;

bool merge_document(json::Object& target, const json::Object& patch) {
    bool altered = false;
    for (const auto& [name, value] : patch) {
        if (value.is_null()) {
            altered |= target.erase(name);
            continue;
        }
        json::Value* present = target.find(name);
        if (value.object() == nullptr) {
            if (present != nullptr && *present == value) continue;
            target.set(name, value);
            altered = true;
            continue;
        }
        // RFC 7396: an object merges into an object; into anything else it merges as into an empty one.
        if (present == nullptr || present->object() == nullptr) {
            target.set(name, json::Object());
            present = target.find(name);
            altered = true;
        }
        altered |= merge_document(*present->object(), *value.object());
    }
    return altered;
}

bool merge_document(json::Object& target, const Change<json::Object>& patch) {
    return patch.is_given() && merge_document(target, patch.value());
}

}  // namespace sentinel::http
