#pragma once
/// From what a client sent to described structs, with every broken rule noted and none passed over.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "platform/http/schema.hpp"
#include "platform/service/error.hpp"

namespace sentinel::http {

/// A body: JSON by the limits of spec 00 section 9. Throws MALFORMED_REQUEST with `offset` and `reason`.
core::json::Value parse_body(std::string_view text);

/// Reads a body that must be an object. `needs_member`: a PATCH that says nothing is refused.
void read_body(const ObjectSchema& schema, core::json::Value& source, void* object, bool needs_member,
               std::vector<platform::InputFault>& faults);

/// Reads `name=value&…`, of a query or of a form (where `+` is a blank in both). A parameter that takes a list may be repeated or
/// hold commas; any other stands at most once.
void read_parameters(const ObjectSchema& schema, std::string_view text, platform::InputPlace place, void* object,
                     std::vector<platform::InputFault>& faults);
/// Refuses every parameter: for routes that take none.
void refuse_parameters(std::string_view text, std::vector<platform::InputFault>& faults);

/// Reads one path parameter.
void read_path_parameter(const ValueType& type, const MemberRule& rule, std::string_view name, std::string_view text,
                         void* target, std::vector<platform::InputFault>& faults);

}  // namespace sentinel::http
