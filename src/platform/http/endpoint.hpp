#pragma once
/// Typed endpoints: one declaration gives method, path, access, checks of the input, the answer's text and its place in OpenAPI.
///
///     routes.add(http::post("/tenants").scope(Scope::tenant_admin).summary("Create a tenant").tag("Tenants")
///                    .body<CreateTenant>().creates<Tenant>("/tenants/{id}")
///                    .handler([&service](auto& call) { return service.create(call.context, call.body); }));

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "platform/http/pagination.hpp"
#include "platform/http/request.hpp"
#include "platform/http/response.hpp"
#include "platform/http/route.hpp"
#include "platform/http/schema.hpp"
#include "platform/service/actor.hpp"
#include "platform/service/answer.hpp"

namespace sentinel::http {

/// No such input or answer.
struct None {};

/// An answer that is not a described struct: a page of HTML, a file, a document made elsewhere.
struct RawAnswer {
    int status = 200;
    std::string body;
};

/// What a handler may say about its answer beside the result.
class Reply {
public:
    explicit Reply(Response& response) noexcept : response_(&response) {}
    /// Another status than the declared one (a health report that is 503).
    void status(int status) noexcept { status_ = status; }
    void header(std::string_view name, std::string_view value) { response_->headers.add(name, value); }
    /// Static text.
    void content_type(std::string_view type) noexcept { content_type_ = type; }
    std::optional<int> status() const noexcept { return status_; }
    std::optional<std::string_view> content_type() const noexcept { return content_type_; }

private:
    Response* response_;
    std::optional<int> status_;
    std::optional<std::string_view> content_type_;
};

/// What a handler is given. The body, query and path are checked and complete.
template <class Body = None, class Query = None, class Path = None>
struct Call {
    platform::RequestContext& context;
    const Request& request;
    Reply& reply;
    Body body{};
    Query query{};
    Path path{};
};

/// Where an endpoint's inputs lie; null where it has none.
struct InputTargets {
    void* body = nullptr;
    void* query = nullptr;
    void* path = nullptr;
};

/// The items of a Page without their type.
struct PageItems {
    const void* first = nullptr;
    std::size_t count = 0;
    std::size_t stride = 0;
    std::optional<std::int64_t> total;
    const std::optional<CursorKeys>* next = nullptr;
};

/// One admitted request on its way through an endpoint. Implemented by the dispatcher.
class Invocation {
public:
    Invocation() = default;
    Invocation(const Invocation&) = delete;
    Invocation& operator=(const Invocation&) = delete;
    virtual ~Invocation() = default;

    virtual platform::RequestContext& context() = 0;
    virtual const Request& request() = 0;
    virtual Reply& reply() = 0;
    /// Reads and checks all inputs; throws VALIDATION_ERROR with all faults, MALFORMED_REQUEST or UNSUPPORTED_MEDIA_TYPE.
    virtual void bind(InputTargets targets) = 0;
    virtual void answer_object(const void* result) = 0;
    /// `query` is the bound query struct (null = none): page and limit come from there.
    virtual void answer_page(PageItems items, const void* query) = 0;
    virtual void answer_raw(RawAnswer answer) = 0;
    virtual void answer_nothing() = 0;
};

/// The handler of a route behind one call.
class Endpoint {
public:
    Endpoint() = default;
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;
    virtual ~Endpoint() = default;
    virtual boost::asio::awaitable<void> run(Invocation& invocation) const = 0;
    /// The type that a write's result must have to be rendered.
    virtual const std::type_info& result_type() const noexcept = 0;
};

/// Marks the forms of answer that are not one object.
template <class T>
struct PageOf {};

namespace details {

template <class T>
void* target_of(T& input) noexcept {
    if constexpr (std::is_same_v<T, None>)
        return nullptr;
    else
        return &input;
}

template <class Body, class Query, class Path, class Answer, class Handler>
class TypedEndpoint final : public Endpoint {
public:
    explicit TypedEndpoint(Handler handler) : handler_(std::move(handler)) {}

    boost::asio::awaitable<void> run(Invocation& invocation) const override {
        Call<Body, Query, Path> call{invocation.context(), invocation.request(), invocation.reply()};
        invocation.bind({target_of(call.body), target_of(call.query), target_of(call.path)});
        if constexpr (std::is_same_v<Answer, None>) {
            co_await handler_(call);
            invocation.answer_nothing();
        } else {
            auto result = co_await handler_(call);
            answer(invocation, call, std::move(result));
        }
    }

    const std::type_info& result_type() const noexcept override {
        if constexpr (std::is_same_v<Answer, None>)
            return typeid(void);
        else
            return typeid(Answer);
    }

private:
    static void answer(Invocation& invocation, Call<Body, Query, Path>&, RawAnswer result)
        requires std::is_same_v<Answer, RawAnswer>
    {
        invocation.answer_raw(std::move(result));
    }
    template <class T>
    static void answer(Invocation& invocation, Call<Body, Query, Path>& call, const Page<T>& page) {
        static_assert(std::is_same_v<Answer, PageOf<T>>, "the handler's list is not of the declared type");
        invocation.answer_page({page.items.data(), page.items.size(), sizeof(T), page.total, &page.next}, target_of(call.query));
    }
    static void answer(Invocation& invocation, Call<Body, Query, Path>&, const Answer& result)
        requires(!std::is_same_v<Answer, RawAnswer>)
    {
        invocation.answer_object(&result);
    }

    Handler handler_;
};

}  // namespace details

/// Declares a route. Each function returns the builder itself, or one that knows another type more.
template <class Body = None, class Query = None, class Path = None, class Answer = None>
class RouteBuilder {
public:
    explicit RouteBuilder(Route route) : route_(std::move(route)) {}

    // Who may call it. Without any of these: whoever has a valid token.
    RouteBuilder&& open_to_all() && {
        return with([](Route& route) { route.access.kind = AccessKind::public_; });
    }
    RouteBuilder&& any_token() && {
        return with([](Route& route) { route.access.kind = AccessKind::token; });
    }
    RouteBuilder&& scope(platform::Scope scope) && {
        return with([&](Route& route) { route.access.kind = AccessKind::scope, route.access.scope = scope; });
    }
    RouteBuilder&& also_scope(platform::Scope scope) && {
        return with([&](Route& route) { route.access.also = scope; });
    }
    /// The subject itself, named by a path parameter, or a holder of the scope.
    RouteBuilder&& self_or_scope(std::string parameter, platform::Scope scope) && {
        return with([&](Route& route) { route.access = {AccessKind::self_or_scope, scope, std::move(parameter), {}}; });
    }
    RouteBuilder&& rate(RateBucket bucket) && {
        return with([&](Route& route) { route.bucket = bucket; });
    }
    /// Needs an authentication of the last five minutes.
    RouteBuilder&& fresh() && {
        return with([](Route& route) { route.is_fresh = true; });
    }
    RouteBuilder&& serves_restricted_sessions() && {
        return with([](Route& route) { route.serves_restricted = true; });
    }
    RouteBuilder&& serves_inactive_tenants() && {
        return with([](Route& route) { route.serves_inactive = true; });
    }

    // What OpenAPI says.
    RouteBuilder&& summary(std::string text) && {
        return with([&](Route& route) { route.summary = std::move(text); });
    }
    RouteBuilder&& description(std::string text) && {
        return with([&](Route& route) { route.description = std::move(text); });
    }
    RouteBuilder&& tag(std::string text) && {
        return with([&](Route& route) { route.tag = std::move(text); });
    }
    /// Only where the one made from method and path would not be unique or not read well.
    RouteBuilder&& operation(std::string id) && {
        return with([&](Route& route) { route.operation_id = std::move(id); });
    }
    RouteBuilder&& errors(std::initializer_list<platform::ErrorCode> codes) && {
        return with([&](Route& route) { route.errors = codes; });
    }
    /// The values of `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).
    RouteBuilder&& deprecated(std::string deprecation, std::string sunset) && {
        return with([&](Route& route) { route.deprecation = std::move(deprecation), route.sunset = std::move(sunset); });
    }

    // How it is handled.
    /// Another full path of the same route.
    RouteBuilder&& alias(std::string path) && {
        return with([&](Route& route) { route.aliases.push_back(std::move(path)); });
    }
    RouteBuilder&& without_idempotency() && {
        return with([](Route& route) { route.takes_idempotency_key = false; });
    }
    /// `If-Match` is honoured. PATCH and PUT with a versioned answer have it by themselves; a DELETE says it here.
    RouteBuilder&& if_match() && {
        return with([](Route& route) { route.takes_if_match = true; });
    }
    RouteBuilder&& no_store() && {
        return with([](Route& route) { route.cache = CacheControl::no_store; });
    }
    RouteBuilder&& own_cache_control() && {
        return with([](Route& route) { route.cache = CacheControl::none; });
    }
    RouteBuilder&& listener(Listener listener) && {
        return with([&](Route& route) { route.listener = listener; });
    }
    RouteBuilder&& body_limit(std::size_t bytes) && {
        return with([&](Route& route) { route.body_limit = bytes; });
    }

    // Inputs.
    template <class T>
    RouteBuilder<T, Query, Path, Answer> body() && {
        return std::move(*this).template taking_body<T>(BodyForm::json);
    }
    /// A body that may be missing: the struct's initialisers then stand.
    template <class T>
    RouteBuilder<T, Query, Path, Answer> optional_body() && {
        route_.body_is_optional = true;
        return std::move(*this).template taking_body<T>(BodyForm::json);
    }
    /// `application/x-www-form-urlencoded` as well as JSON (OAuth).
    template <class T>
    RouteBuilder<T, Query, Path, Answer> json_or_form() && {
        return std::move(*this).template taking_body<T>(BodyForm::json_or_form);
    }
    /// Any bytes of this media type, read by the handler from call.request.body.
    RouteBuilder&& raw_body(std::string media_type) && {
        return with([&](Route& route) { route.body_form = BodyForm::raw, route.raw_media_type = std::move(media_type); });
    }
    template <class T>
    RouteBuilder<Body, T, Path, Answer> query() && {
        route_.query = &schema_of<T>();
        return RouteBuilder<Body, T, Path, Answer>(std::move(route_));
    }
    /// A described struct whose members are the names in braces.
    template <class T>
    RouteBuilder<Body, Query, T, Answer> path() && {
        route_.path_parameters.schema = &schema_of<T>();
        return RouteBuilder<Body, Query, T, Answer>(std::move(route_));
    }
    /// The one name in braces is an id: call.path is that id.
    template <class T>
    RouteBuilder<Body, Query, T, Answer> path_id() && {
        static_assert(value_type<T>().kind == ValueKind::uuid);
        route_.path_parameters.single = &value_type<T>();
        return RouteBuilder<Body, Query, T, Answer>(std::move(route_));
    }

    // Answers. Without any: 204 and no body.
    template <class T>
    RouteBuilder<Body, Query, Path, T> answers(int status = 200) && {
        route_.status = status;
        route_.answer_form = AnswerForm::object;
        route_.answer = &schema_of<T>();
        return RouteBuilder<Body, Query, Path, T>(std::move(route_));
    }
    /// 201 with `Location`: a path relative to the base path, in which braces name members of the answer.
    template <class T>
    RouteBuilder<Body, Query, Path, T> creates(std::string_view location) && {
        route_.location_template = std::string(base_path).append(location);
        return std::move(*this).template answers<T>(201);
    }
    /// `{"<collection>": [T …], "pagination": {…}}`; the handler returns Page<T>.
    template <class T>
    RouteBuilder<Body, Query, Path, PageOf<T>> answers_page(std::string collection) && {
        route_.status = 200;
        route_.answer_form = AnswerForm::page;
        route_.answer = &schema_of<T>();
        route_.collection = std::move(collection);
        return RouteBuilder<Body, Query, Path, PageOf<T>>(std::move(route_));
    }
    /// The handler returns RawAnswer.
    RouteBuilder<Body, Query, Path, RawAnswer> answers_raw(std::string media_type) && {
        route_.status = 200;
        route_.answer_form = AnswerForm::raw;
        route_.answer_media_type = std::move(media_type);
        return RouteBuilder<Body, Query, Path, RawAnswer>(std::move(route_));
    }

    /// A function that takes `Call<Body, Query, Path>&` and returns `boost::asio::awaitable` of the declared answer (of void
    /// where there is none). It is kept for the life of the table.
    template <class Handler>
    Route handler(Handler handler) && {
        route_.endpoint = std::make_shared<const details::TypedEndpoint<Body, Query, Path, Answer, Handler>>(std::move(handler));
        return std::move(route_);
    }

private:
    template <class Alter>
    RouteBuilder&& with(Alter alter) {
        alter(route_);
        return std::move(*this);
    }
    template <class T>
    RouteBuilder<T, Query, Path, Answer> taking_body(BodyForm form) && {
        route_.body_form = form;
        route_.body = &schema_of<T>();
        return RouteBuilder<T, Query, Path, Answer>(std::move(route_));
    }

    Route route_;
};

/// Paths are relative to the base path `/api/v1`.
RouteBuilder<> get(std::string_view path);
RouteBuilder<> post(std::string_view path);
RouteBuilder<> put(std::string_view path);
RouteBuilder<> patch(std::string_view path);
RouteBuilder<> delete_(std::string_view path);
/// A path outside the base path (`/health`, `/.well-known/jwks.json`).
RouteBuilder<> outside(Method method, std::string_view path);

/// Throws PRECONDITION_FAILED when the request's `If-Match` does not name the present version.
void check_version(const platform::RequestContext& context, std::int64_t present_version);

}  // namespace sentinel::http
