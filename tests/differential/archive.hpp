#pragma once
/// One description of each struct's members, used for writing and for reading JSON alike.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/text.hpp"
#include "dump.hpp"

namespace sentinel::differential {

template <class Archive>
void describe(Archive& archive, engine::Validity& row) {
    archive("active", row.active);
    archive("starts_at", row.starts_at);
    archive("expires_at", row.expires_at);
}

template <class Archive>
void describe(Archive& archive, engine::FieldRights& row) {
    archive("read", row.read);
    archive("write", row.write);
    archive("hidden", row.hidden);
}

template <class Archive>
void describe(Archive& archive, engine::Resource& row) {
    archive("id", row.id);
    archive("type", row.type);
    archive("code", row.code);
    archive("parent", row.parent);
    archive("attributes", row.attributes);
    archive("workflow_state", row.workflow_state);
    archive("active", row.active);
}

template <class Archive>
void describe(Archive& archive, engine::Permission& row) {
    archive("id", row.id);
    archive("key", row.key);
    archive("resource_type", row.resource_type);
    archive("resource_id", row.resource_id);
    archive("resource_path", row.resource_path);
    archive("actions", row.actions);
    archive("conditions", row.conditions);
    archive("fields", row.fields);
    archive("effect", row.effect);
    archive("enforced", row.enforced);
    archive("applies_to_descendants", row.applies_to_descendants);
    archive("active", row.active);
}

template <class Archive>
void describe(Archive& archive, engine::Role& row) {
    archive("id", row.id);
    archive("name", row.name);
    archive("priority", row.priority);
    archive("parent", row.parent);
    archive("permissions", row.permissions);
    archive("active", row.active);
    archive("everyone", row.everyone);
}

template <class Archive>
void describe(Archive& archive, engine::RoleAssignment& row) {
    archive("role", row.role);
    archive("validity", row.validity);
}

template <class Archive>
void describe(Archive& archive, engine::Group& row) {
    archive("id", row.id);
    archive("name", row.name);
    archive("parent", row.parent);
    archive("roles", row.roles);
    archive("active", row.active);
}

template <class Archive>
void describe(Archive& archive, engine::GroupMembership& row) {
    archive("group", row.group);
    archive("validity", row.validity);
}

template <class Archive>
void describe(Archive& archive, engine::Subject& row) {
    archive("id", row.id);
    archive("active", row.active);
    archive("is_service_account", row.is_service_account);
    archive("email_domain", row.email_domain);
    archive("attributes", row.attributes);
    archive("roles", row.roles);
    archive("groups", row.groups);
}

template <class Archive>
void describe(Archive& archive, engine::Grant& row) {
    archive("id", row.id);
    archive("request", row.request);
    archive("subject", row.subject);
    archive("resource_type", row.resource_type);
    archive("resource_id", row.resource_id);
    archive("resource_path", row.resource_path);
    archive("actions", row.actions);
    archive("validity", row.validity);
    archive("applies_to_descendants", row.applies_to_descendants);
}

template <class Archive>
void describe(Archive& archive, engine::FieldDefinition& row) {
    archive("id", row.id);
    archive("entity_type", row.entity_type);
    archive("name", row.name);
    archive("tier", row.tier);
    archive("default_visibility", row.default_visibility);
    archive("authoritative", row.authoritative);
    archive("active", row.active);
    archive("platform", row.platform);
}

template <class Archive>
void describe(Archive& archive, engine::AncestorTenant& row) {
    archive("id", row.id);
    archive("inherit_permissions", row.inherit_permissions);
    archive("roles", row.roles);
    archive("permissions", row.permissions);
    archive("fields", row.fields);
}

template <class Archive>
void describe(Archive& archive, engine::TenantPolicy& row) {
    archive("id", row.id);
    archive("revision", row.revision);
    archive("active", row.active);
    archive("inherit_permissions", row.inherit_permissions);
    archive("resources", row.resources);
    archive("field_definitions", row.fields);
    archive("permissions", row.permissions);
    archive("roles", row.roles);
    archive("groups", row.groups);
    archive("subjects", row.subjects);
    archive("grants", row.grants);
    archive("ancestors", row.ancestors);
}

template <class Archive>
void describe(Archive& archive, engine::ResourceReference& row) {
    archive("type", row.type);
    archive("id", row.id);
    archive("path", row.path);
    archive("parent", row.parent);
    archive("attributes", row.attributes);
}

template <class Archive>
void describe(Archive& archive, engine::Question& row) {
    archive("user_id", row.subject);
    archive("action", row.action);
    archive("resource", row.resource);
    archive("context", row.context);
}

template <class Archive>
void describe(Archive& archive, Asked& row) {
    archive("now", row.now);
    archive("may_override_time", row.may_override_time);
    archive("question", row.question);
}

template <class Archive>
void describe(Archive& archive, Case& row) {
    archive("note", row.note);
    archive("questions", row.questions);
    archive("policy", row.policy);
}

template <class Archive>
void describe(Archive& archive, engine::Matched& row) {
    archive("permission", row.permission);
    archive("permission_key", row.permission_key);
    archive("grant", row.grant);
    archive("role", row.role);
    archive("role_name", row.role_name);
    archive("held_as", row.held_as);
    archive("resource", row.resource);
}

template <class Archive>
void describe(Archive& archive, engine::Answer& row) {
    archive("allowed", row.allowed);
    archive("reason_code", row.reason_code);
    archive("matched", row.matched);
    archive("matched_conditions", row.matched_conditions);
    archive("fields", row.fields);
    archive("revision", row.revision);
    archive("ttl", row.ttl);
}

template <class Archive>
void describe(Archive& archive, engine::LeafTrace& row) {
    archive("path", row.path);
    archive("operator", row.operator_name);
    archive("expected", row.expected);
    archive("actual", row.actual);
    archive("truth", row.truth);
}

template <class Archive>
void describe(Archive& archive, engine::CandidateTrace& row) {
    archive("permission", row.permission);
    archive("permission_key", row.permission_key);
    archive("grant", row.grant);
    archive("role", row.role);
    archive("role_name", row.role_name);
    archive("held_as", row.held_as);
    archive("priority", row.priority);
    archive("effect", row.effect);
    archive("enforced", row.enforced);
    archive("applies", row.applies);
    archive("because", row.because);
    archive("conditions", row.conditions);
    archive("leaves", row.leaves);
}

template <class Archive>
void describe(Archive& archive, engine::EffectiveRole& row) {
    archive("id", row.id);
    archive("tenant", row.tenant);
    archive("name", row.name);
    archive("priority", row.priority);
    archive("held_as", row.held_as);
}

template <class Archive>
void describe(Archive& archive, engine::Explanation& row) {
    archive("effective_roles", row.effective_roles);
    archive("candidates", row.candidates);
}

template <class Archive>
void describe(Archive& archive, engine::ExplainedAnswer& row) {
    archive("answer", row.answer);
    archive("explanation", row.explanation);
}

template <class Archive>
void describe(Archive& archive, engine::QuestionError& row) {
    archive("kind", row.kind);
    archive("pointer", row.fault.pointer);
    archive("code", row.fault.code);
    archive("message", row.fault.message);
}

}  // namespace sentinel::differential
