#include "app/question_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "app/json_writer.hpp"
#include "app/question_scan.hpp"

namespace sentinel::app {

namespace {

namespace json = core::json;
using engine::Question;
using engine::QuestionError;

constexpr std::array<std::string_view, 4> question_members{"user_id", "action", "resource", "context"};
constexpr std::array<std::string_view, 5> resource_members{"type", "id", "path", "parent", "attributes"};

QuestionError fault(std::string pointer, std::string code, std::string message) {
    return {core::ErrorKind::validation_failed, {std::move(pointer), std::move(code), std::move(message)}};
}

/// Reads the members of one object and keeps the first fault.
class ObjectReader {
public:
    ObjectReader(const json::Value& value, std::string pointer, std::string_view what, std::span<const std::string_view> known)
        : object_(value.object()), pointer_(std::move(pointer)) {
        if (object_ == nullptr) {
            fail("", "type", fmt::format("{} must be an object", what));
            return;
        }
        for (const auto& member : *object_) {
            if (std::ranges::find(known, member.name) != known.end()) continue;
            fail(member.name, "unknown_member",
                 fmt::format("{} has no member {}; it has {}", what, json::to_text(json::Value(member.name)),
                             fmt::join(known, ", ")));
        }
    }

    const json::Value* find(std::string_view name) const { return object_ == nullptr ? nullptr : object_->find(name); }

    const json::Value* require(std::string_view name) {
        const json::Value* value = find(name);
        if (value == nullptr) fail(name, "required", fmt::format("{} is missing", name));
        return value;
    }

    std::string text(std::string_view name) {
        const json::Value* value = require(name);
        return value == nullptr ? std::string{} : as_text(name, *value);
    }

    std::optional<std::string> optional_text(std::string_view name) {
        const json::Value* value = find(name);
        if (value == nullptr) return std::nullopt;
        return as_text(name, *value);
    }

    json::Object optional_object(std::string_view name) {
        const json::Value* value = find(name);
        if (value == nullptr) return {};
        if (value->object() != nullptr) return *value->object();
        fail(name, "type", fmt::format("{} must be an object", name));
        return {};
    }

    const std::optional<QuestionError>& error() const { return error_; }

private:
    std::string as_text(std::string_view name, const json::Value& value) {
        if (value.text() != nullptr) return *value.text();
        fail(name, "type", fmt::format("{} must be a text", name));
        return {};
    }

    void fail(std::string_view name, std::string code, std::string message) {
        if (!error_)
            error_ = fault(name.empty() ? pointer_ : core::pointer_to(pointer_, name), std::move(code), std::move(message));
    }

    const json::Object* object_;
    std::string pointer_;
    std::optional<QuestionError> error_;
};

std::expected<engine::ResourceReference, QuestionError> resource_from_json(const json::Value& value) {
    ObjectReader reader(value, "/resource", "resource", resource_members);
    engine::ResourceReference resource{.type = reader.text("type"),
                                       .id = reader.optional_text("id"),
                                       .path = reader.optional_text("path"),
                                       .parent = reader.optional_text("parent"),
                                       .attributes = reader.optional_object("attributes")};
    if (reader.error()) return std::unexpected(*reader.error());
    return resource;
}

}  // namespace

std::expected<Question, QuestionError> question_from_json(const json::Value& value) {
    ObjectReader reader(value, "", "a question", question_members);
    Question question;
    question.subject.text = reader.text("user_id");
    question.action = reader.text("action");
    const json::Value* resource = reader.require("resource");
    if (reader.error()) return std::unexpected(*reader.error());
    auto reference = resource_from_json(*resource);
    if (!reference) return std::unexpected(std::move(reference.error()));
    question.resource = std::move(*reference);
    question.context = reader.optional_object("context");
    if (reader.error()) return std::unexpected(*reader.error());
    return question;
}

std::expected<void, QuestionError> read_question(std::string_view text, Question& question) {
    if (scan_plain_question(text, question)) return {};
    const auto value = json::parse(text);
    if (!value) {
        return std::unexpected(fault(
            "", "json",
            fmt::format("not JSON: line {}, column {}: {}", value.error().line, value.error().column, value.error().message)));
    }
    auto read = question_from_json(*value);
    if (!read) return std::unexpected(std::move(read.error()));
    question = std::move(*read);
    return {};
}

void append_question(std::string& out, const Question& question) {
    auto object = JsonWriter::object(out);
    object.member("user_id", question.subject.text).member("action", question.action);
    auto resource = JsonWriter::object(object.key("resource"));
    resource.member("type", question.resource.type);
    if (question.resource.id) resource.member("id", *question.resource.id);
    if (question.resource.path) resource.member("path", *question.resource.path);
    if (question.resource.parent) resource.member("parent", *question.resource.parent);
    if (!question.resource.attributes.empty()) resource.member("attributes", question.resource.attributes);
    resource.close();
    if (!question.context.empty()) object.member("context", question.context);
    object.close();
}

}  // namespace sentinel::app
