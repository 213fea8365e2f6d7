#pragma once
/// Endpoints of the program itself: product card, health, metrics, OpenAPI.

#include <memory>
#include <string>

#include "app/serve/node.hpp"
#include "platform/http/route.hpp"

namespace sentinel::app {

/// Texts that are made once, after all routes are known.
struct SystemPages {
    std::shared_ptr<const std::string> openapi = std::make_shared<const std::string>();
};

/// `pages` is read at each request: it may be filled after the routes were declared. Both must outlive the table.
void add_system_routes(http::Routes& routes, const Node& node, const SystemPages& pages);

}  // namespace sentinel::app
