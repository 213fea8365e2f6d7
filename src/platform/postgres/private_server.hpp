#pragma once
/// The PostgreSQL that Sentinel keeps for itself in DATA_DIR/postgres where DATABASE_URL names no other.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/postgres/setup_connection.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::postgres {

struct PrivateServerOptions {
    std::filesystem::path data_directory;  ///< DATA_DIR; made if missing
    int max_connections = 100;             ///< of all pools, and a few for the command line
    std::filesystem::path binaries;        ///< folder of initdb and postgres; empty = looked for
    /// Where another process already runs the server: use it instead of refusing (commands beside a running server).
    bool use_running = false;
    /// Start it again when it dies, from a thread of its own.
    bool supervised = true;
    /// false: what is written may be lost when the machine goes down. For tests.
    bool durable = true;
    /// Called with one line for the log, from any thread.
    std::function<void(std::string_view)> report;
    std::vector<std::pair<std::string, std::string>> settings;  ///< further settings of postgresql.conf
};

/// It listens on a Unix socket alone, in a folder closed to others, and lets in nobody but the two roles, and these only from the
/// operating system's user that started it: so there is no password to keep. Started by root it runs as `postgres`.
class PrivateServer {
public:
    /// Makes the cluster, both roles and the database where they are missing, starts the server or takes over one whose Sentinel was
    /// killed, and returns when it takes connections. Throws SetupError (private_server).
    static PrivateServer start(PrivateServerOptions options);
    /// Stops it, unless use_running found one of another process.
    ~PrivateServer();
    PrivateServer(PrivateServer&& other) noexcept;
    PrivateServer& operator=(PrivateServer&& other) noexcept;

    /// For migrations.
    platform::Secret owner_url() const;
    /// For serving.
    platform::Secret app_url() const;
    /// Process id of the server.
    int process_id() const noexcept;
    /// Fast: open transactions are rolled back. Safe to call twice.
    void stop() noexcept;

private:
    class Implementation;
    explicit PrivateServer(std::unique_ptr<Implementation> implementation) noexcept;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace sentinel::postgres
