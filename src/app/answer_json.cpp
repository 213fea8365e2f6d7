#include "app/answer_json.hpp"

#include <array>
#include <utility>

#include "app/json_writer.hpp"

namespace sentinel::app {

namespace {

using engine::Answer;
using engine::CandidateTrace;
using engine::FieldAnswer;
using engine::FieldRights;
using engine::Matched;

/// `null` where a name has nothing to name.
void append_name(std::string& out, std::string_view name, bool present) {
    if (present) {
        append_json(out, name);
    } else {
        out += "null";
    }
}

// Written by hand, not by JsonWriter: a batch spends a good part of its time here.
void append_matched(std::string& out, const std::optional<Matched>& matched) {
    if (!matched) {
        out += "null";
        return;
    }
    out += R"({"permission_id":)";
    append_json(out, matched->permission);
    out += R"(,"permission_key":)";
    append_name(out, matched->permission_key, !matched->permission_key.empty());
    out += R"(,"role_id":)";
    append_json(out, matched->role);
    out += R"(,"role_name":)";
    append_name(out, matched->role_name, matched->role.has_value());
    out += R"(,"held_as":)";
    append_json(out, matched->held_as);
    out += R"(,"resource_id":)";
    append_json(out, matched->resource);
    out += '}';
}

void append_rights(std::string& out, FieldRights rights) {
    auto list = JsonWriter::array(out);
    if (rights.hidden) list.element("hidden");
    if (rights.read) list.element("read");
    if (rights.write) list.element("write");
    list.close();
}

void append_fields(std::string& out, const FieldAnswer& fields) {
    auto tiers = JsonWriter::object(out);
    for (const auto tier : engine::all_tiers) {
        auto names = JsonWriter::object(tiers.key(engine::tier_text(tier)));
        for (const auto& [name, rights] : fields[static_cast<std::size_t>(tier)]) {
            append_json(names.next(), name);
            out += ':';
            append_rights(out, rights);
        }
        names.close();
    }
    tiers.close();
}

JsonWriter open_decision(std::string& out, const Answer& answer) {
    auto object = JsonWriter::object(out);
    object.member("allowed", answer.allowed);
    return object;
}

void append_answer_members(JsonWriter& object, const Answer& answer) {
    object.member("reason", engine::reason_sentence(answer)).member("reason_code", engine::reason_code_text(answer.reason_code));
    append_matched(object.key("matched"), answer.matched);
    object.member("matched_conditions", answer.matched_conditions);
    append_fields(object.key("field_permissions"), answer.fields);
    object.member("requires_approval", answer.reason_code == engine::ReasonCode::approval_required)
        .member("approval_chain_id", nullptr)
        .member("approval_request_id", nullptr)
        .member("approval_levels", core::json::Value(core::json::Array{}))
        .member("auto_approved", false)
        .member("revision", answer.revision)
        .member("ttl", answer.ttl);
}

void append_leaves(std::string& out, const std::vector<engine::LeafTrace>& leaves) {
    auto list = JsonWriter::array(out);
    for (const auto& leaf : leaves) {
        auto object = JsonWriter::object(list.next());
        object.member("path", leaf.path).member("operator", leaf.operator_name).member("expected", leaf.expected);
        // A missing attribute has no `actual`; null is a value of its own.
        if (leaf.actual) object.member("actual", *leaf.actual);
        object.member("truth", engine::truth_text(leaf.truth)).close();
    }
    list.close();
}

void append_candidate(std::string& out, const CandidateTrace& candidate, std::size_t position) {
    auto object = JsonWriter::object(out);
    object.member("position", position)
        .member("permission_id", candidate.permission)
        .member("permission_key", candidate.permission_key)
        .member("grant_id", candidate.grant);
    if (candidate.role) {
        auto role = JsonWriter::object(object.key("role"));
        role.member("id", *candidate.role).member("name", candidate.role_name).close();
    } else {
        object.member("role", nullptr);
    }
    object.member("held_as", candidate.held_as)
        .member("priority", candidate.priority)
        .member("effect", candidate.effect == engine::Effect::allow ? "allow" : "deny")
        .member("enforced", candidate.enforced)
        .member("applies", candidate.applies)
        .member("because", engine::because_text(candidate.because))
        .member("truth", engine::truth_text(candidate.conditions));
    append_leaves(object.key("conditions"), candidate.leaves);
    object.close();
}

void append_roles(std::string& out, const std::vector<engine::EffectiveRole>& roles) {
    auto list = JsonWriter::array(out);
    for (const auto& role : roles) {
        auto object = JsonWriter::object(list.next());
        object.member("id", role.id)
            .member("tenant_id", role.tenant)
            .member("name", role.name)
            .member("priority", role.priority)
            .member("held_as", role.held_as)
            .close();
    }
    list.close();
}

void append_explanation(std::string& out, const engine::Explanation& explanation) {
    auto object = JsonWriter::object(out);
    append_roles(object.key("effective_roles"), explanation.effective_roles);
    auto candidates = JsonWriter::array(object.key("candidates"));
    std::size_t position = 0;
    const CandidateTrace* decider = nullptr;
    for (const auto& candidate : explanation.candidates) {
        append_candidate(candidates.next(), candidate, ++position);
        if (candidate.because == engine::Because::decides) decider = &candidate;
    }
    candidates.close();
    append_leaves(object.key("conditions"), decider == nullptr ? std::vector<engine::LeafTrace>{} : decider->leaves);
    object.close();
}

}  // namespace

void append_uuid(std::string& out, const core::Uuid& uuid) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 38> text{};
    std::size_t at = 0;
    text[at++] = '"';
    for (std::size_t index = 0; index < uuid.bytes.size(); ++index) {
        if (index == 4 || index == 6 || index == 8 || index == 10) text[at++] = '-';
        text[at++] = digits[uuid.bytes[index] >> 4];
        text[at++] = digits[uuid.bytes[index] & 15];
    }
    text[at++] = '"';
    out.append(text.data(), at);
}

void append_decision(std::string& out, const Answer& answer) {
    out += answer.allowed ? R"({"allowed":true,"reason_code":")" : R"({"allowed":false,"reason_code":")";
    out += engine::reason_code_text(answer.reason_code);
    out += R"(","matched":)";
    append_matched(out, answer.matched);
    out += '}';
}

void append_answer(std::string& out, const Answer& answer) {
    auto object = open_decision(out, answer);
    append_answer_members(object, answer);
    object.close();
}

void append_explained(std::string& out, const engine::ExplainedAnswer& explained) {
    auto object = open_decision(out, explained.answer);
    append_answer_members(object, explained.answer);
    append_explanation(object.key("explanation"), explained.explanation);
    object.close();
}

void append_error(std::string& out, const engine::QuestionError& error) {
    auto object = JsonWriter::object(out);
    auto inner = JsonWriter::object(object.key("error"));
    inner.member("kind", core::error_text(error.kind))
        .member("code", error.fault.code)
        .member("pointer", error.fault.pointer)
        .member("message", error.fault.message)
        .close();
    object.close();
}

}  // namespace sentinel::app
