#include "modules/users/passwords.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "modules/tenants/repository.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

namespace json = core::json;
using boost::asio::awaitable;

namespace {

/// The documents of the chain, root first. Rows of ancestors are seen only as that ancestor.
awaitable<std::vector<json::Object>> security_settings_of_chain(postgres::Transaction& transaction) {
    const core::TenantId tenant = transaction.tenant();
    const auto place = co_await tenants::repository::find_place(transaction, tenant);
    if (!place) throw platform::not_found("tenant");
    std::vector<core::TenantId> way = place->ancestors;
    way.push_back(tenant);
    std::vector<json::Object> documents;
    for (const core::TenantId step_tenant : way) {
        if (transaction.tenant() != step_tenant) co_await transaction.switch_tenant(step_tenant);
        auto step = co_await tenants::repository::find_step(transaction, step_tenant);
        if (step) documents.push_back(std::move(step->security_settings));
    }
    co_return documents;
}

std::int64_t number_in(const json::Object& settings, std::string_view name, std::int64_t otherwise) {
    const json::Value* value = settings.find(name);
    return value == nullptr || value->number() == nullptr ? otherwise : static_cast<std::int64_t>(*value->number());
}

std::vector<std::vector<std::string>> lists_in(const json::Object& settings, std::string_view name) {
    std::vector<std::vector<std::string>> lists;
    const json::Value* value = settings.find(name);
    if (value == nullptr || value->array() == nullptr) return lists;
    for (const json::Value& item : *value->array()) {
        if (item.array() == nullptr) continue;
        std::vector<std::string>& list = lists.emplace_back();
        for (const json::Value& text : *item.array()) {
            if (text.text() != nullptr) list.push_back(core::compatibility_folded(*text.text()));
        }
    }
    return lists;
}

}  // namespace

awaitable<CredentialRules> read_credential_rules(postgres::Transaction& transaction, const UserOptions& options) {
    const std::vector<json::Object> chain = co_await security_settings_of_chain(transaction);
    const json::Object effective = tenants::effective_security_settings(chain, options.defaults);
    CredentialRules rules;
    rules.password = options.password_rules;
    const auto own_length = static_cast<std::size_t>(number_in(effective, "password_min_length", 0));
    rules.password.min_length = std::max(rules.password.min_length, own_length);
    rules.password_history = number_in(effective, "password_history", rules.password_history);
    rules.max_login_attempts = number_in(effective, "max_login_attempts", rules.max_login_attempts);
    rules.lockout = std::chrono::minutes(number_in(effective, "lockout_duration_minutes", rules.lockout.count()));
    rules.email_domains = lists_in(effective, "allowed_email_domains");
    co_return rules;
}

awaitable<void> check_password(const UserParts& parts, const CredentialRules& rules, const Subject& subject,
                               const platform::Secret& password, const std::vector<std::string>& former,
                               std::string_view pointer) {
    std::vector<crypto::PasswordFault> broken =
        crypto::password_faults(password, rules.password, subject.username.value_or(""), subject.email);
    // Hashing is dear: only a password that may be is compared with those of before.
    for (std::size_t index = 0; broken.empty() && index < former.size(); ++index) {
        const bool is_same = co_await parts.password_hasher->verify(password, former[index]);
        if (is_same) broken.push_back(crypto::PasswordFault::used_before);
    }
    if (broken.empty()) co_return;
    std::vector<platform::InputFault> faults;
    for (const crypto::PasswordFault fault : broken) faults.push_back(crypto::to_input_fault(fault, rules.password, pointer));
    throw platform::validation_failed(std::move(faults));
}

void check_email_domain(const CredentialRules& rules, std::string_view email) {
    const std::string folded = folded_email(email);
    const std::string domain = folded.substr(folded.find('@') + 1);
    for (const std::vector<std::string>& allowed : rules.email_domains) {
        if (std::ranges::find(allowed, domain) != allowed.end()) continue;
        throw platform::validation_failed("/email", platform::Rule::enumeration, "The tenant does not let this domain in.");
    }
}

}  // namespace sentinel::users
