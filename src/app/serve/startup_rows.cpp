#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "app/serve/offline.hpp"
#include "app/serve/private_file.hpp"
#include "app/serve/startup.hpp"
#include "app/serve/worker.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::app {

using boost::asio::awaitable;

namespace {

constexpr std::string_view first_address = "admin@localhost";

// Long enough that no rule of ours refuses it; each kind of character is there by its suffix.
platform::Secret random_password() {
    constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    return platform::Secret(crypto::random_text(24, letters) + "-aA7");
}

awaitable<void> ensure_rows(Services& services, std::string address, platform::Secret password) {
    platform::RequestContext context = services.system_context();
    co_await services.tenants.ensure_platform_tenant(context);
    if (address.empty()) co_return;
    platform::RequestContext second = services.system_context();
    co_await services.users.ensure_first_administrator(second, std::move(address), std::move(password));
}

/// The password of the first administrator: given, kept from an interrupted start, or made and kept.
platform::Secret first_password(const config::Settings& settings) {
    if (!settings.admin_password.empty()) return settings.admin_password;
    const std::filesystem::path file = first_password_file(settings);
    if (const auto kept = read_private_file(file)) {
        std::string text = kept->reveal();
        while (!text.empty() && text.back() == '\n') text.pop_back();
        return platform::Secret(std::move(text));
    }
    platform::Secret password = random_password();
    write_private_file(file, platform::Secret(password.reveal() + '\n'));
    return password;
}

}  // namespace

std::filesystem::path first_password_file(const config::Settings& settings) {
    return std::filesystem::path(settings.data_dir) / "first-password";
}

void ensure_first_rows(Node& node) {
    const config::Settings& settings = node.settings;
    const bool makes_one_up = settings.environment != config::Environment::production && settings.database_url.empty();
    std::string address = settings.admin_email;
    if (address.empty() && makes_one_up) address = first_address;
    platform::Secret password;
    if (!address.empty() && (makes_one_up || !settings.admin_password.empty())) password = first_password(settings);
    if (password.empty()) address.clear();
    run_offline(node, [&](Services& services) { return ensure_rows(services, address, password); });
}

}  // namespace sentinel::app
