#pragma once
/// What a setting is: one row of the table from which files, environment, flags, `sentinel config` and the example file follow.

#include <cstdint>
#include <expected>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/config/settings.hpp"

namespace sentinel::config {

enum class SettingType : std::uint8_t {
    text,
    identifier,  ///< a word that stands unquoted in SQL
    boolean,
    integer,
    number,
    choice,
    choices,  ///< list of them
    words,    ///< list of free words
    path,
    url,
    base64_key,  ///< base64 of 32 bytes
    endpoints,
    port_or_endpoint,  ///< a port on loopback, or host:port; 0 = none
    networks,
    origins,
    address,  ///< of mail
};

/// What parsing makes of a text: a truth, a whole number (also: the index of a choice), a number, a text, or a list.
using SettingValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct Setting {
    std::string_view name;  ///< as in the environment, without SENTINEL_
    SettingType type = SettingType::text;
    std::string_view standard;  ///< the default as it would be given; empty = none or worked out
    std::string_view help;
    /// Of a number: its range. Of a text: how many code points.
    double minimum = 0;
    double maximum = std::numeric_limits<double>::infinity();
    std::string_view unit;
    std::span<const std::string_view> allowed;  ///< choices, or the schemes of a URL
    bool secret = false;
    bool prefix_only = false;     ///< read from the environment with SENTINEL_ alone
    std::string_view worked_out;  ///< where the default follows from other settings: how, for people
    std::string_view group;       ///< heading, named by the first of its settings
    void (*store)(Settings& settings, const SettingValue& value) = nullptr;

    /// `database_url`: the key in sentinel.toml.
    std::string key() const;
    /// `--database-url`. REQUIRES: not secret.
    std::string flag() const;
};

/// All settings, in the order of their groups.
std::span<const Setting> all_settings() noexcept;
/// By its name (upper case); null when there is none.
const Setting* find_setting(std::string_view name) noexcept;

/// The value that a text names, or one sentence why it names none. The sentence never holds the value of a secret.
std::expected<SettingValue, std::string> parse_value(const Setting& setting, std::string_view text);

/// A name of older documents that is no setting any more: what to use instead, as a sentence; empty when it never was one.
std::string_view successor_of(std::string_view name) noexcept;

}  // namespace sentinel::config
