#pragma once
/// What all workers of a node share. Everything here is safe to use from every thread.

#include <memory>
#include <string>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "platform/access/access_store.hpp"
#include "platform/access/rate_buckets.hpp"
#include "platform/config/settings.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/crypto/master_key.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/crypto/server_keys.hpp"
#include "platform/http/cursor.hpp"
#include "platform/telemetry/health.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/writes/tenant_keys.hpp"

namespace sentinel::app {

/// The keys that a start needs before anything else.
struct NodeKeys {
    std::shared_ptr<const crypto::MasterKey> master;
    std::shared_ptr<const crypto::ServerKeys> server;
};

struct Node {
    Node(config::Settings settings, platform::Secret database_url, NodeKeys keys, telemetry::Logger& log);

    config::Settings settings;
    platform::Secret database_url;
    telemetry::Logger& log;
    core::SystemClock clock;
    core::Uuid id;
    telemetry::MetricsRegistry metrics;
    telemetry::HealthModel health;
    NodeKeys keys;
    writes::TenantKeys tenant_keys;
    access::AccessStore access;
    access::RateBuckets rate_buckets;
    crypto::PasswordHasher password_hasher;
    http::CursorCodec cursors;
    crypto::TokenRules token_rules;
};

}  // namespace sentinel::app
