/// `sentinel openapi`.

#include <memory>
#include <string>
#include <vector>

#include "app/file.hpp"
#include "app/serve/commands.hpp"
#include "app/serve/installation.hpp"
#include "app/serve/worker.hpp"
#include "app/version.hpp"
#include "core/json.hpp"
#include "platform/http/openapi.hpp"

namespace sentinel::app {

namespace {

struct OpenapiOptions {
    SettingFlags flags;
};

/// Keys of no installation: the document needs services, and these need keys, but nothing is signed.
NodeKeys passing_keys() {
    auto master = std::make_shared<const crypto::MasterKey>(crypto::MasterKey::generate());
    std::vector<crypto::WrappedServerKey> rows;
    for (const crypto::ServerKeyPurpose purpose : crypto::all_server_key_purposes) {
        rows.push_back(crypto::make_server_key(*master, purpose, 1));
    }
    auto server = crypto::ServerKeys::load(*master, rows);
    if (!server) throw StartError(server.error());
    return {std::move(master), std::make_shared<const crypto::ServerKeys>(std::move(*server))};
}

Result<ExitCode> run(const OpenapiOptions& options) {
    auto loaded = load_settings(options.flags);
    if (!loaded) return std::unexpected(loaded.error());
    return reporting_failures([&]() -> Result<ExitCode> {
        ServerLog log(loaded->settings);
        Node node(loaded->settings, platform::Secret("host=/nowhere"), passing_keys(), log.logger());
        const Worker worker(node, 1, 0);
        const std::string text = core::json::to_text(http::openapi_of(
            worker.routes(),
            {.title = node.settings.app_name, .version = std::string(version), .server_url = node.settings.public_url}));
        if (auto written = write_output(text + '\n'); !written) return std::unexpected(written.error());
        return ExitCode::success;
    });
}

}  // namespace

void add_openapi_command(CLI::App& program, Action& chosen) {
    add_command<OpenapiOptions>(
        program, chosen, "openapi", "Print the interface as OpenAPI 3.1",
        [](CLI::App& command, OpenapiOptions& options) { add_setting_flags(command, options.flags); }, run);
}

}  // namespace sentinel::app
