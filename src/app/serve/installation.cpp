#include "app/serve/installation.hpp"

#include <unistd.h>

#include <exception>

#include <fmt/format.h>

#include "app/serve/offline.hpp"
#include "app/serve/worker.hpp"
#include "platform/postgres/errors.hpp"

namespace sentinel::app {

ServerLog::ServerLog(const config::Settings& settings)
    : target_(STDERR_FILENO),
      sink_(target_, clock_, settings.log_format),
      logger_(sink_, clock_, settings.log_format, settings.log_level) {}

Result<ExitCode> reporting_failures(const std::function<Result<ExitCode>()>& work) {
    try {
        return work();
    } catch (const StartError& error) {
        return std::unexpected(Failure{ExitCode::configuration, error.what()});
    } catch (const postgres::SetupError& error) {
        return std::unexpected(Failure{ExitCode::configuration, error.what()});
    } catch (const postgres::DatabaseError& error) {
        return std::unexpected(Failure{ExitCode::negative, error.diagnostic().line()});
    } catch (const platform::ServiceError& error) {
        return std::unexpected(Failure{ExitCode::negative, fmt::format("{}: {}", text_of(error.code()), error.message())});
    } catch (const std::system_error& error) { return std::unexpected(Failure{ExitCode::configuration, error.what()}); }
}

Result<ExitCode> with_services(const SettingFlags& flags, const std::function<boost::asio::awaitable<void>(Services&)>& task) {
    auto loaded = load_settings(flags);
    if (!loaded) return std::unexpected(loaded.error());
    return reporting_failures([&]() -> Result<ExitCode> {
        ServerLog log(loaded->settings);
        const DatabaseAccess database = open_database(loaded->settings, PrivateServerUse::use_running, log.logger());
        prepare_schema(loaded->settings, database, log.logger());
        Node node(loaded->settings, database.app_url, load_keys(loaded->settings, database), log.logger());
        run_offline(node, task);
        return ExitCode::success;
    });
}

}  // namespace sentinel::app
