#pragma once
/// What follows from several settings together: defaults that depend on others, and what does not go together.

#include <functional>
#include <string_view>
#include <vector>

#include "platform/config/load.hpp"

namespace sentinel::config {

/// Sets what was not given and follows from other settings (LISTEN, PUBLIC_URL, JWT_ISSUER …). `assign` puts a text into a setting
/// as if it had been given.
void work_out_defaults(const Settings& settings, const std::function<bool(std::string_view name)>& is_given,
                       const std::function<void(std::string_view name, std::string text)>& assign);

/// Everything that must not be together, and in production what is weak or well known. No message holds a secret.
std::vector<ConfigFault> check_together(const Settings& settings, const std::function<bool(std::string_view name)>& is_given);

/// Well-known or so simple that it is guessed first.
bool is_weak_password(std::string_view password);
/// A master key (base64) that is no random one: a repeated or counting pattern, or readable text.
bool is_weak_key(std::string_view base64);

}  // namespace sentinel::config
