/// `sentinel admin create|reset-password`.

#include <unistd.h>

#include <iostream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "app/file.hpp"
#include "app/serve/commands.hpp"
#include "app/serve/installation.hpp"
#include "app/serve/worker.hpp"

namespace sentinel::app {

using boost::asio::awaitable;

namespace {

struct AdminOptions {
    SettingFlags flags;
    std::string email;
};

void declare(CLI::App& command, AdminOptions& options) {
    command.add_option("--email", options.email, "The administrator's address")->required()->type_name("ADDRESS");
    command.footer("The password is read from the first line of standard input, never from a flag.");
    add_setting_flags(command, options.flags);
}

/// From a terminal with a prompt, from a pipe without.
platform::Secret read_password() {
    if (isatty(STDIN_FILENO) == 1) fmt::print(stderr, "Password: ");
    std::string line;
    std::getline(std::cin, line);
    return platform::Secret(std::move(line));
}

awaitable<void> create(Services& services, std::string email, platform::Secret password) {
    platform::RequestContext first = services.system_context();
    co_await services.tenants.ensure_platform_tenant(first);
    platform::RequestContext second = services.system_context();
    const bool made = co_await services.users.ensure_first_administrator(second, std::move(email), [&] { return password; });
    if (!made)
        throw platform::conflict("state", "There is an administrator of the platform already; let that person add others.");
}

awaitable<void> reset_password(Services& services, std::string email, platform::Secret password) {
    platform::RequestContext context = services.system_context();
    co_await services.users.reset_password(context, std::move(email), std::move(password));
    co_await forget_first_password(services);
}

template <class Task>
Result<ExitCode> run(const AdminOptions& options, Task task, const char* done) {
    const platform::Secret password = read_password();
    auto code = with_services(options.flags, [&](Services& services) { return task(services, options.email, password); });
    if (!code) return code;
    if (auto written = write_output(done); !written) return std::unexpected(written.error());
    return code;
}

}  // namespace

void add_admin_command(CLI::App& program, Action& chosen) {
    CLI::App* command = program.add_subcommand("admin", "The platform's administrators");
    command->require_subcommand(1);
    add_command<AdminOptions>(*command, chosen, "create", "Make the first one", declare,
                              [](const AdminOptions& options) { return run(options, create, "created\n"); });
    add_command<AdminOptions>(*command, chosen, "reset-password", "Set the password of a person of the platform tenant", declare,
                              [](const AdminOptions& options) { return run(options, reset_password, "the password is set\n"); });
}

}  // namespace sentinel::app
