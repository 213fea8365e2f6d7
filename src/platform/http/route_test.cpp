#include "platform/http/route.hpp"

#include <gtest/gtest.h>

#include "platform/http/endpoint.hpp"
#include "platform/http/endpoint_testing.hpp"

namespace sentinel::http::testing {
namespace {

struct Unbounded {
    std::string text;
};
ObjectSchema describe(Of<Unbounded>) { return object<Unbounded>("Unbounded", "U.", member("text", &Unbounded::text, "T.")); }

struct Leaky {
    platform::Secret key;
};
ObjectSchema describe(Of<Leaky>) { return object<Leaky>("Leaky", "L.", member("key", &Leaky::key, secret(1, 9), "K.")); }

struct Issued {
    platform::Secret key;
};
ObjectSchema describe(Of<Issued>) {
    return object<Issued>("Issued", "I.", member("key", &Issued::key, secret(1, 9).revealed(), "Shown once."));
}

boost::asio::awaitable<void> nothing() { co_return; }

template <class Builder>
std::string fault_of(Builder builder) {
    try {
        Routes routes;
        routes.add(std::move(builder).summary("s").tag("t").handler([](auto&) { return nothing(); }));
        return "";
    } catch (const std::logic_error& error) { return error.what(); }
}

template <class T>
boost::asio::awaitable<T> made() {
    co_return T();
}

TEST(Routes, refuse_declarations_that_contradict_themselves) {
    EXPECT_EQ(fault_of(post("/a")), "");
    EXPECT_NE(fault_of(post("/a").body<Unbounded>()).find("any size"), std::string::npos);
    EXPECT_NE(fault_of(get("/a").query<Leaky>()).find("logs"), std::string::npos);
    EXPECT_NE(fault_of(get("/a").body<Leaky>()).find("no body"), std::string::npos);
    EXPECT_NE(fault_of(get("/{a}")).find("path struct"), std::string::npos);
    EXPECT_NE(fault_of(get("/a").path_id<core::UserId>()).find("path_id"), std::string::npos);
    EXPECT_NE(fault_of(get("/{a}").path_id<core::UserId>().self_or_scope("b", platform::Scope::user_read)).find("self_or_scope"),
              std::string::npos);
    EXPECT_NE(fault_of(get("/a/")).find("not a path"), std::string::npos);
}

TEST(Routes, a_secret_leaves_only_where_that_is_said) {
    Routes routes;
    EXPECT_THROW(routes.add(post("/a").summary("s").tag("t").answers<Leaky>().handler([](auto&) { return made<Leaky>(); })),
                 std::logic_error);
    EXPECT_NO_THROW(routes.add(post("/b").summary("s").tag("t").answers<Issued>().handler([](auto&) { return made<Issued>(); })));
}

TEST(Routes, refuse_two_of_a_kind) {
    Routes routes;
    const auto route = [](std::string_view path) {
        return get(path).summary("s").tag("t").handler([](auto&) { return nothing(); });
    };
    routes.add(route("/a"));
    EXPECT_THROW(routes.add(route("/a")), std::logic_error);
    EXPECT_NO_THROW(routes.add(route("/b")));
}

TEST(Routes, say_who_is_addressed) {
    Routes routes;
    routes.add(get("/users/{user_id}")
                   .path_id<core::UserId>()
                   .self_or_scope("user_id", platform::Scope::user_read)
                   .summary("s")
                   .tag("t")
                   .handler([](auto&) { return nothing(); }));
    platform::Actor actor;
    actor.kind = platform::ActorKind::user;
    actor.user = *core::UserId::parse("11111111-1111-4111-8111-111111111111");
    RouteMatch match{&routes.all().front(), {"11111111-1111-4111-8111-111111111111"}};
    EXPECT_TRUE(match.addresses(actor));
    match.values[0] = "22222222-1111-4111-8111-111111111111";
    EXPECT_FALSE(match.addresses(actor));
    match.values[0] = "x";
    EXPECT_FALSE(match.addresses(actor));
}

TEST(Schemas, refuse_rules_of_another_kind) {
    EXPECT_THROW(member("name", &Berth::code, integer(1, 2), "C."), std::logic_error);
    EXPECT_THROW(member("name", &Berth::length, text(1, 2), "C."), std::logic_error);
    EXPECT_THROW(member("name", &CreateHarbour::features, list(integer(), 0, 1), "C."), std::logic_error);
    EXPECT_THROW(Pattern("(?=a)"), std::logic_error);
    EXPECT_THROW(object<Berth>("B", "B.", member("x", &Leaky::key, secret(1, 2), "x")), std::logic_error);
}

}  // namespace
}  // namespace sentinel::http::testing
