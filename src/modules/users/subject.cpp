#include "modules/users/subject.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/text.hpp"
#include "platform/postgres/types.hpp"

namespace sentinel::users {

namespace json = core::json;

namespace {

constexpr std::size_t longest_email = 254;
constexpr std::string_view table = "users";

bool has_two_parts(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos) return false;
    const std::string_view domain = text.substr(at + 1);
    if (domain.empty() || domain.starts_with('.') || domain.ends_with('.') || domain.contains("..")) return false;
    return text.find_first_of(" \t\r\n,;<>\"\\") == std::string_view::npos;
}

bool has_blank(std::string_view text) {
    // Each blank is the end of some part of the text.
    for (std::size_t end = 1; end <= text.size(); ++end) {
        const bool is_boundary = end == text.size() || (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (is_boundary && core::has_blank_end(text.substr(0, end))) return true;
    }
    return false;
}

std::string opened(std::expected<std::string, crypto::OpenFault> text, std::string_view column, core::UserId id) {
    if (text) return std::move(*text);
    // For the log; the client sees a 500.
    throw std::runtime_error(std::string("users.").append(column).append(" of ").append(id.text()).append(" does not open"));
}

}  // namespace

bool is_email(std::string_view text) {
    if (core::code_points(text) > longest_email || core::has_control_or_format(text) || has_blank(text)) return false;
    const std::string folded = core::compatibility_folded(text);
    return has_two_parts(text) && has_two_parts(folded) && core::code_points(folded) <= longest_email && !has_blank(folded);
}

std::string folded_email(std::string_view email) { return core::compatibility_folded(email); }

std::string lower_ascii(std::string text) {
    std::ranges::transform(text, text.begin(), core::to_lower_ascii);
    return text;
}

crypto::Digest email_index(const crypto::KeyRing& keys, std::string_view email) {
    return keys.index("users.email", folded_email(email));
}

std::string seal_email(const crypto::KeyRing& keys, core::UserId id, std::string_view email) {
    return keys.seal({table, "email_encrypted", id.value}, email);
}

std::optional<std::string> seal_attributes(const crypto::KeyRing& keys, core::UserId id, const json::Object& attributes) {
    if (attributes.empty()) return std::nullopt;
    return keys.seal({table, "attributes_encrypted", id.value}, json::to_text(attributes));
}

std::string open_email(const crypto::KeyRing& keys, core::UserId id, std::string_view sealed) {
    return opened(keys.open({table, "email_encrypted", id.value}, sealed), "email_encrypted", id);
}

json::Object open_attributes(const crypto::KeyRing& keys, core::UserId id, std::string_view sealed) {
    const std::string text = opened(keys.open({table, "attributes_encrypted", id.value}, sealed), "attributes_encrypted", id);
    auto value = json::parse(text);
    if (!value || value->object() == nullptr) {
        throw std::runtime_error(std::string("users.attributes_encrypted of ").append(id.text()).append(" is no object"));
    }
    return std::move(*value->object());
}

User user_of(const Subject& subject) {
    User user;
    user.id = subject.id;
    user.tenant_id = subject.tenant;
    user.email = subject.email;
    user.username = subject.username;
    user.is_service_account = subject.is_service_account;
    user.status = subject.status;
    user.is_active = subject.is_active;
    user.attributes = subject.attributes;
    user.preferences = subject.preferences;
    user.mfa_enabled = subject.mfa_enabled;
    user.last_login = subject.last_login;
    user.login_count = subject.login_count;
    user.version = subject.version;
    user.created_at = subject.created_at;
    user.updated_at = subject.updated_at;
    return user;
}

}  // namespace sentinel::users
