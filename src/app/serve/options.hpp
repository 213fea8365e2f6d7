#pragma once
/// From settings to what each part is told.

#include "app/serve/node.hpp"
#include "modules/auth/auth.hpp"
#include "modules/auth/signing_keys.hpp"
#include "modules/tenants/tenants.hpp"
#include "modules/users/users.hpp"
#include "platform/access/access_feed.hpp"
#include "platform/access/access_guard.hpp"
#include "platform/http/server.hpp"
#include "platform/postgres/database.hpp"

namespace sentinel::app {

postgres::DatabaseOptions database_options(const Node& node, std::size_t connections, std::size_t overflow);
access::FeedOptions feed_options(const Node& node);
access::GuardOptions guard_options(const Node& node);
/// TLS of our own, as the files are now; null where none is set. Throws StartError.
http::TlsContextPointer tls_of(const config::Settings& settings);
http::ServerOptions server_options(const Node& node);
tenants::TenantOptions tenant_options(const config::Settings& settings);
auth::AuthOptions auth_options(const Node& node);
auth::SigningKeyOptions signing_key_options(const config::Settings& settings);
users::UserOptions user_options(const config::Settings& settings);

}  // namespace sentinel::app
