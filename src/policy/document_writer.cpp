#include <concepts>

#include "policy/document.hpp"
#include "policy/text_writer.hpp"

namespace sentinel::policy {

namespace {

// Each puts a member unless it has its default value.
void put(json::Object& object, std::string_view name, const std::optional<std::string>& text) {
    if (text) object.set(name, *text);
}
void put(json::Object& object, std::string_view name, const std::optional<Instant>& instant) {
    if (instant) object.set(name, instant->text());
}
void put(json::Object& object, std::string_view name, const json::Object& value) {
    if (!value.empty()) object.set(name, value);
}
void put(json::Object& object, std::string_view name, const json::Array& value) {
    if (!value.empty()) object.set(name, value);
}
void put_flag(json::Object& object, std::string_view name, bool value, bool otherwise) {
    if (value != otherwise) object.set(name, value);
}

json::Array texts_value(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

json::Array rights_value(const engine::FieldRights& rights) {
    if (rights.hidden) return {"hidden"};
    return rights.write ? json::Array{"read", "write"} : json::Array{"read"};
}

std::string_view visibility_text(const engine::FieldRights& rights) {
    if (rights.hidden) return "hidden";
    return rights.write ? "write" : "read";
}

json::Object fields_value(const engine::FieldMap& fields) {
    json::Object tiers;
    for (const engine::Tier tier : engine::all_tiers) {
        json::Object names;
        for (const auto& [name, rights] : fields[static_cast<std::size_t>(tier)]) names.set(name, rights_value(rights));
        put(tiers, engine::tier_text(tier), names);
    }
    return tiers;
}

void put_validity(json::Object& object, const engine::Validity& validity) {
    put(object, "expires_at", validity.expires_at);
    put_flag(object, "is_active", validity.active, true);
    put(object, "starts_at", validity.starts_at);
}

json::Array assignments_value(const std::vector<Assignment>& assignments) {
    json::Array array;
    for (const Assignment& assignment : assignments) {
        if (assignment.validity == engine::Validity{}) {
            array.emplace_back(assignment.name);
            continue;
        }
        json::Object object;
        put_validity(object, assignment.validity);
        object.set("name", assignment.name);
        array.emplace_back(std::move(object));
    }
    return array;
}

void put_target(json::Object& object, const Target& target) {
    put(object, "resource", target.resource);
    put(object, "resource_path", target.resource_path);
    object.set("resource_type", target.resource_type);
}

json::Object row_value(const ResourceRow& row) {
    json::Object object;
    put(object, "attributes", row.attributes);
    put_flag(object, "is_active", row.is_active, true);
    put(object, "parent", row.parent);
    put(object, "workflow_state", row.workflow_state);
    return object;
}

json::Object row_value(const FieldRow& row) {
    json::Object object;
    if (row.default_visibility != engine::field_read) object.set("default_visibility", visibility_text(row.default_visibility));
    put_flag(object, "is_active", row.is_active, true);
    put_flag(object, "is_authoritative", row.is_authoritative, false);
    put_flag(object, "platform", row.platform, false);
    object.set("tier", engine::tier_text(row.tier));
    return object;
}

json::Object row_value(const PermissionRow& row) {
    json::Object object;
    object.set("actions", texts_value(row.actions));
    put_flag(object, "applies_to_descendants", row.applies_to_descendants, true);
    put(object, "conditions", row.conditions);
    if (row.effect == engine::Effect::deny) object.set("effect", "deny");
    put_flag(object, "enforced", row.enforced, false);
    put(object, "fields", fields_value(row.fields));
    put_flag(object, "is_active", row.is_active, true);
    put_target(object, row.target);
    return object;
}

json::Object row_value(const RoleRow& row) {
    json::Object object;
    put_flag(object, "is_active", row.is_active, true);
    put(object, "parent", row.parent);
    put(object, "permissions", texts_value(row.permissions));
    if (row.priority != 0) object.set("priority", row.priority);
    put(object, "scopes", texts_value(row.scopes));
    return object;
}

json::Object row_value(const GroupRow& row) {
    json::Object object;
    put_flag(object, "is_active", row.is_active, true);
    put(object, "parent", row.parent);
    put(object, "roles", assignments_value(row.roles));
    put(object, "rule", row.rule);
    return object;
}

json::Object row_value(const UserRow& row) {
    json::Object object;
    put(object, "attributes", row.attributes);
    put(object, "email_domain", row.email_domain);
    put(object, "groups", assignments_value(row.groups));
    put_flag(object, "is_service_account", row.is_service_account, false);
    put(object, "roles", assignments_value(row.roles));
    if (row.status != UserStatus::active) object.set("status", row.status == UserStatus::locked ? "locked" : "inactive");
    return object;
}

json::Object row_value(const GrantRow& row) {
    json::Object object;
    object.set("actions", texts_value(row.actions));
    put_flag(object, "applies_to_descendants", row.applies_to_descendants, true);
    put_validity(object, row.validity);
    if (row.request) object.set("request", row.request->text());
    put_target(object, row.target);
    object.set("user", row.user);
    return object;
}

json::Object subject_value(const ImaginedSubject& subject) {
    json::Object object;
    put(object, "attributes", subject.attributes);
    put(object, "groups", assignments_value(subject.groups));
    put(object, "roles", assignments_value(subject.roles));
    return object;
}

json::Object question_value(const TestRow& row) {
    json::Object resource;
    put(resource, "attributes", row.resource.attributes);
    put(resource, "id", row.resource.id);
    put(resource, "parent", row.resource.parent);
    put(resource, "path", row.resource.path);
    resource.set("type", row.resource.type);
    json::Object question;
    question.set("action", row.action);
    if (const auto* imagined = std::get_if<ImaginedSubject>(&row.subject)) question.set("as", subject_value(*imagined));
    put(question, "context", row.context);
    question.set("resource", std::move(resource));
    if (const auto* user = std::get_if<std::string>(&row.subject)) question.set("user_id", *user);
    return question;
}

json::Object row_value(const TestRow& row) {
    json::Object object;
    object.set("expected", row.expected);
    put(object, "now", row.now);
    object.set("question", question_value(row));
    put(object, "suite", row.suite);
    return object;
}

template <class Row>
void put_kind(json::Object& object, std::string_view kind, const ByKey<Row>& rows) {
    json::Object by_key;
    for (const auto& [key, row] : rows) by_key.set(key, row_value(row));
    put(object, kind, by_key);
}

}  // namespace

json::Object to_object(const Document& document) {
    json::Object object;
    json::Array ancestors;
    for (const Document& ancestor : document.ancestors) ancestors.emplace_back(to_object(ancestor));
    put(object, "ancestors", ancestors);
    put_kind(object, "fields", document.fields);
    put_kind(object, "grants", document.grants);
    put_kind(object, "groups", document.groups);
    put_flag(object, "inherit_permissions", document.inherit_permissions, false);
    put(object, "menu", document.menu);
    put_kind(object, "permissions", document.permissions);
    put(object, "policy", document.policy);
    put_kind(object, "resources", document.resources);
    put_kind(object, "roles", document.roles);
    if (document.status == TenantStatus::suspended) object.set("status", "suspended");
    if (!document.tenant.empty()) object.set("tenant", document.tenant);
    put_kind(object, "tests", document.tests);
    put_kind(object, "users", document.users);
    object.set("version", 1);
    return object;
}

std::string write_yaml(const Document& document) { return yaml_text(to_object(document)); }
std::string write_json(const Document& document) { return json_text(to_object(document)); }

}  // namespace sentinel::policy
