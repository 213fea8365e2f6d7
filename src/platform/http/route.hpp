#pragma once
/// The table of routes: written once by the modules, read by router, guard, dispatcher, OpenAPI, metrics and generated tests.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/request.hpp"
#include "platform/http/schema.hpp"
#include "platform/service/actor.hpp"
#include "platform/service/error.hpp"
#include "platform/service/scope.hpp"

namespace sentinel::http {

class Endpoint;

inline constexpr std::string_view base_path = "/api/v1";

enum class AccessKind : std::uint8_t {
    public_,        ///< without token
    token,          ///< any valid token
    scope,          ///< a token whose subject holds `scope`
    self_or_scope,  ///< the subject that the path parameter `self_parameter` names, or a holder of `scope`
};
struct Access {
    AccessKind kind = AccessKind::token;
    platform::Scope scope = platform::Scope::platform_admin;
    std::string self_parameter;
    /// A second scope that is needed as well.
    std::optional<platform::Scope> also;
};

/// Which buckets a request takes from (spec 00 section 5). Address buckets are the guard's own matter.
enum class RateBucket : std::uint8_t { principal, checks, sensitive };

enum class CacheControl : std::uint8_t {
    automatic,  ///< `private, no-cache` for GET, `no-store` for all else
    no_store,
    none,  ///< the handler says it itself
};

/// Where a route is served.
enum class Listener : std::uint8_t { main, management, both };

enum class BodyForm : std::uint8_t { none, json, form, json_or_form, raw };
enum class AnswerForm : std::uint8_t { none, object, page, raw };

/// How a `{name}` of the path, or the whole set of them, is read.
struct PathParameters {
    const ObjectSchema* schema = nullptr;  ///< of a described struct; its members are the parameters
    const ValueType* single = nullptr;     ///< of the one parameter there is
};

struct Route {
    Method method = Method::get;
    /// Full template: `/api/v1/tenants/{tenant_id}`; also the label of metrics. A last `{name*}` takes all that follows.
    std::string path;
    std::vector<std::string> aliases;
    std::vector<std::string> parameters;  ///< the names in braces, in order
    Listener listener = Listener::main;
    Access access;
    RateBucket bucket = RateBucket::principal;
    bool is_fresh = false;              ///< needs an authentication of the last five minutes
    bool serves_restricted = false;     ///< open to sessions that may only finish their login (02 rule 9)
    bool serves_inactive = false;       ///< open while the tenant is suspended (01 rule 11)
    bool takes_idempotency_key = true;  ///< meant for POST, PUT, PATCH, DELETE; not `/auth/*`
    bool takes_if_match = false;
    std::string deprecation;  ///< value of that header; empty = it is not
    std::string sunset;       ///< likewise
    CacheControl cache = CacheControl::automatic;
    std::optional<std::size_t> body_limit;

    std::string operation_id;
    std::string tag;
    std::string summary;
    std::string description;
    std::vector<platform::ErrorCode> errors;  ///< beside those that every such route has

    BodyForm body_form = BodyForm::none;
    bool body_is_optional = false;
    std::string raw_media_type;
    const ObjectSchema* body = nullptr;
    const ObjectSchema* query = nullptr;
    PathParameters path_parameters;

    int status = 200;
    AnswerForm answer_form = AnswerForm::none;
    const ObjectSchema* answer = nullptr;
    std::string collection;         ///< the list's member of an `AnswerForm::page`
    std::string location_template;  ///< full path; braces name members of the answer
    std::string answer_media_type = "application/json; charset=utf-8";

    std::shared_ptr<const Endpoint> endpoint;
};

/// A route and what stood in its braces.
struct RouteMatch {
    static constexpr std::size_t max_parameters = 6;
    const Route* route = nullptr;
    std::array<std::string_view, max_parameters> values{};

    /// The text of a path parameter; empty when the route has none of that name.
    std::string_view value(std::string_view parameter) const noexcept;
    /// Whether the route is one of `self_or_scope` and its parameter names this actor.
    bool addresses(const platform::Actor& actor) const noexcept;
};

/// All routes of the program, in the order they were added. Their addresses stay.
class Routes {
public:
    /// std::logic_error names a route that contradicts itself or another one: braces that nothing reads, inputs without a limit,
    /// a secret in an answer, a location of unknown members, a summary or tag that is missing, an operation of another route.
    void add(Route route);
    const std::deque<Route>& all() const noexcept { return routes_; }

private:
    std::deque<Route> routes_;
};

}  // namespace sentinel::http
