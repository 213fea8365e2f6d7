/// Section 1: the form of a question, and which resource is meant.

#include <algorithm>

#include "core/text.hpp"
#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

using core::ErrorKind;
using core::Uuid;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (true) {
        const std::size_t end = text.find(separator, start);
        if (end == std::string_view::npos) break;
        parts.emplace_back(text.substr(start, end - start));
        start = end + 1;
    }
    parts.emplace_back(text.substr(start));
    return parts;
}

namespace {

QuestionError malformed(std::string_view pointer, std::string_view code, std::string message) {
    return {ErrorKind::validation_failed, {std::string(pointer), std::string(code), std::move(message)}};
}

QuestionError not_found(std::string_view pointer, std::string message) {
    return {ErrorKind::not_found, {std::string(pointer), "reference", std::move(message)}};
}

bool is_name(std::string_view text, std::string_view punctuation, std::size_t longest) {
    if (text.empty() || text.size() > longest) return false;
    if (text.front() < 'a' || text.front() > 'z') return false;
    return std::ranges::all_of(text, [&](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || punctuation.contains(letter);
    });
}

/// Ids and parents: 1-255 characters, NFC, no control, format or line-separator character.
bool is_outside_id(std::string_view text) {
    if (text.empty() || !core::is_utf8(text)) return false;
    return core::code_points(text) <= max_segment_characters && core::is_nfc(text) && !core::has_control_or_format(text);
}

/// Clause 2: a segment of a canonical path.
bool is_canonical_segment(std::string_view segment) {
    if (!is_outside_id(segment)) return false;
    if (segment == "." || segment == ".." || core::has_blank_end(segment)) return false;
    return segment.find_first_of("%;*?#\\") == std::string_view::npos;
}

/// Clause 2: the path's segments; one trailing `/` means nothing.
std::vector<std::string> path_segments(std::string_view path) {
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path.starts_with('/')) path.remove_prefix(1);
    return split(path, '/');
}

/// Clause 2: absolute and canonical.
bool is_canonical_path(std::string_view path) {
    if (!path.starts_with('/') || path == "/") return false;
    const auto segments = path_segments(path);
    return segments.size() <= max_question_segments && std::ranges::all_of(segments, is_canonical_segment);
}

/// The part of the form that concerns the resource: type, then id and path and their exclusions, then parent.
std::optional<QuestionError> resource_form_fault(const ResourceReference& resource) {
    if (!is_type_name(resource.type)) return malformed("/resource/type", "format", "The type is not [a-z][a-z0-9_]{0,99}.");
    if (resource.id && !is_outside_id(*resource.id)) return malformed("/resource/id", "format", "The id is malformed.");
    if (resource.path && !is_canonical_path(*resource.path))
        return malformed("/resource/path", "format", "The path is not canonical.");
    if (resource.id && resource.path) return malformed("/resource/path", "exclusive", "Give id or path, not both.");
    if (resource.path && resource.parent) return malformed("/resource/parent", "exclusive", "A path excludes a parent.");
    if (resource.parent && !is_outside_id(*resource.parent))
        return malformed("/resource/parent", "format", "The parent is malformed.");
    return std::nullopt;
}

/// Clause 2: walks a path from the root.
std::expected<AskedResource, QuestionError> walk(const TenantPolicy& policy, const ResourceReference& reference) {
    AskedResource asked{.type = reference.type};
    const auto segments = path_segments(*reference.path);
    const Resource* node = nullptr;
    bool registered = true;
    for (std::size_t index = 0; index < segments.size(); ++index) {
        const bool last = index + 1 == segments.size();
        auto fitting = registered ? children_fitting(policy, node, segments[index]) : std::vector<const Resource*>{};
        if (fitting.empty()) {
            registered = false;
            asked.chain.push_back({.text = segments[index], .type = last ? reference.type : ""});
            continue;
        }
        if (last) std::erase_if(fitting, [&](const Resource* child) { return child->type != reference.type; });
        if (fitting.empty())
            return std::unexpected(malformed("/resource/path", "reference", "The path ends at a resource of another type."));
        if (fitting.size() > 1)
            return std::unexpected(malformed("/resource/path", "reference", "A code of the path fits two children."));
        node = fitting.front();
        asked.chain.push_back({.resource = node, .type = node->type});
    }
    if (registered) asked.registered = node;
    return asked;
}

/// Clause 3: a parent is a UUID of a registered resource, else a code over all types.
std::expected<const Resource*, QuestionError> find_parent(const TenantPolicy& policy, const std::string& text) {
    if (const auto id = ResourceId::parse(text)) {
        if (const Resource* resource = find_resource(policy, *id)) return resource;
    }
    std::vector<const Resource*> bearers;
    for (const Resource& resource : policy.resources) {
        if (resource.code == text) bearers.push_back(&resource);
    }
    if (bearers.empty()) return std::unexpected(not_found("/resource/parent", "No registered resource is this parent."));
    if (bearers.size() > 1)
        return std::unexpected(malformed("/resource/parent", "reference", "Several resources bear this code."));
    return bearers.front();
}

/// Clauses 3 and 4: something unregistered below a parent is one more segment that only wildcards match.
std::vector<Step> chain_below(const TenantPolicy& policy, const Resource& parent, const std::string& type) {
    auto chain = chain_to(policy, parent);
    chain.push_back({.type = type, .wildcards_only = true});
    return chain;
}

/// Clause 1: registered by UUID, else by type and code; null pointer for an outside instance.
std::expected<const Resource*, QuestionError> find_asked(const TenantPolicy& policy, const ResourceReference& reference) {
    if (const auto id = ResourceId::parse(*reference.id)) {
        const Resource* resource = find_resource(policy, *id);
        if (resource != nullptr && resource->type != reference.type) {
            return std::unexpected(malformed("/resource/id", "reference", "The resource with this id is of another type."));
        }
        if (resource != nullptr) return resource;
    }
    return find_by_code(policy, reference.type, *reference.id);
}

}  // namespace

bool is_action_name(std::string_view text) { return is_name(text, "_.:-", 64); }

bool is_type_name(std::string_view text) { return is_name(text, "_", 100); }

std::optional<QuestionError> form_fault(const Question& question) {
    const std::string& subject = question.subject.text;
    if (subject.empty() || subject.size() > max_subject_bytes || !core::is_utf8(subject)) {
        return malformed("/user_id", "format", "The subject's id is not 1-255 bytes of UTF-8.");
    }
    if (!is_action_name(question.action)) return malformed("/action", "format", "The action is not [a-z][a-z0-9_.:-]{0,63}.");
    if (auto fault = resource_form_fault(question.resource)) return fault;
    if (const json::Value* time = question.context.find("time")) {
        if (time->text() == nullptr || !Instant::parse(*time->text())) {
            return malformed("/context/time", "format", "The time is not an RFC 3339 date-time.");
        }
    }
    return std::nullopt;
}

const Resource* find_resource(const TenantPolicy& policy, const ResourceId& id) {
    for (const Resource& resource : policy.resources) {
        if (resource.id == id) return &resource;
    }
    return nullptr;
}

const Resource* find_by_code(const TenantPolicy& policy, std::string_view type, std::string_view code) {
    for (const Resource& resource : policy.resources) {
        if (resource.type == type && resource.code == code) return &resource;
    }
    return nullptr;
}

std::vector<const Resource*> children_fitting(const TenantPolicy& policy, const Resource* parent, std::string_view segment) {
    const auto id = ResourceId::parse(segment);
    std::vector<const Resource*> by_code;
    for (const Resource& resource : policy.resources) {
        const bool child = parent == nullptr ? !resource.parent : resource.parent == parent->id;
        if (!child) continue;
        if (id && resource.id == *id) return {&resource};
        if (resource.code == segment) by_code.push_back(&resource);
    }
    return by_code;
}

std::vector<Step> chain_to(const TenantPolicy& policy, const Resource& resource) {
    std::vector<Step> chain;
    const Resource* node = &resource;
    // Cycles cannot be written; the bound keeps the walk finite should one be met.
    while (node != nullptr && chain.size() <= policy.resources.size()) {
        chain.insert(chain.begin(), {.resource = node, .type = node->type});
        node = node->parent ? find_resource(policy, *node->parent) : nullptr;
    }
    return chain;
}

std::expected<AskedResource, QuestionError> resolve_resource(const TenantPolicy& policy, const ResourceReference& reference) {
    if (reference.path) return walk(policy, reference);

    AskedResource asked{.type = reference.type};
    if (reference.id) {
        const auto found = find_asked(policy, reference);
        if (!found) return std::unexpected(found.error());
        asked.registered = *found;
    }
    const Resource* parent = nullptr;
    if (reference.parent) {
        const auto found = find_parent(policy, *reference.parent);
        if (!found) return std::unexpected(found.error());
        parent = *found;
    }
    if (asked.registered != nullptr) {
        if (parent != nullptr && asked.registered->parent != parent->id) {
            return std::unexpected(malformed("/resource/parent", "reference", "This is not the resource's own parent."));
        }
        asked.chain = chain_to(policy, *asked.registered);
        return asked;
    }
    asked.outside_id = reference.id;
    if (parent != nullptr) asked.chain = chain_below(policy, *parent, reference.type);
    return asked;
}

}  // namespace sentinel::engine::reference
