#include "platform/http/media_type.hpp"

#include "core/text.hpp"

namespace sentinel::http {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view merge_patch_type = "application/merge-patch+json";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";

bool is_utf8_parameter(std::string_view parameter) noexcept {
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos || !core::equals_ignoring_ascii_case(parameter.substr(0, equals), "charset"))
        return false;
    std::string_view value = parameter.substr(equals + 1);
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
    return core::equals_ignoring_ascii_case(value, "utf-8");
}

}  // namespace

bool is_media_type(std::string_view value, std::string_view type) noexcept {
    const auto semicolon = value.find(';');
    if (!core::equals_ignoring_ascii_case(trimmed(value.substr(0, semicolon)), type)) return false;
    if (semicolon == std::string_view::npos) return true;
    return is_utf8_parameter(trimmed(value.substr(semicolon + 1)));
}

BodyKind body_kind(const Route& route, const Request& request) {
    const auto value = request.header("Content-Type");
    if (value && request.headers.count("Content-Type") == 1) {
        if (route.body_form == BodyForm::raw) {
            if (is_media_type(*value, route.raw_media_type)) return BodyKind::raw;
        } else {
            const bool takes_form = route.body_form == BodyForm::form || route.body_form == BodyForm::json_or_form;
            const bool takes_json = route.body_form != BodyForm::form;
            if (takes_form && is_media_type(*value, form_type)) return BodyKind::form;
            if (takes_json && is_media_type(*value, json_type)) return BodyKind::json;
            if (takes_json && route.method == Method::patch && is_media_type(*value, merge_patch_type)) return BodyKind::json;
        }
    }
    throw platform::ServiceError(platform::ErrorCode::unsupported_media_type,
                                 "The body's media type is not one that is taken here.");
}

}  // namespace sentinel::http
