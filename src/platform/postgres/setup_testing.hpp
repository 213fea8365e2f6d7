#pragma once
/// A private server in a folder of its own that is gone with the object, for tests.

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/temporary_folder_testing.hpp"
#include "platform/postgres/migration_runner.hpp"
#include "platform/postgres/private_server.hpp"

namespace sentinel::postgres::testing {

/// A folder that others may pass through, as the server's user must.
class PassableFolder : public core::testing::TemporaryFolder {
public:
    PassableFolder() { std::filesystem::permissions(path(), std::filesystem::perms(0711)); }
};

/// A throw-away cluster need not survive a power cut.
inline PrivateServerOptions fast_options(const std::filesystem::path& folder) {
    PrivateServerOptions options;
    options.data_directory = folder;
    options.durable = false;
    return options;
}

/// An empty database (no migrations) and its two roles.
class TestServer {
public:
    SetupConnection owner() const { return SetupConnection(server_.owner_url()); }
    SetupConnection app() const { return SetupConnection(server_.app_url()); }
    const PrivateServer& server() const noexcept { return server_; }
    std::filesystem::path socket_folder() const { return folder_.path() / "postgres/socket"; }

private:
    PassableFolder folder_;
    PrivateServer server_ = PrivateServer::start(fast_options(folder_.path()));
};

/// The kind of the SetupError that `action` throws; a test failure's text where it throws none.
template <class Action>
std::pair<SetupError::Kind, std::string> setup_error_of(Action action) {
    try {
        action();
    } catch (const SetupError& error) { return {error.kind(), error.what()}; }
    throw std::runtime_error("no SetupError was thrown");
}

}  // namespace sentinel::postgres::testing
