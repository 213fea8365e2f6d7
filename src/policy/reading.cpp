#include "policy/reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/ids.hpp"

namespace sentinel::policy {

std::string Place::pointer() const {
    if (parent_ == nullptr) return {};
    return index_ ? core::pointer_to(parent_->pointer(), *index_) : core::pointer_to(parent_->pointer(), member_);
}

void Reading::wrong_type(const Place& place, const Node& node, std::string_view wanted) {
    std::string message = fmt::format("{} is expected here, not {}", wanted, node.kind_text());
    if (wanted == "a text" && (node.number() != nullptr || node.boolean() != nullptr)) message += "; put it in quotes";
    fault(place, node, "type", std::move(message));
}

Members::Members(Reading& reading, const Node& node, const Place& place) : reading_(&reading), node_(&node), place_(&place) {
    if (is_map())
        asked_.resize(node.map()->size());
    else
        reading.wrong_type(place, node, "a map");
}

Members::~Members() {
    for (std::size_t i = 0; i < asked_.size(); ++i) {
        const Node::Member& member = (*node_->map())[i];
        if (!asked_[i])
            reading_->fault(Place(*place_, member.name), member.line, "unknown_member",
                            fmt::format("{} is no member here", quoted(member.name)));
    }
}

const Node* Members::get(std::string_view name) {
    const Node::Member* member = node_->find(name);
    if (member == nullptr) return nullptr;
    asked_[static_cast<std::size_t>(member - node_->map()->data())] = true;
    return &member->value;
}

const Node* Members::require(std::string_view name) {
    const Node* node = get(name);
    if (node == nullptr && is_map()) fault(name, "required", fmt::format("\"{}\" is missing", name));
    return node;
}

const Node* Members::get_offline(std::string_view name) {
    const Node* node = get(name);
    if (node != nullptr && !reading_->offline)
        fault(name, "offline_only", fmt::format("\"{}\" is read offline only, not by the server", name));
    return node;
}

void Members::fault(std::string_view name, std::string_view code, std::string message) {
    const Node::Member* member = node_->find(name);
    reading_->fault(Place(*place_, name), member == nullptr ? line() : member->line, code, std::move(message));
}

std::optional<std::string> Members::text(std::string_view name) {
    const Node* node = get(name);
    if (node == nullptr) return std::nullopt;
    if (node->text() != nullptr) return *node->text();
    reading_->wrong_type(Place(*place_, name), *node, "a text");
    return std::nullopt;
}

std::string Members::required_text(std::string_view name) {
    return require(name) == nullptr ? std::string() : text(name).value_or("");
}

bool Members::flag(std::string_view name, bool otherwise) {
    const Node* node = get(name);
    if (node == nullptr) return otherwise;
    if (node->boolean() != nullptr) return *node->boolean();
    reading_->wrong_type(Place(*place_, name), *node, "true or false");
    return otherwise;
}

json::Object Members::object(std::string_view name) {
    const Node* node = get(name);
    if (node == nullptr) return {};
    json::Value value = node->value();
    if (json::Object* object = value.object()) return std::move(*object);
    reading_->wrong_type(Place(*place_, name), *node, "a map");
    return {};
}

std::optional<Instant> Members::instant(std::string_view name) {
    const Node* node = get(name);
    return node == nullptr ? std::nullopt : read_instant(*reading_, *node, Place(*place_, name));
}

std::optional<int> Members::integer(std::string_view name, int lowest, int highest) {
    const Node* node = get(name);
    if (node == nullptr) return std::nullopt;
    const double* number = node->number();
    const Place place(*place_, name);
    if (number == nullptr || std::trunc(*number) != *number) {
        reading_->wrong_type(place, *node, "an integer");
    } else if (*number < lowest || *number > highest) {
        reading_->fault(place, *node, "range", fmt::format("{} is not from {} to {}", *number, lowest, highest));
    } else {
        return static_cast<int>(*number);
    }
    return std::nullopt;
}

std::vector<std::string> Members::texts(std::string_view name) {
    const Node* node = get(name);
    return node == nullptr ? std::vector<std::string>() : read_texts(*reading_, *node, Place(*place_, name));
}

std::size_t Members::word(std::string_view name, std::initializer_list<std::string_view> words, std::size_t otherwise) {
    const auto written = text(name);
    if (!written) return otherwise;
    const auto found = std::ranges::find(words, std::string_view(*written));
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    fault(name, "format", fmt::format("{} is none of {}", quoted(*written), fmt::join(words, ", ")));
    return otherwise;
}

// ---- values ------------------------------------------------------------------------------------------------------

std::vector<std::string> read_texts(Reading& reading, const Node& node, const Place& place) {
    std::vector<std::string> texts;
    if (node.list() == nullptr) {
        reading.wrong_type(place, node, "a list");
        return texts;
    }
    for (std::size_t i = 0; i < node.list()->size(); ++i) {
        const Node& item = (*node.list())[i];
        if (item.text() != nullptr)
            texts.push_back(*item.text());
        else
            reading.wrong_type(Place(place, i), item, "a text");
    }
    return texts;
}

std::optional<Instant> read_instant(Reading& reading, const Node& node, const Place& place) {
    if (node.text() == nullptr) {
        reading.wrong_type(place, node, "a text");
        return std::nullopt;
    }
    auto instant = Instant::parse(*node.text());
    if (!instant) reading.fault(place, node, "format", fmt::format("{} is no RFC 3339 date-time", quoted(*node.text())));
    return instant;
}

engine::FieldRights read_rights(Reading& reading, const Node& node, const Place& place) {
    engine::FieldRights rights;
    for (const std::string& right : read_texts(reading, node, place)) {
        if (right == "read")
            rights.read = true;
        else if (right == "write")
            rights.read = rights.write = true;
        else if (right == "hidden")
            rights.hidden = true;
        else
            reading.fault(place, node, "format", fmt::format("{} is none of read, write, hidden", quoted(right)));
    }
    if (rights.hidden && rights.read) reading.fault(place, node, "format", "\"hidden\" stands alone");
    if (node.list() != nullptr && node.list()->empty()) reading.fault(place, node, "format", "at least one right is needed");
    return rights;
}

namespace {

Assignment read_assignment(Reading& reading, const Node& node, const Place& place) {
    if (node.text() != nullptr) return {.name = *node.text(), .validity = {}};
    if (node.map() == nullptr) {
        reading.wrong_type(place, node, "a name or a map");
        return {};
    }
    Members members(reading, node, place);
    Assignment assignment;
    assignment.name = members.required_text("name");
    assignment.validity.active = members.flag("is_active", true);
    assignment.validity.starts_at = members.instant("starts_at");
    assignment.validity.expires_at = members.instant("expires_at");
    return assignment;
}

bool is_lower_or_digit(char letter) noexcept { return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9'); }
bool is_letter(char letter) noexcept { return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'); }

/// Whether the text has 1 to `longest` letters, the first one of which is `first` and every one `any` or in `others`.
template <class First, class Any>
bool has_form(std::string_view text, std::size_t longest, First first, Any any, std::string_view others) {
    return !text.empty() && text.size() <= longest && first(text.front()) &&
           std::ranges::all_of(text, [&](char letter) { return any(letter) || others.find(letter) != std::string_view::npos; });
}

bool is_letter_or_digit(char letter) noexcept { return is_letter(letter) || is_lower_or_digit(letter); }

}  // namespace

std::vector<Assignment> read_assignments(Reading& reading, const Node& node, const Place& place) {
    std::vector<Assignment> assignments;
    if (node.list() == nullptr) {
        reading.wrong_type(place, node, "a list");
        return assignments;
    }
    for (std::size_t i = 0; i < node.list()->size(); ++i) {
        assignments.push_back(read_assignment(reading, (*node.list())[i], Place(place, i)));
    }
    std::ranges::sort(assignments, {}, [](const Assignment& assignment) {
        const engine::Validity& validity = assignment.validity;
        return std::tuple(std::string_view(assignment.name), validity.starts_at, validity.expires_at, validity.active);
    });
    const auto repeated = std::ranges::adjacent_find(assignments, [](const Assignment& left, const Assignment& right) {
        return left == right && !left.name.empty();  // without a name it is faulty anyway
    });
    if (repeated != assignments.end())
        reading.fault(place, node, "duplicate", fmt::format("{} is listed twice", quoted(repeated->name)));
    return assignments;
}

bool is_permission_key(std::string_view text) { return has_form(text, 128, is_lower_or_digit, is_lower_or_digit, "._:/-"); }
bool is_role_or_group_name(std::string_view text) { return has_form(text, 100, is_lower_or_digit, is_lower_or_digit, "._-"); }
bool is_type_name(std::string_view text) {
    return has_form(text, 100, [](char letter) { return letter >= 'a' && letter <= 'z'; }, is_lower_or_digit, "_");
}
bool is_resource_code(std::string_view text) {
    return has_form(text, 100, is_letter_or_digit, is_letter_or_digit, "._-") && !core::Uuid::parse(text);
}
bool is_field_name(std::string_view text) { return has_form(text, 100, is_letter, is_letter_or_digit, "_-"); }

}  // namespace sentinel::policy
