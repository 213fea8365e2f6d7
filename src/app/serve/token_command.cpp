/// `sentinel token`: an access token for a person, as a log-in gives it.

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "app/file.hpp"
#include "app/serve/commands.hpp"
#include "app/serve/installation.hpp"
#include "app/serve/options.hpp"
#include "app/serve/worker.hpp"
#include "core/ip.hpp"

namespace sentinel::app {

using boost::asio::awaitable;

namespace {

struct TokenOptions {
    SettingFlags flags;
    std::string email;
    std::string tenant = "PLATFORM";
};

void declare(CLI::App& command, TokenOptions& options) {
    command.add_option("--email", options.email, "Who logs in")->required()->type_name("ADDRESS");
    command.add_option("--tenant", options.tenant, "Code of the tenant")->type_name("CODE")->capture_default_str();
    command.footer("The password is read from the first line of standard input, never from a flag.");
    add_setting_flags(command, options.flags);
}

awaitable<void> log_in(Services& services, auth::LoginRequest request, std::string& token) {
    auth::SigningKeys signing_keys(services.node.keys.master, signing_key_options(services.node.settings));
    services.auth.use_keys(co_await signing_keys.load(services.database));
    platform::RequestContext context = services.system_context();
    context.client_address = core::IpAddress::parse("127.0.0.1");
    context.user_agent = "sentinel token";
    const auth::Tokens tokens = co_await services.auth.login(context, request);
    token = tokens.access_token.reveal();
}

Result<ExitCode> run(const TokenOptions& options) {
    std::string password;
    std::getline(std::cin, password);
    auth::LoginRequest request;
    request.email = options.email;
    request.password = platform::Secret(std::move(password));
    request.tenant.tenant_code = options.tenant;
    std::string token;
    auto code = with_services(options.flags, [&](Services& services) { return log_in(services, request, token); });
    if (!code) return code;
    if (auto written = write_output(token + '\n'); !written) return std::unexpected(written.error());
    return code;
}

}  // namespace

void add_token_command(CLI::App& program, Action& chosen) {
    add_command<TokenOptions>(program, chosen, "token", "Print an access token of a person", declare, run);
}

}  // namespace sentinel::app
