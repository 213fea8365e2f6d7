#pragma once
/// Who the client is when the request came through proxies (spec 00 section 6, security case S35).

#include <span>

#include "core/ip.hpp"
#include "platform/http/header.hpp"

namespace sentinel::http {

struct Origin {
    core::IpAddress client;
    bool is_secure = false;
};

/// REQUIRES: `peer` is one of `trusted`. The rightmost address that is not trusted, from X-Forwarded-For or Forwarded; the peer
/// where either cannot be read or they name different clients.
Origin origin_through_proxy(const HeaderFields& fields, const core::IpAddress& peer, std::span<const core::IpNetwork> trusted);
bool is_in(std::span<const core::IpNetwork> networks, const core::IpAddress& address) noexcept;

}  // namespace sentinel::http
