#pragma once
/// Finds the route of a path: a fixed word wins over a name in braces.

#include <memory>
#include <string>
#include <string_view>

#include "platform/http/request.hpp"
#include "platform/http/route.hpp"

namespace sentinel::http {

class Router {
public:
    /// `is_management`: the routes of that listener. The table must outlive the router.
    Router(const Routes& routes, bool is_management);
    Router(Router&&) noexcept;
    ~Router();

    /// What was found for a path.
    struct Found {
        RouteMatch match;  ///< match.route is null when no route has path and method
        /// `GET, HEAD, OPTIONS` when the path is known; empty when it is not.
        std::string allow;
        bool is_path_known() const noexcept { return match.route != nullptr || !allow.empty(); }
    };
    /// HEAD finds GET. `allow` is filled only where no route was found. The values of the match are views into `path`.
    Found find(Method method, std::string_view path) const;

private:
    struct Node;
    void add(const Route& route, std::string_view path);
    std::unique_ptr<Node> root_;
};

}  // namespace sentinel::http
