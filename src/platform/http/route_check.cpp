#include "platform/http/route_check.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include "platform/http/endpoint.hpp"

namespace sentinel::http {

namespace {

[[noreturn]] void refuse(const Route& route, std::string_view what) {
    throw std::logic_error(std::string(text_of(route.method)).append(" ").append(route.path).append(": ").append(what));
}

/// Walks over all that a schema holds, each described struct once.
class SchemaWalk {
public:
    SchemaWalk(const Route& route, bool is_input) noexcept : route_(&route), is_input_(is_input) {}

    void run(const ObjectSchema& schema) {
        if (!seen_.insert(&schema).second) return;
        for (const Member& member : schema.members()) run(schema.name() + '.' + member.name(), member.type(), member.rule());
    }

    void run(const std::string& name, const ValueType& type, const MemberRule& rule) {
        const bool has_size = type.kind == ValueKind::text || type.kind == ValueKind::secret || type.kind == ValueKind::list ||
                              type.kind == ValueKind::map;
        if (is_input_ && has_size && rule.max_size() == MemberRule::unlimited) refuse(*route_, name + " takes any size");
        if (!is_input_ && type.kind == ValueKind::secret && !rule.is_revealed()) {
            refuse(*route_, name + " would show a secret; say revealed() where that is meant");
        }
        if (type.schema != nullptr) run(type.schema());
        if (type.item != nullptr) run(name, *type.item, rule.item());
        if (is_input_ && type.kind == ValueKind::map && rule.key().max_size() == MemberRule::unlimited) {
            refuse(*route_, name + " takes names of any size");
        }
    }

private:
    const Route* route_;
    bool is_input_;
    std::set<const ObjectSchema*> seen_;
};

bool is_scalar(const ValueType& type) noexcept {
    switch (type.kind) {
        case ValueKind::document:
        case ValueKind::any:
        case ValueKind::object:
        case ValueKind::map:
        case ValueKind::list: return false;
        default: return true;
    }
}

void check_query(const Route& route) {
    if (route.query == nullptr) return;
    SchemaWalk(route, true).run(*route.query);
    for (const Member& member : route.query->members()) {
        const ValueType& type = member.type();
        const bool is_list = type.kind == ValueKind::list && is_scalar(*type.item);
        if (!is_list && !is_scalar(type)) refuse(route, "the parameter " + member.name() + " has no form in a query");
        if (type.kind == ValueKind::secret) refuse(route, "a secret in a query ends up in logs");
    }
}

void check_path(const Route& route) {
    if (route.parameters.size() > RouteMatch::max_parameters) refuse(route, "too many parameters");
    if (std::ranges::count(route.path, '{') != std::ranges::count(route.path, '}')) refuse(route, "braces that do not match");
    if (!route.path.starts_with('/') || (route.path.size() > 1 && route.path.ends_with('/'))) refuse(route, "not a path");
    if (route.path_parameters.single != nullptr) {
        if (route.parameters.size() != 1) refuse(route, "path_id() is for exactly one name in braces");
        return;
    }
    const ObjectSchema* schema = route.path_parameters.schema;
    const std::size_t described = schema == nullptr ? 0 : schema->members().size();
    if (described != route.parameters.size()) refuse(route, "the names in braces are not those of the path struct");
    for (const std::string& name : route.parameters) {
        const Member* member = schema->find(name);
        if (member == nullptr || !is_scalar(member->type())) refuse(route, "nothing reads {" + name + "}");
    }
}

void check_access(const Route& route) {
    if (route.access.kind != AccessKind::self_or_scope) return;
    if (std::ranges::find(route.parameters, route.access.self_parameter) == route.parameters.end()) {
        refuse(route, "self_or_scope names no parameter of the path");
    }
}

void check_location(const Route& route) {
    std::string_view rest = route.location_template;
    for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
        const std::string_view name = rest.substr(open + 1, rest.find('}') - open - 1);
        const Member* member = route.answer->find(name);
        if (member == nullptr || !is_scalar(member->type()) || member->type().is_nullable) {
            refuse(route, "the location names no member of the answer");
        }
        rest.remove_prefix(rest.find('}') + 1);
    }
}

}  // namespace

void check_route(const Route& route) {
    if (route.endpoint == nullptr) refuse(route, "has no handler");
    if (route.summary.empty() || route.tag.empty()) refuse(route, "has no summary or no tag");
    if (route.method == Method::head || route.method == Method::options)
        refuse(route, "the server answers this method by itself");
    if (route.method == Method::get && route.body_form != BodyForm::none) refuse(route, "a GET takes no body");
    check_path(route);
    check_query(route);
    check_access(route);
    if (route.body != nullptr) SchemaWalk(route, true).run(*route.body);
    if (route.answer != nullptr) SchemaWalk(route, false).run(*route.answer);
    if (!route.location_template.empty()) check_location(route);
    if (route.answer_form == AnswerForm::page && (route.query == nullptr || !route.query->page_offset())) {
        refuse(route, "answers a page, but its query has no http::paging");
    }
}

void check_beside(const Route& route, const Route& present) {
    const bool same_place =
        route.listener == present.listener || route.listener == Listener::both || present.listener == Listener::both;
    if (same_place && route.method == present.method && route.path == present.path) refuse(route, "is there twice");
    if (route.operation_id == present.operation_id) refuse(route, "has the operation of " + present.path);
}

}  // namespace sentinel::http
