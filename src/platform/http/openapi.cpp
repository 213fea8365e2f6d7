#include "platform/http/openapi.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "platform/http/openapi_schema.hpp"

namespace sentinel::http {

namespace json = core::json;
using platform::ErrorCode;

namespace {

json::Object text_header(std::string_view description) {
    return json::Object{{"description", description}, {"schema", json::Object{{"type", "string"}}}};
}

json::Object content_of(std::string_view media_type, json::Value schema) {
    return json::Object{{media_type, json::Object{{"schema", std::move(schema)}}}};
}

json::Object parameter(std::string_view name, std::string_view place, bool is_required, std::string_view description,
                       json::Value schema) {
    return json::Object{
        {"name", name}, {"in", place}, {"required", is_required}, {"description", description}, {"schema", std::move(schema)}};
}

json::Object schema_of_errors() {
    const json::Object text{{"type", "string"}};
    const json::Object error{
        {"type", "object"},
        {"required", json::Array{"code", "message", "details"}},
        {"properties", json::Object{{"code", text}, {"message", text}, {"details", json::Object{{"type", "object"}}}}}};
    const json::Object meta{
        {"type", "object"},
        {"required", json::Array{"request_id", "timestamp"}},
        {"properties",
         json::Object{{"request_id", text}, {"timestamp", json::Object{{"type", "string"}, {"format", "date-time"}}}}}};
    return json::Object{{"type", "object"},
                        {"description", "What every error answers."},
                        {"required", json::Array{"error", "meta"}},
                        {"properties", json::Object{{"error", error}, {"meta", meta}}}};
}

json::Object schema_of_pagination() {
    const json::Object number{{"type", "integer"}};
    const json::Object maybe_number{{"type", json::Array{"integer", "null"}}};
    return json::Object{{"type", "object"},
                        {"description", "Which part of a list an answer holds."},
                        {"required", json::Array{"page", "limit", "total", "pages", "next_cursor"}},
                        {"properties", json::Object{{"page", maybe_number},
                                                    {"limit", number},
                                                    {"total", maybe_number},
                                                    {"pages", maybe_number},
                                                    {"next_cursor", json::Object{{"type", json::Array{"string", "null"}}}}}}};
}

/// `{name*}` is `{name}` for OpenAPI.
std::string path_of(std::string_view path) {
    std::string out(path);
    std::erase(out, '*');
    return out;
}

/// Writes the operation of one route.
class OperationWriter {
public:
    OperationWriter(const Route& route, SchemaComponents& components) noexcept : route_(&route), components_(&components) {}

    json::Object run() {
        json::Object out{{"operationId", route_->operation_id},
                         {"summary", route_->summary},
                         {"tags", json::Array{route_->tag}},
                         {"responses", responses()},
                         {"security", security()}};
        const std::string description = description_text();
        if (!description.empty()) out.set("description", description);
        json::Array parameters = all_parameters();
        if (!parameters.empty()) out.set("parameters", std::move(parameters));
        if (route_->body_form != BodyForm::none) out.set("requestBody", request_body());
        if (!route_->deprecation.empty()) out.set("deprecated", true);
        return out;
    }

private:
    json::Array security() const {
        if (route_->access.kind == AccessKind::public_) return {};
        return {json::Object{{"bearer", json::Array()}}};
    }

    std::string description_text() const {
        std::string out = route_->description;
        const auto add = [&out](std::string_view sentence) { out.append(out.empty() ? "" : "\n\n").append(sentence); };
        const Access& access = route_->access;
        if (access.kind == AccessKind::scope) add("Needs the scope `" + std::string(platform::text_of(access.scope)) + "`.");
        if (access.kind == AccessKind::self_or_scope) {
            add("For oneself, or with the scope `" + std::string(platform::text_of(access.scope)) + "`.");
        }
        if (access.also) add("Also needs the scope `" + std::string(platform::text_of(*access.also)) + "`.");
        if (route_->is_fresh) add("Needs an authentication of the last five minutes.");
        return out;
    }

    json::Array all_parameters() {
        json::Array out;
        add_path_parameters(out);
        if (route_->query != nullptr) add_query_parameters(out);
        if (route_->takes_if_match) {
            out.emplace_back(parameter("If-Match", "header", false, "The entity tag that the change is meant for.",
                                       json::Object{{"type", "string"}}));
        }
        if (route_->method != Method::get && route_->takes_idempotency_key) {
            out.emplace_back(parameter("Idempotency-Key", "header", false, "The same key with the same request is done once.",
                                       json::Object{{"type", "string"}, {"minLength", 1}, {"maxLength", 255}}));
        }
        return out;
    }

    void add_path_parameters(json::Array& out) {
        const PathParameters& path = route_->path_parameters;
        for (const std::string& name : route_->parameters) {
            if (path.single != nullptr) {
                out.emplace_back(parameter(name, "path", true, "The id.",
                                           components_->value_schema(*path.single, rule_of(*path.single), SchemaUse::input)));
                continue;
            }
            const Member* member = path.schema->find(name);
            out.emplace_back(parameter(name, "path", true, member->description(),
                                       components_->value_schema(member->type(), member->rule(), SchemaUse::input)));
        }
    }

    void add_query_parameters(json::Array& out) {
        for (const Member& member : route_->query->members()) {
            ValueType type = member.type();
            type.is_nullable = false;  // a query has no null
            json::Value schema = components_->value_schema(type, member.rule(), SchemaUse::input);
            if (!member.default_text().empty()) {
                if (auto text = json::parse(member.default_text())) schema.object()->set("default", *std::move(text));
            }
            out.emplace_back(parameter(member.name(), "query", member.is_required(), member.description(), std::move(schema)));
        }
    }

    json::Object request_body() {
        json::Object content;
        if (route_->body_form == BodyForm::raw) {
            content = content_of(route_->raw_media_type, json::Object{{"type", "string"}});
        } else {
            const json::Object schema = components_->reference(*route_->body, SchemaUse::input);
            if (route_->body_form != BodyForm::form) content.set("application/json", json::Object{{"schema", schema}});
            if (route_->method == Method::patch) content.set("application/merge-patch+json", json::Object{{"schema", schema}});
            const bool takes_form = route_->body_form == BodyForm::form || route_->body_form == BodyForm::json_or_form;
            if (takes_form) content.set("application/x-www-form-urlencoded", json::Object{{"schema", schema}});
        }
        return json::Object{{"required", !route_->body_is_optional}, {"content", std::move(content)}};
    }

    json::Object responses() {
        json::Object out{{std::to_string(route_->status), success()}};
        std::map<int, std::string> codes;
        for (const ErrorCode code : error_codes()) {
            std::string& names = codes[platform::status_of(code)];
            names.append(names.empty() ? "" : ", ").append("`").append(platform::text_of(code)).append("`");
        }
        for (const auto& [status, names] : codes) {
            out.set(
                std::to_string(status),
                json::Object{{"description", names},
                             {"content", content_of("application/json", json::Object{{"$ref", "#/components/schemas/Error"}})}});
        }
        return out;
    }

    /// What this route may answer besides success, in the order of ErrorCode.
    std::set<ErrorCode> error_codes() const {
        std::set<ErrorCode> codes(route_->errors.begin(), route_->errors.end());
        codes.insert(
            {ErrorCode::validation_error, ErrorCode::rate_limit_exceeded, ErrorCode::internal_error, ErrorCode::unavailable});
        if (route_->access.kind != AccessKind::public_) {
            codes.insert({ErrorCode::authentication_required, ErrorCode::invalid_token, ErrorCode::token_expired,
                          ErrorCode::permission_denied, ErrorCode::tenant_inactive});
        }
        if (!route_->parameters.empty()) codes.insert(ErrorCode::resource_not_found);
        if (route_->body_form != BodyForm::none) {
            codes.insert({ErrorCode::malformed_request, ErrorCode::payload_too_large, ErrorCode::unsupported_media_type});
        }
        if (route_->takes_if_match) codes.insert({ErrorCode::precondition_failed, ErrorCode::precondition_required});
        if (route_->method != Method::get && route_->takes_idempotency_key) {
            codes.insert({ErrorCode::idempotency_in_progress, ErrorCode::idempotency_key_reused});
        }
        return codes;
    }

    json::Object success() {
        json::Object out{{"description", route_->summary}};
        if (route_->answer_form != AnswerForm::none) out.set("content", content());
        json::Object headers{{"X-Request-ID", text_header("Names this request in log and audit.")}};
        if (route_->access.kind != AccessKind::public_) {
            for (const std::string_view name :
                 {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Tenant"}) {
                headers.set(name, text_header("Of the tightest rate bucket."));
            }
        }
        if (route_->answer != nullptr && route_->answer_form == AnswerForm::object &&
            route_->answer->version_member() != nullptr) {
            headers.set("ETag", text_header("The version, for If-Match."));
        }
        if (!route_->location_template.empty()) headers.set("Location", text_header("The path of what was made."));
        if (route_->answer_form == AnswerForm::page) {
            for (const std::string_view name : {"X-Total-Count", "X-Page-Count", "X-Current-Page", "X-Per-Page", "Link"}) {
                headers.set(name, text_header("As in `pagination`."));
            }
        }
        out.set("headers", std::move(headers));
        return out;
    }

    json::Object content() {
        std::string media_type = route_->answer_media_type;
        if (route_->answer_form == AnswerForm::raw) return content_of(media_type, json::Object{{"type", "string"}});
        media_type = "application/json";
        json::Object item = components_->reference(*route_->answer, SchemaUse::answer);
        if (route_->answer_form == AnswerForm::object) return content_of(media_type, std::move(item));
        json::Object properties{{route_->collection, json::Object{{"type", "array"}, {"items", std::move(item)}}},
                                {"pagination", json::Object{{"$ref", "#/components/schemas/Pagination"}}}};
        return content_of(media_type, json::Object{{"type", "object"},
                                                   {"required", json::Array{route_->collection, "pagination"}},
                                                   {"properties", std::move(properties)}});
    }

    const Route* route_;
    SchemaComponents* components_;
};

std::string member_of(Method method) {
    std::string out;
    for (const char letter : text_of(method)) out += core::to_lower_ascii(letter);
    return out;
}

}  // namespace

json::Object openapi_of(const Routes& routes, const OpenApiInfo& info) {
    SchemaComponents components;
    components.set("Error", schema_of_errors());
    components.set("Pagination", schema_of_pagination());
    json::Object paths;
    std::set<std::string> tags;
    for (const Route& route : routes.all()) {
        if (route.listener == Listener::management) continue;
        const std::string path = path_of(route.path);
        if (!paths.contains(path)) paths.set(path, json::Object());
        paths.find(path)->object()->set(member_of(route.method), OperationWriter(route, components).run());
        tags.insert(route.tag);
    }
    json::Array tag_list;
    for (const std::string& tag : tags) tag_list.emplace_back(json::Object{{"name", tag}});
    const json::Object bearer{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}};
    const json::Object licence{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}};
    return json::Object{
        {"openapi", "3.1.0"},
        {"info", json::Object{{"title", info.title}, {"version", info.version}, {"license", licence}}},
        {"servers", json::Array{json::Object{{"url", info.server_url}}}},
        {"tags", std::move(tag_list)},
        {"paths", std::move(paths)},
        {"components", json::Object{{"schemas", components.take()}, {"securitySchemes", json::Object{{"bearer", bearer}}}}}};
}

}  // namespace sentinel::http
