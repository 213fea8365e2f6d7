#include "app/access_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/console.hpp"
#include "core/text.hpp"
#include "engine/engine.hpp"
#include "engine/question.hpp"
#include "policy/reading.hpp"

namespace sentinel::app {

namespace {

using Number = std::uint32_t;
using NumberSet = std::vector<Number>;

constexpr std::string_view blanks = " \t\r";

/// Numbers texts in the order of their first appearance.
class Numbering {
public:
    std::pair<Number, bool> number(std::string_view text) {
        const auto [found, is_new] = numbers_.try_emplace(std::string(text), static_cast<Number>(texts_.size()));
        if (is_new) texts_.push_back(found->first);
        return {found->second, is_new};
    }
    const std::vector<std::string>& texts() const { return texts_; }

private:
    std::unordered_map<std::string, Number> numbers_;
    std::vector<std::string> texts_;
};

/// The next word of a line, which is taken from it; empty at its end.
std::string_view take_word(std::string_view& line) {
    const std::size_t begin = std::min(line.find_first_not_of(blanks), line.size());
    const std::size_t end = std::min(line.find_first_of(blanks, begin), line.size());
    const std::string_view word = line.substr(begin, end - begin);
    line.remove_prefix(end);
    return word;
}

std::string entitlement_path(std::string_view permission) { return fmt::format("{}/{}", matrix_type, permission); }

/// Why a text cannot be the id of an entitlement; empty when it can.
std::string permission_fault(std::string_view text) {
    // These would be read as a wildcard or as a path, and so reach more than the one entitlement.
    if (text.find_first_of("*/") != std::string_view::npos) return "a permission must not contain * or /";
    engine::Permission permission;
    permission.resource_type = matrix_type;
    permission.resource_path = entitlement_path(text);
    permission.actions = {std::string(matrix_action)};
    const auto faults = engine::validate(permission);
    return faults.empty() ? std::string{} : faults.front().message;
}

std::string user_fault(std::string_view text) {
    if (text.size() > engine::max_subject_bytes) return fmt::format("a user has at most {} bytes", engine::max_subject_bytes);
    if (!core::is_utf8(text)) return "a user must be UTF-8";
    return core::has_control_or_format(text) ? "a user must not contain control or format characters" : "";
}

/// The matrix while it is read.
class Matrix {
public:
    std::expected<void, std::string> add_line(std::string_view line) {
        const std::string_view user = take_word(line);
        if (user.empty()) return {};
        const std::string_view permission = take_word(line);
        if (permission.empty()) return std::unexpected("the permission is missing: a line is `user permission`");
        if (!take_word(line).empty()) return std::unexpected("more than two words: a line is `user permission`");
        return add(user, permission);
    }

    policy::Document document(std::string_view tenant) {
        policy::Document document;
        document.tenant = tenant;
        for (Number number = 0; number < permissions_.texts().size(); ++number) add_permission(document, number);
        for (Number number = 0; number < users_.texts().size(); ++number) add_user(document, number);
        return document;
    }

private:
    std::expected<void, std::string> add(std::string_view user, std::string_view permission) {
        const auto [user_number, new_user] = users_.number(user);
        if (new_user) {
            held_.emplace_back();
            if (auto fault = user_fault(user); !fault.empty())
                return std::unexpected(fmt::format("{}: {}", visible(user), fault));
        }
        const auto [permission_number, new_permission] = permissions_.number(permission);
        if (new_permission) {
            if (auto fault = permission_fault(permission); !fault.empty()) {
                return std::unexpected(fmt::format("{}: {}", visible(permission), fault));
            }
        }
        held_[user_number].push_back(permission_number);
        return {};
    }

    void add_permission(policy::Document& document, Number number) {
        const std::string& text = permissions_.texts()[number];
        std::string key = entitlement_path(text);
        // A key has a stricter form than an id. The two kinds of keys cannot meet: only one has a slash.
        if (!policy::is_permission_key(key)) key = fmt::format("permission-{:05}", number + 1);
        policy::PermissionRow row;
        row.target = {.resource_type = std::string(matrix_type), .resource = {}, .resource_path = entitlement_path(text)};
        row.actions = {std::string(matrix_action)};
        document.permissions.emplace(key, std::move(row));
        keys_.push_back(std::move(key));
    }

    void add_user(policy::Document& document, Number number) {
        NumberSet& set = held_[number];
        std::ranges::sort(set);
        const auto repeated = std::ranges::unique(set);
        set.erase(repeated.begin(), repeated.end());
        const auto [found, is_new] = roles_.try_emplace(set, fmt::format("role-{:05}", roles_.size() + 1));
        if (is_new) document.roles.emplace(found->second, role(set));
        policy::UserRow user;
        user.roles.push_back({found->second, {}});
        document.users.emplace(users_.texts()[number], std::move(user));
    }

    policy::RoleRow role(const NumberSet& set) const {
        policy::RoleRow row;
        for (const Number number : set) row.permissions.push_back(keys_[number]);
        std::ranges::sort(row.permissions);
        return row;
    }

    Numbering users_;
    Numbering permissions_;
    std::vector<NumberSet> held_;
    std::vector<std::string> keys_;
    std::map<NumberSet, std::string> roles_;
};

}  // namespace

std::expected<policy::Document, MatrixFault> read_access_matrix(std::string_view text, std::string_view tenant) {
    if (text.starts_with("\xEF\xBB\xBF")) return std::unexpected(MatrixFault{1, "begins with a byte order mark"});
    Matrix matrix;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (auto added = matrix.add_line(text.substr(0, end)); !added) return std::unexpected(MatrixFault{line, added.error()});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return matrix.document(tenant);
}

}  // namespace sentinel::app
