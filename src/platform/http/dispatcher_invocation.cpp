#include "platform/http/dispatcher_invocation.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "platform/crypto/digest.hpp"
#include "platform/http/binder.hpp"
#include "platform/http/etag.hpp"
#include "platform/http/media_type.hpp"
#include "platform/http/pagination_writer.hpp"
#include "platform/http/writer.hpp"

namespace sentinel::http {

using platform::ErrorCode;
using platform::InputPlace;
using platform::Rule;
using platform::ServiceError;

namespace {

constexpr std::size_t longest_idempotency_key = 255;

/// The text of a scalar member, without the quotes of JSON.
std::string text_of(const ObjectSchema& schema, std::string_view name, const void* object) {
    const Member* member = schema.find(name);
    std::string text;
    member->type().write(text, member->rule(), ObjectSchema::value_in(object, *member));
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    return text;
}

std::string location_of(const Route& route, const void* object) {
    std::string out;
    std::string_view rest = route.location_template;
    for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
        const auto close = rest.find('}', open);
        out.append(rest.substr(0, open));
        append_percent_encoded(out, text_of(*route.answer, rest.substr(open + 1, close - open - 1), object));
        rest.remove_prefix(close + 1);
    }
    return out.append(rest);
}

/// `"7"`, or empty where the answer has no version.
std::string etag_in(const Route& route, const void* object) {
    const Member* version = route.answer->version_member();
    if (version == nullptr) return {};
    return '"' + text_of(*route.answer, version->name(), object) + '"';
}

bool is_printable(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char letter) { return letter >= ' ' && letter <= '~'; });
}

bool is_read(Method method) noexcept { return method == Method::get || method == Method::head; }

const PageRequest* page_in(const Route& route, const void* query) noexcept {
    if (query == nullptr || !route.query->page_offset()) return nullptr;
    return reinterpret_cast<const PageRequest*>(static_cast<const std::byte*>(query) + *route.query->page_offset());
}

}  // namespace

platform::StoredAnswer RouteRenderer::render(const void* result, const std::type_info& type) const {
    if (type != route_->endpoint->result_type()) throw std::logic_error(route_->path + ": a result of another type is rendered");
    platform::StoredAnswer answer;
    answer.status = reply_->status().value_or(route_->status);
    if (route_->answer_form == AnswerForm::none) return answer;
    if (route_->answer_form != AnswerForm::object) throw std::logic_error(route_->path + ": such an answer is not kept");
    route_->answer->write(answer.body, result);
    answer.etag = etag_in(*route_, result);
    if (!route_->location_template.empty()) answer.location = location_of(*route_, result);
    return answer;
}

void DispatchedCall::refuse(InputPlace place, std::string pointer, Rule rule, std::string message) {
    faults_.push_back({place, std::move(pointer), rule, std::move(message)});
}

void DispatchedCall::read_headers(bool requires_if_match) {
    if (route().takes_if_match) read_if_match(requires_if_match);
    if (!is_read(route().method) && route().takes_idempotency_key) read_idempotency_key();
}

void DispatchedCall::read_if_match(bool is_required) {
    const Request& request = parts_.request;
    const auto value = request.header("If-Match");
    if (!value) {
        if (!is_required) return;
        throw ServiceError(ErrorCode::precondition_required, "This change needs the header If-Match.");
    }
    auto versions = request.headers.count("If-Match") == 1 ? parse_if_match(*value) : std::nullopt;
    if (!versions) return refuse(InputPlace::header, "/If-Match", Rule::format, "If-Match must be * or a list of entity tags");
    parts_.context.if_match = std::move(versions);
}

void DispatchedCall::read_idempotency_key() {
    const Request& request = parts_.request;
    const auto key = request.header("Idempotency-Key");
    if (!key) return;
    if (request.headers.count("Idempotency-Key") != 1 || key->empty() || key->size() > longest_idempotency_key ||
        !is_printable(*key)) {
        return refuse(InputPlace::header, "/Idempotency-Key", Rule::format, "Idempotency-Key must be 1 to 255 printable ASCII");
    }
    const std::string_view method = http::text_of(request.method);
    const auto hashed = crypto::Fields().add(method).add(request.path).add(request.query).add(request.body);
    parts_.context.idempotency = platform::IdempotentRequest{.key = std::string(*key),
                                                             .route = std::string(method).append(" ").append(route().path),
                                                             .request_hash = crypto::sha256(hashed.bytes()).text(),
                                                             .renderer = &renderer_};
}

void DispatchedCall::bind(InputTargets targets) {
    bind_path(targets.path);
    bind_query(targets.query);
    bind_body(targets.body);
    if (!faults_.empty()) throw platform::validation_failed(std::move(faults_));
}

void DispatchedCall::bind_path(void* target) {
    const PathParameters& path = route().path_parameters;
    for (std::size_t index = 0; index < route().parameters.size(); ++index) {
        const std::string& name = route().parameters[index];
        const std::string_view text = parts_.match.values[index];
        if (path.single != nullptr) {
            read_path_parameter(*path.single, rule_of(*path.single), name, text, target, faults_);
        } else {
            const Member* member = path.schema->find(name);
            read_path_parameter(member->type(), member->rule(), name, text, ObjectSchema::value_in(target, *member), faults_);
        }
    }
}

void DispatchedCall::bind_query(void* target) {
    const std::string_view query = parts_.request.query;
    if (route().query == nullptr) return refuse_parameters(query, faults_);
    const std::size_t faults_before = faults_.size();
    read_parameters(*route().query, query, InputPlace::query, target, faults_);
    auto* page = const_cast<PageRequest*>(page_in(route(), target));
    if (page != nullptr && page->cursor && faults_.size() == faults_before) open_cursor(*page);
}

void DispatchedCall::open_cursor(PageRequest& page) {
    const std::string selection = selection_of(parts_.request.query);
    auto opened = parts_.cursors.open(cursor_scope(selection), *page.cursor);
    if (opened && !opened->foreign_tenant) {
        page.after = std::move(opened->keys);
        return;
    }
    if (opened) parts_.observer.saw_foreign_cursor(parts_.context, *opened->foreign_tenant);
    refuse(InputPlace::query, "/cursor", Rule::format, "the cursor is not one of this list, filter and order");
}

CursorScope DispatchedCall::cursor_scope(const std::string& selection) const noexcept {
    return {parts_.context.actor.tenant, route().path, selection};
}

void DispatchedCall::bind_body(void* target) {
    const std::string_view body = parts_.request.body;
    if (body.empty()) {
        const bool is_needed = route().body != nullptr && !route().body_is_optional;
        if (is_needed) refuse(InputPlace::body, "", Rule::required, "a body is required");
        return;
    }
    static const ObjectSchema nothing("None", "", typeid(void));
    const ObjectSchema& schema = route().body == nullptr ? nothing : *route().body;
    switch (body_kind(route(), parts_.request)) {
        case BodyKind::raw: return;
        case BodyKind::form: return read_parameters(schema, body, InputPlace::body, target, faults_);
        case BodyKind::json: break;
    }
    core::json::Value value = parse_body(body);
    const bool needs_member = route().method == Method::patch && route().body != nullptr;
    read_body(schema, value, target, needs_member, faults_);
}

void DispatchedCall::answer_object(const void* result) {
    Response& response = parts_.response;
    response.status = reply_.status().value_or(route().status);
    const std::string etag = etag_in(route(), result);
    if (!etag.empty()) response.headers.add("ETag", etag);
    const auto if_none_match = parts_.request.header("If-None-Match");
    if (is_read(parts_.request.method) && !etag.empty() && if_none_match && names_tag(*if_none_match, etag)) {
        response.status = 304;
        return;
    }
    if (!route().location_template.empty()) response.headers.add("Location", location_of(route(), result));
    route().answer->write(response.body, result);
}

void DispatchedCall::answer_page(PageItems items, const void* query) {
    const PageRequest& asked = *page_in(route(), query);
    Response& response = parts_.response;
    response.status = reply_.status().value_or(route().status);
    std::string next;
    if (items.next->has_value()) {
        const std::string selection = selection_of(parts_.request.query);
        next = parts_.cursors.seal(cursor_scope(selection), **items.next);
    }
    PageView view{.limit = asked.limit, .next_cursor = next};
    if (!asked.cursor) view.page = asked.page();
    if (items.total) view.total = items.total;
    std::string& body = response.body;
    body.append("{\"").append(route().collection).append("\":[");
    for (std::size_t index = 0; index < items.count; ++index) {
        if (index != 0) body += ',';
        route().answer->write(body, static_cast<const std::byte*>(items.first) + index * items.stride);
    }
    body += "],";
    append_pagination(body, view);
    body += '}';
    add_page_headers(view, parts_.request, response);
}

void DispatchedCall::answer_raw(RawAnswer answer) {
    parts_.response.status = reply_.status().value_or(answer.status);
    parts_.response.body = std::move(answer.body);
    parts_.response.content_type = reply_.content_type().value_or(route().answer_media_type);
}

void DispatchedCall::answer_nothing() { parts_.response.status = reply_.status().value_or(route().status); }

void add_route_headers(const Route& route, const platform::RequestContext& context, Response& response) {
    if (route.cache == CacheControl::automatic) {
        response.headers.add("Cache-Control", route.method == Method::get ? "private, no-cache" : "no-store");
    }
    if (route.cache == CacheControl::no_store) response.headers.add("Cache-Control", "no-store");
    if (!route.deprecation.empty()) response.headers.add("Deprecation", route.deprecation);
    if (!route.sunset.empty()) response.headers.add("Sunset", route.sunset);
    const auto& notes = context.notes;
    if (notes.policy_revision) response.headers.add("X-Policy-Revision", std::to_string(*notes.policy_revision));
    if (!notes.policy_incarnation.empty()) response.headers.add("X-Policy-Incarnation", notes.policy_incarnation);
}

void write_replay(const platform::StoredAnswer& answer, Response& response) {
    response.status = answer.status;
    response.body = answer.body;
    response.headers.add("Idempotency-Replayed", "true");
    if (!answer.location.empty()) response.headers.add("Location", answer.location);
    if (!answer.etag.empty()) response.headers.add("ETag", answer.etag);
}

}  // namespace sentinel::http
