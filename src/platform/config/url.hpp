#pragma once
/// The URLs among the settings: enough of them to refuse what cannot work, before anything is connected to.

#include <string>
#include <string_view>

#include "platform/config/setting.hpp"

namespace sentinel::config {

/// The parts of `scheme://user:password@host:port/path`. A part that is not there is empty.
struct UrlParts {
    std::string_view scheme;
    std::string_view user;
    std::string_view password;
    std::string_view host;  ///< with its port
    std::string_view rest;  ///< from the slash, question mark or hash that ends the host
};
UrlParts split_url(std::string_view url) noexcept;

/// Why the text is no URL as the setting wants it; empty when it is. Never holds any part of it.
std::string url_fault(const Setting& setting, std::string_view text);
/// `scheme://host` or `scheme://host:port`, http or https, as browsers send it.
bool is_origin(std::string_view text) noexcept;

}  // namespace sentinel::config
