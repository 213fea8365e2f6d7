#include "platform/http/route.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/text.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/http/route_check.hpp"

namespace sentinel::http {

namespace {

Route route_of(Method method, std::string path) {
    Route route;
    route.method = method;
    route.path = std::move(path);
    route.status = 204;
    return route;
}

RouteBuilder<> below_base(Method method, std::string_view path) {
    return RouteBuilder<>(route_of(method, std::string(base_path).append(path)));
}

/// The names in braces, in order; a `*` before the closing brace is no part of the name.
std::vector<std::string> names_in_braces(std::string_view path) {
    std::vector<std::string> names;
    for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
        std::string_view name = path.substr(open + 1, path.find('}', open) - open - 1);
        if (name.ends_with('*')) name.remove_suffix(1);
        names.emplace_back(name);
    }
    return names;
}

/// `get_tenants_by_tenant_id` of `GET /api/v1/tenants/{tenant_id}`.
std::string operation_of(const Route& route) {
    std::string id;
    for (const char letter : text_of(route.method)) id += core::to_lower_ascii(letter);
    std::string_view path = route.path;
    if (path.starts_with(base_path)) path.remove_prefix(base_path.size());
    while (!path.empty()) {
        path.remove_prefix(1);
        std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        if (segment.empty()) continue;
        id += segment.starts_with('{') ? "_by_" : "_";
        for (const char letter : segment) {
            if (is_alphanumeric(letter)) id += letter;
            if (letter == '-' || letter == '_' || letter == '.') id += '_';
        }
    }
    return id;
}

}  // namespace

std::string_view RouteMatch::value(std::string_view parameter) const noexcept {
    for (std::size_t index = 0; index < route->parameters.size(); ++index) {
        if (route->parameters[index] == parameter) return values[index];
    }
    return {};
}

bool RouteMatch::addresses(const platform::Actor& actor) const noexcept {
    if (route->access.kind != AccessKind::self_or_scope || actor.kind == platform::ActorKind::system) return false;
    const auto named = core::UserId::parse(value(route->access.self_parameter));
    return named && *named == actor.user;
}

void Routes::add(Route route) {
    route.parameters = names_in_braces(route.path);
    if (route.operation_id.empty()) route.operation_id = operation_of(route);
    const bool may_match = route.method == Method::patch || route.method == Method::put;
    if (may_match && route.answer_form == AnswerForm::object && route.answer->version_member() != nullptr) {
        route.takes_if_match = true;
    }
    check_route(route);
    for (const Route& present : routes_) check_beside(route, present);
    routes_.push_back(std::move(route));
}

RouteBuilder<> get(std::string_view path) { return below_base(Method::get, path); }
RouteBuilder<> post(std::string_view path) { return below_base(Method::post, path); }
RouteBuilder<> put(std::string_view path) { return below_base(Method::put, path); }
RouteBuilder<> patch(std::string_view path) { return below_base(Method::patch, path); }
RouteBuilder<> delete_(std::string_view path) { return below_base(Method::delete_, path); }
RouteBuilder<> outside(Method method, std::string_view path) { return RouteBuilder<>(route_of(method, std::string(path))); }

}  // namespace sentinel::http
