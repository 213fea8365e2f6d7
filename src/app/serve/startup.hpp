#pragma once
/// What happens before anything is served: database, schema, keys, the rows that exist from the start (spec 00 section 10).

#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "app/serve/node.hpp"
#include "platform/config/settings.hpp"
#include "platform/postgres/private_server.hpp"
#include "platform/service/secret.hpp"
#include "platform/telemetry/log.hpp"

namespace sentinel::app {

class Services;

/// Why the server does not start: configuration, keys or database. The program ends with exit code 78.
class StartError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The database of this installation: a private one, or the one that DATABASE_URL names.
struct DatabaseAccess {
    std::optional<postgres::PrivateServer> private_server;
    platform::Secret owner_url;  ///< empty where it was not given
    platform::Secret app_url;
};

enum class PrivateServerUse : unsigned char {
    own,         ///< start it; refuse where another process runs it
    use_running  ///< beside a running server: use that one
};
DatabaseAccess open_database(const config::Settings& settings, PrivateServerUse use, telemetry::Logger& log);

/// Migrates where AUTO_MIGRATE says so, and refuses a schema that is not this program's.
void prepare_schema(const config::Settings& settings, const DatabaseAccess& access, telemetry::Logger& log);

/// The master key: MASTER_KEY, MASTER_KEY_COMMAND, or DATA_DIR/master.key, which is made where that is allowed.
std::shared_ptr<const crypto::MasterKey> load_master_key(const config::Settings& settings);

/// The server's keys; version 1 of each purpose is made at the first start. REQUIRES a sound schema.
NodeKeys load_keys(const config::Settings& settings, const DatabaseAccess& access);

/// The platform tenant, and the first administrator where none exists: from ADMIN_EMAIL and ADMIN_PASSWORD, else, outside of
/// production, admin@localhost with a random password in DATA_DIR/first-password.
void ensure_first_rows(Node& node);

/// Where the first password lies until it was changed.
std::filesystem::path first_password_file(const config::Settings& settings);
/// Removes that file once its administrator has another password.
boost::asio::awaitable<void> forget_first_password(Services& services);
/// The address of the administrator that a start makes, where ADMIN_EMAIL names none.
inline constexpr std::string_view default_admin_email = "admin@localhost";

}  // namespace sentinel::app
