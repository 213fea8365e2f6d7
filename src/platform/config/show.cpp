#include "platform/config/show.hpp"

#include <fmt/format.h>

#include <iterator>

#include "core/json.hpp"

namespace sentinel::config {

namespace {

/// Wraps a default into what TOML needs around it.
std::string toml_value(const Setting& setting) {
    switch (setting.type) {
        // Where the default is worked out, the private database's.
        case SettingType::boolean: return std::string(setting.standard.empty() ? "true" : setting.standard);
        case SettingType::integer:
        case SettingType::number: return std::string(setting.standard);
        default: return fmt::format("\"{}\"", setting.standard);
    }
}

std::string remarks(const Setting& setting) {
    std::string text;
    const auto add = [&](std::string_view remark) { text += fmt::format("{}{}", text.empty() ? " (" : "; ", remark); };
    if (setting.type == SettingType::integer) {
        add(setting.maximum >= 1e12 ? fmt::format("from {:.0f}", setting.minimum)
                                    : fmt::format("{:.0f} to {:.0f}", setting.minimum, setting.maximum));
    }
    if (setting.type == SettingType::number) add(fmt::format("{} to {}", setting.minimum, setting.maximum));
    if (!setting.unit.empty()) add(setting.unit);
    if (setting.type == SettingType::choice || setting.type == SettingType::choices)
        add(fmt::format("{}", fmt::join(setting.allowed, ", ")));
    if (!setting.worked_out.empty()) add(fmt::format("default: {}", setting.worked_out));
    if (setting.secret) add(fmt::format("secret; better {}_file with the name of a file", setting.key()));
    return text.empty() ? text : text + ")";
}

}  // namespace

std::string to_text(const Loaded& loaded) {
    std::string out;
    for (const auto& value : loaded.values) {
        if (!value.setting->group.empty())
            fmt::format_to(std::back_inserter(out), "{}# {}\n", out.empty() ? "" : "\n", value.setting->group);
        fmt::format_to(std::back_inserter(out), "{} = {}  [{}{}{}]\n", value.setting->name, value.text, text_of(value.source),
                       value.origin.empty() ? "" : ": ", value.origin);
    }
    for (const auto& warning : loaded.warnings) fmt::format_to(std::back_inserter(out), "\nwarning: {}", warning);
    if (!loaded.warnings.empty()) out += '\n';
    return out;
}

std::string to_json(const Loaded& loaded) {
    core::json::Array settings;
    for (const auto& value : loaded.values) {
        settings.emplace_back(
            core::json::Object{{"name", value.setting->name},
                               {"value", value.text},
                               {"source", text_of(value.source)},
                               {"origin", value.origin.empty() ? core::json::Value() : core::json::Value(value.origin)},
                               {"secret", value.setting->secret}});
    }
    core::json::Array warnings(loaded.warnings.begin(), loaded.warnings.end());
    return core::json::to_text(core::json::Object{{"settings", std::move(settings)}, {"warnings", std::move(warnings)}}) + "\n";
}

std::string example_file() {
    std::string out =
        "# Settings of Sentinel. Copy to sentinel.toml and remove the # of what you change.\n"
        "# The environment (SENTINEL_<NAME>) and flags (--name) win over this file. `sentinel config` shows what is in force and "
        "why.\n"
        "# Written by `sentinel config --example`.\n";
    for (const Setting& setting : all_settings()) {
        if (!setting.group.empty()) fmt::format_to(std::back_inserter(out), "\n# --- {} ---\n", setting.group);
        fmt::format_to(std::back_inserter(out), "\n# {}{}\n#{} = {}\n", setting.help, remarks(setting), setting.key(),
                       toml_value(setting));
    }
    return out;
}

}  // namespace sentinel::config
