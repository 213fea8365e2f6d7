#include "platform/postgres/private_server_place.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/postgres/setup_connection.hpp"

namespace sentinel::postgres {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view socket_name = "/.s.PGSQL.5432";

[[noreturn]] void fail(const std::string& message) { throw SetupError(SetupError::Kind::private_server, message); }

[[noreturn]] void fail_on(std::string_view what, const fs::path& path) {
    fail(fmt::format("{} {}: {}.", what, path.string(), std::strerror(errno)));
}

fs::path find_binaries(const fs::path& wanted) {
    for (const fs::path& folder : {wanted, fs::path("/usr/lib/postgresql/15/bin"), fs::path("/usr/pgsql-15/bin")}) {
        if (!folder.empty() && ::access((folder / "postgres").c_str(), X_OK) == 0) return folder;
    }
    fail(
        "PostgreSQL 15 is not installed here. Install it (Debian: apt-get install postgresql-15), or name a database of your own "
        "in "
        "DATABASE_URL and DATABASE_OWNER_URL.");
}

std::string own_name() {
    const passwd* const entry = ::getpwuid(::geteuid());
    if (entry == nullptr) {
        fail(fmt::format("The user id {} has no name on this system, and PostgreSQL needs one: add it to /etc/passwd.",
                         ::geteuid()));
    }
    return entry->pw_name;
}

// PostgreSQL refuses to run as root.
std::optional<ServerAccount> find_account() {
    if (::geteuid() != 0) return std::nullopt;
    const passwd* const entry = ::getpwnam("postgres");
    if (entry == nullptr) {
        fail(
            "PostgreSQL does not run as root, and there is no user `postgres` to run it as. Install Debian's postgresql-15, add "
            "that "
            "user, or start Sentinel as an ordinary user.");
    }
    return ServerAccount{entry->pw_uid, entry->pw_gid};
}

void make_folder(const fs::path& folder, mode_t mode) {
    std::error_code error;
    if (folder.has_parent_path() && !fs::exists(folder.parent_path(), error)) make_folder(folder.parent_path(), 0755);
    if (::mkdir(folder.c_str(), mode) == 0) {
        ::chmod(folder.c_str(), mode);  // whatever the umask says
    } else if (errno != EEXIST) {
        fail_on("Cannot make the folder", folder);
    }
}

// FNV-1a: names a place the same way in every run.
std::string short_name(const fs::path& path) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char byte : path.string()) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
    return fmt::format("{:016x}", hash);
}

// Lets the server's user through our own data folder, whose files are each closed to it.
void open_passage(const fs::path& data_directory) {
    struct stat status{};
    if (::stat(data_directory.c_str(), &status) == 0 && status.st_uid == 0)
        ::chmod(data_directory.c_str(), status.st_mode | 0011);
}

// A data folder below /root, say, cannot be reached by `postgres`: then the cluster lies elsewhere and a link leads there.
fs::path base_of(const fs::path& data_directory, const std::optional<ServerAccount>& account) {
    const fs::path usual = data_directory / "postgres";
    std::error_code error;
    if (fs::is_symlink(usual, error)) {
        const fs::path target = fs::read_symlink(usual);
        make_folder(target, 0711);
        return target;
    }
    if (!account || can_reach(*account, data_directory)) {
        make_folder(usual, account ? 0711 : 0700);
        return usual;
    }
    const fs::path elsewhere = fs::path("/var/lib/sentinel") / short_name(data_directory);
    make_folder(elsewhere, 0711);
    fs::create_directory_symlink(elsewhere, usual);
    return elsewhere;
}

}  // namespace

void make_closed_folder(const fs::path& folder, const std::optional<ServerAccount>& account) {
    const bool made = ::mkdir(folder.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) fail_on("Cannot make the folder", folder);
    if (made && account && ::lchown(folder.c_str(), account->user, account->group) != 0) fail_on("Cannot give away", folder);
    struct stat status{};
    if (::lstat(folder.c_str(), &status) != 0) fail_on("Cannot look at", folder);
    const uid_t owner = account ? account->user : ::geteuid();
    if (!S_ISDIR(status.st_mode) || status.st_uid != owner || (status.st_mode & 0077) != 0) {
        fail(fmt::format("{} is not a folder that belongs to the user of PostgreSQL (id {}) and is closed to others (mode 0700).",
                         folder.string(), owner));
    }
}

bool can_reach(const ServerAccount& account, const fs::path& folder) {
    for (fs::path path = folder;; path = path.parent_path()) {
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0) return false;
        const mode_t needed = status.st_uid == account.user ? S_IXUSR : status.st_gid == account.group ? S_IXGRP : S_IXOTH;
        if ((status.st_mode & needed) == 0) return false;
        if (path == path.root_path()) return true;
    }
}

fs::path socket_folder(const fs::path& base, const std::optional<ServerAccount>& account) {
    const fs::path usual = base / "socket";
    if (usual.string().size() + socket_name.size() < sizeof(sockaddr_un{}.sun_path)) return usual;
    const std::string name = short_name(base);
    // Only root can make folders in /run; elsewhere the name holds the user, so that nobody is in the way of another.
    if (account && ::access("/run", W_OK) == 0) return fs::path("/run") / ("sentinel-" + name);
    return fs::path("/tmp") / fmt::format("sentinel-{}-{}", account ? account->user : ::geteuid(), name);
}

ServerPlace prepare_place(const fs::path& data_directory, const fs::path& binaries) {
    ServerPlace place;
    place.binaries = find_binaries(binaries);
    place.account = find_account();
    place.client_name = own_name();
    make_folder(fs::absolute(data_directory), place.account ? 0711 : 0700);
    const fs::path real_directory = fs::canonical(data_directory);
    if (place.account) open_passage(real_directory);
    place.base = base_of(real_directory, place.account);
    if (place.account && !can_reach(*place.account, place.base)) {
        fail(fmt::format(
            "The user postgres, which PostgreSQL runs as when Sentinel is started by root, cannot reach {}. Choose another "
            "DATA_DIR (--data-dir), or start Sentinel as an ordinary user.",
            place.base.string()));
    }
    place.cluster = place.base / "cluster";
    place.sockets = socket_folder(place.base, place.account);
    make_closed_folder(place.sockets, place.account);
    make_closed_folder(place.logs(), place.account);
    return place;
}

}  // namespace sentinel::postgres
