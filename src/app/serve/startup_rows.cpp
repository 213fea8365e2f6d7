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

// Long enough that no rule of ours refuses it; each kind of character is there by its suffix.
platform::Secret random_password() {
    constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    return platform::Secret(crypto::random_text(24, letters) + "-aA7");
}

std::string first_address(const config::Settings& settings) {
    return settings.admin_email.empty() ? std::string(default_admin_email) : settings.admin_email;
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

awaitable<void> ensure_rows(Services& services) {
    const config::Settings& settings = services.node.settings;
    platform::RequestContext context = services.system_context();
    co_await services.tenants.ensure_platform_tenant(context);
    const bool makes_one_up = settings.environment != config::Environment::production && settings.database_url.empty();
    const bool is_given = !settings.admin_email.empty() && !settings.admin_password.empty();
    if (!makes_one_up && !is_given) co_return;
    platform::RequestContext second = services.system_context();
    co_await services.users.ensure_first_administrator(second, first_address(settings),
                                                       [&settings] { return first_password(settings); });
    co_await forget_first_password(services);
}

}  // namespace

std::filesystem::path first_password_file(const config::Settings& settings) {
    return std::filesystem::path(settings.data_dir) / "first-password";
}

awaitable<void> forget_first_password(Services& services) {
    const config::Settings& settings = services.node.settings;
    const std::filesystem::path file = first_password_file(settings);
    if (!std::filesystem::exists(file)) co_return;
    if (co_await services.users.has_changed_password(first_address(settings))) std::filesystem::remove(file);
}

void ensure_first_rows(Node& node) { run_offline(node, ensure_rows); }

}  // namespace sentinel::app
