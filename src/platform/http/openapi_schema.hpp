#pragma once
/// JSON Schema (2020-12) of described types, as components of an OpenAPI document.

#include <map>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "platform/http/schema.hpp"

namespace sentinel::http {

/// Whether a struct is read or written: what is read may leave members out, what is written has them all.
enum class SchemaUse : std::uint8_t { input, answer };

/// Gathers the components that the document refers to.
class SchemaComponents {
public:
    /// `{"$ref": …}` to the component, which is made at the first call. A struct that is read is called `…Input` where its name
    /// does not end so, because the same struct may be written too.
    core::json::Object reference(const ObjectSchema& schema, SchemaUse use);
    /// The schema of one value.
    core::json::Value value_schema(const ValueType& type, const MemberRule& rule, SchemaUse use);
    /// The schema of a member with its description and default.
    core::json::Value member_schema(const Member& member, SchemaUse use);
    void set(std::string_view name, core::json::Object schema) { components_.set(name, std::move(schema)); }
    core::json::Object take() { return std::move(components_); }

private:
    core::json::Object object_schema(const ObjectSchema& schema, SchemaUse use);

    core::json::Object components_;
    std::map<std::string, const std::type_info*> owners_;
};

}  // namespace sentinel::http
