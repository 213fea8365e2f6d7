#include "platform/http/router.hpp"

#include <gtest/gtest.h>

#include "platform/http/endpoint.hpp"

namespace sentinel::http {
namespace {

struct TwoNames {
    std::string a;
    std::string b;
};
ObjectSchema describe(Of<TwoNames>) {
    return object<TwoNames>("TwoNames", "Two.", member("a", &TwoNames::a, text(1, 20), "One."),
                            member("b", &TwoNames::b, text(1, 20), "Other."));
}
struct OneName {
    std::string a;
};
ObjectSchema describe(Of<OneName>) { return object<OneName>("OneName", "One.", member("a", &OneName::a, text(1, 20), "One.")); }

boost::asio::awaitable<void> nothing() { co_return; }

class RouterTest : public ::testing::Test {
protected:
    RouterTest() {
        const auto plain = [](auto builder) {
            return std::move(builder).summary("s").tag("t").handler([](auto&) { return nothing(); });
        };
        routes.add(plain(get("/tenants")));
        routes.add(plain(post("/tenants")));
        routes.add(plain(get("/tenants/{a}").path<OneName>()));
        routes.add(plain(delete_("/tenants/{a}").path<OneName>()));
        routes.add(plain(get("/tenants/code/{a}").path<OneName>()));
        routes.add(plain(get("/tenants/{a}/users/{b}").path<TwoNames>()));
        routes.add(plain(post("/tenants/search")));
        routes.add(plain(outside(Method::get, "/").operation("root")));
        routes.add(plain(outside(Method::get, "/health").alias("/api/v1/health").listener(Listener::both)));
        routes.add(plain(outside(Method::get, "/metrics").alias("/api/v1/metrics").listener(Listener::management)));
        routes.add(plain(outside(Method::get, "/console/{a*}").path<OneName>()));
    }

    /// `template a b` of what is found, `405 …` with the methods, or `404`.
    std::string found(Method method, std::string_view path, bool is_management = false) const {
        const auto result = Router(routes, is_management).find(method, path);
        if (result.match.route == nullptr) return result.allow.empty() ? "404" : "405 " + result.allow;
        std::string out = result.match.route->path;
        for (const std::string& name : result.match.route->parameters) out.append(" ").append(result.match.value(name));
        return out;
    }

    Routes routes;
};

TEST_F(RouterTest, fixed_words_win_over_names) {
    EXPECT_EQ(found(Method::get, "/api/v1/tenants"), "/api/v1/tenants");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants/x"), "/api/v1/tenants/{a} x");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants/code/x"), "/api/v1/tenants/code/{a} x");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants/code"), "/api/v1/tenants/{a} code");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants/code/users/y"), "/api/v1/tenants/{a}/users/{b} code y");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants/x/users/y"), "/api/v1/tenants/{a}/users/{b} x y");
    EXPECT_EQ(found(Method::post, "/api/v1/tenants/search"), "/api/v1/tenants/search");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants/search"), "405 POST, OPTIONS") << "also where the word lacks the method";
}

TEST_F(RouterTest, one_trailing_slash_means_the_same) {
    EXPECT_EQ(found(Method::get, "/api/v1/tenants/"), "/api/v1/tenants");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants/x/"), "/api/v1/tenants/{a} x");
    EXPECT_EQ(found(Method::get, "/"), "/");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants//"), "404");
}

TEST_F(RouterTest, head_is_get) { EXPECT_EQ(found(Method::head, "/api/v1/tenants/x"), "/api/v1/tenants/{a} x"); }

TEST_F(RouterTest, other_methods_are_told_which_there_are) {
    EXPECT_EQ(found(Method::put, "/api/v1/tenants"), "405 GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(found(Method::options, "/api/v1/tenants/x"), "405 GET, HEAD, DELETE, OPTIONS");
    EXPECT_EQ(found(Method::put, "/api/v1/tenants/search"), "405 POST, OPTIONS");
}

TEST_F(RouterTest, unknown_paths) {
    for (const auto* path : {"/api/v1", "/api/v2/tenants", "/api/v1/Tenants", "/api/v1/tenants/x/users",
                             "/api/v1/tenants/x/users/y/z", "/tenants", ""}) {
        EXPECT_EQ(found(Method::get, path), path[0] == '\0' ? "/" : "404") << path;
    }
}

TEST_F(RouterTest, aliases_and_listeners) {
    EXPECT_EQ(found(Method::get, "/api/v1/health"), "/health");
    EXPECT_EQ(found(Method::get, "/health", true), "/health");
    EXPECT_EQ(found(Method::get, "/metrics"), "404");
    EXPECT_EQ(found(Method::get, "/metrics", true), "/metrics");
    EXPECT_EQ(found(Method::get, "/api/v1/tenants", true), "404");
}

TEST_F(RouterTest, a_star_takes_the_rest) {
    EXPECT_EQ(found(Method::get, "/console/a"), "/console/{a*} a");
    EXPECT_EQ(found(Method::get, "/console/a/b.js"), "/console/{a*} a/b.js");
}

}  // namespace
}  // namespace sentinel::http
