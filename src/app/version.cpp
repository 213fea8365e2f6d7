/// `sentinel version`.

#include <string>

#include "app/commands.hpp"
#include "app/file.hpp"
#include "app/json_writer.hpp"

namespace sentinel::app {

namespace {

struct VersionOptions {
    bool json = false;
};

void declare(CLI::App& command, VersionOptions& options) { command.add_flag("--json", options.json, "Print as JSON"); }

Result<ExitCode> run(const VersionOptions& options) {
    std::string out = "sentinel " SENTINEL_VERSION;
    if (options.json) {
        out.clear();
        auto object = JsonWriter::object(out);
        object.member("name", "sentinel").member("version", SENTINEL_VERSION).member("compiler", __VERSION__).close();
    }
    out += '\n';
    if (auto written = write_output(out); !written) return std::unexpected(written.error());
    return ExitCode::success;
}

}  // namespace

void add_version_command(CLI::App& program, Action& chosen) {
    add_command<VersionOptions>(program, chosen, "version", "Print the version", declare, run);
}

}  // namespace sentinel::app
