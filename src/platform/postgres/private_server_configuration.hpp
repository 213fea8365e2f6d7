#pragma once
/// The configuration files of a private server, written anew at each start.

#include <string>

#include "platform/postgres/private_server.hpp"
#include "platform/postgres/private_server_place.hpp"

namespace sentinel::postgres {

/// Writes postgresql.conf, pg_hba.conf and pg_ident.conf into the base folder. Throws SetupError (private_server).
void write_configuration(const ServerPlace& place, const PrivateServerOptions& options);
/// `postgresql:///sentinel_db?…` of one role over the server's socket.
platform::Secret connection_url(const ServerPlace& place, std::string_view role);

}  // namespace sentinel::postgres
