#pragma once
/// Where a private server lies, and as whom it runs.

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace sentinel::postgres {

/// The operating system's user that the server runs as, where that is not ourselves.
struct ServerAccount {
    uid_t user = 0;
    gid_t group = 0;
};

struct ServerPlace {
    std::filesystem::path base;      ///< DATA_DIR/postgres, or where that leads
    std::filesystem::path cluster;   ///< the cluster itself (PGDATA)
    std::filesystem::path sockets;   ///< folder of the Unix socket, closed to others
    std::filesystem::path binaries;  ///< folder of initdb and postgres
    std::optional<ServerAccount> account;
    std::string client_name;  ///< the user that may connect: ourselves

    std::filesystem::path configuration() const { return base / "postgresql.conf"; }
    std::filesystem::path start_log() const { return base / "start.log"; }
    std::filesystem::path logs() const { return base / "log"; }
    std::filesystem::path process_file() const { return cluster / "postmaster.pid"; }
};

/// Finds all of it and makes the folders. Throws SetupError (private_server).
ServerPlace prepare_place(const std::filesystem::path& data_directory, const std::filesystem::path& binaries);
/// A folder of mode 0700 that belongs to the server's user; what is there under that name must already be one.
void make_closed_folder(const std::filesystem::path& folder, const std::optional<ServerAccount>& account);
/// Can the account reach what lies in this folder, as far as the modes of the folders above say?
bool can_reach(const ServerAccount& account, const std::filesystem::path& folder);
/// The folder itself, where the socket's path fits into a socket address, else a short one of its own that depends on it alone.
std::filesystem::path socket_folder(const std::filesystem::path& base, const std::optional<ServerAccount>& account);

}  // namespace sentinel::postgres
