/// `sentinel config`: the settings in force, and where each comes from.

#include "app/serve/config_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/file.hpp"
#include "platform/config/show.hpp"

namespace sentinel::app {

namespace {

struct ConfigOptions {
    SettingFlags flags;
    bool json = false;
    bool example = false;
};

void add_setting_flag(CLI::App& command, SettingFlags& flags, const config::Setting& setting) {
    const bool is_boolean = setting.type == config::SettingType::boolean;
    const auto take = [&flags, is_boolean, name = std::string(setting.name)](const CLI::results_t& results) {
        // `--debug` alone says yes.
        const bool stands_alone = is_boolean && (results.empty() || results.back().empty());
        flags.values.emplace_back(name, stands_alone ? "true" : results.back());
        return true;
    };
    auto* option =
        command.add_option(setting.flag(), take, std::string(setting.help))->group(std::string("Settings"))->type_name("");
    if (is_boolean) option->expected(0, 1);
}

void declare(CLI::App& command, ConfigOptions& options) {
    command.add_flag("--json", options.json, "Print {settings[{name, value, source, origin, secret}], warnings[]}");
    command.add_flag("--example", options.example, "Print a sentinel.toml with every setting, its meaning and default");
    add_setting_flags(command, options.flags);
    command.footer(
        "Settings come from --flags, the environment (SENTINEL_<NAME>), sentinel.toml and defaults, the first that names one "
        "wins. "
        "Secrets are masked. Exit code: 0 the server could start with these, 78 it could not.");
}

/// Values of files and variables may hold anything; lines stay lines.
std::string visible_lines(const std::string& text) {
    std::string out;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        out += visible(rest.substr(0, end));
        out += '\n';
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

Result<ExitCode> run(const ConfigOptions& options) {
    std::string out;
    if (options.example) {
        out = config::example_file();
    } else {
        const auto loaded = load_settings(options.flags);
        if (!loaded) return std::unexpected(loaded.error());
        out = options.json ? config::to_json(*loaded) : visible_lines(config::to_text(*loaded));
    }
    if (auto written = write_output(out); !written) return std::unexpected(written.error());
    return ExitCode::success;
}

}  // namespace

void add_setting_flags(CLI::App& command, SettingFlags& flags) {
    command.add_option("--config", flags.file, "File to read instead of sentinel.toml")->type_name("FILE");
    for (const config::Setting& setting : config::all_settings()) {
        if (!setting.secret) add_setting_flag(command, flags, setting);
    }
}

Result<config::Loaded> load_settings(const SettingFlags& flags) {
    config::Sources sources{.environment = config::process_environment(), .flags = flags.values};
    if (!flags.file.empty()) sources.file = flags.file;
    auto loaded = config::load(sources);
    if (loaded) return std::move(*loaded);
    std::string message = "the settings cannot be used";
    for (const auto& fault : loaded.error()) message += "\n  " + visible(fault.text());
    return std::unexpected(Failure{ExitCode::configuration, std::move(message)});
}

void add_config_command(CLI::App& program, Action& chosen) {
    add_command<ConfigOptions>(program, chosen, "config", "Show the server's settings and where each comes from", declare, run);
}

}  // namespace sentinel::app
