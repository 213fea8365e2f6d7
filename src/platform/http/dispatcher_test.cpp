#include "platform/http/dispatcher.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/digest.hpp"
#include "platform/http/dispatcher_testing.hpp"

namespace sentinel::http::testing {
namespace {

using platform::ErrorCode;
using platform::ServiceError;

constexpr const char* some_id = "aaaaaaaa-0000-4000-8000-000000000001";
const std::string one = std::string("/api/v1/harbours/") + some_id;

TEST(Dispatcher, creates) {
    Port port;
    port.service.harbour = {.id = *core::TenantId::parse(some_id), .name = "Port", .version = 3};
    port.service.before = [](platform::RequestContext& context) { context.notes = {41, "inc"}; };
    const Response& response = port.send({Method::post, "/api/v1/harbours", R"({"name":"Port","code":"P1"})", {}});
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(port.header("Location"), one);
    EXPECT_EQ(port.header("ETag"), "\"3\"");
    EXPECT_EQ(port.header("X-Policy-Revision"), "41");
    EXPECT_EQ(port.header("X-Policy-Incarnation"), "inc");
    EXPECT_EQ(port.header("Cache-Control"), "no-store");
    const auto answer = port.json();
    EXPECT_EQ(*answer.object()->find("name")->text(), "Port");
    EXPECT_EQ(port.service.created->code, "P1");
    EXPECT_EQ(port.observer.answers, std::vector<std::string>{"/api/v1/harbours 201"});
}

TEST(Dispatcher, reports_the_faults_of_all_places_at_once) {
    Port port;
    const Response& response = port.send(
        {Method::patch, "/api/v1/harbours/x?y=1", R"({"name":"","z":0})", {{"If-Match", "7"}, {"Idempotency-Key", ""}}});
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(port.code(), "VALIDATION_ERROR");
    EXPECT_EQ(port.faults(),
              "format@header:/If-Match format@header:/Idempotency-Key format@path:/harbour_id unknown@query:/y "
              "min_length@body:/name unknown@body:/z");
    EXPECT_FALSE(port.service.changed);
}

TEST(Dispatcher, asks_the_guard_before_it_looks_at_the_body) {
    Port port;
    port.guard.decide = [](const Request&, const RouteMatch&, Admission&) {
        throw ServiceError(ErrorCode::authentication_required, "No token.");
    };
    EXPECT_EQ(port.send({Method::post, "/api/v1/harbours", "{", {}}).status, 401);
    EXPECT_EQ(port.header("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(port.send({Method::post, "/api/v1/harbours", "{}", {{"Content-Type", "text/plain"}}}).status, 401);
    EXPECT_EQ(port.send({Method::get, "/api/v1/harbours/x?y=1", "", {}}).status, 401);
}

TEST(Dispatcher, syntax_of_bodies) {
    Port port;
    EXPECT_EQ(port.send({Method::post, "/api/v1/harbours", "{", {}}).status, 400);
    EXPECT_EQ(port.code(), "MALFORMED_REQUEST");
    EXPECT_EQ(port.send({Method::post, "/api/v1/harbours", "{}", {{"Content-Type", "text/plain"}}}).status, 415);
    port.send({Method::post, "/api/v1/harbours", "", {}});
    EXPECT_EQ(port.faults(), "required@body:");
    port.send({Method::patch, one, "{}", {}});
    EXPECT_EQ(port.faults(), "required@body:");
    EXPECT_EQ(port.send({Method::patch, one, R"({"is_open":true})", {{"Content-Type", "application/merge-patch+json"}}}).status,
              200);
    port.send({Method::delete_, one, R"({"x":1})", {}});
    EXPECT_EQ(port.faults(), "unknown@body:/x");
}

TEST(Dispatcher, removes_with_204_and_no_body) {
    Port port;
    const Response& response = port.send({Method::delete_, one, "", {}});
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(port.service.named.text(), some_id);
}

TEST(Dispatcher, get_has_tag_and_304) {
    Port port;
    EXPECT_EQ(port.send({Method::get, one, "", {}}).status, 200);
    EXPECT_EQ(port.header("ETag"), "\"1\"");
    EXPECT_EQ(port.header("Cache-Control"), "private, no-cache");
    EXPECT_EQ(port.send({Method::head, one, "", {{"If-None-Match", "W/\"1\""}}}).status, 304);
    EXPECT_EQ(port.response.body, "");
    EXPECT_EQ(port.header("ETag"), "\"1\"");
    EXPECT_EQ(port.send({Method::get, one, "", {{"If-None-Match", "\"2\""}}}).status, 200);
}

TEST(Dispatcher, if_match_reaches_the_service) {
    Port port;
    port.service.before = [](platform::RequestContext& context) { check_version(context, 4); };
    EXPECT_EQ(port.send({Method::patch, one, R"({"is_open":true})", {{"If-Match", "\"3\""}}}).status, 412);
    EXPECT_EQ(port.send({Method::patch, one, R"({"is_open":true})", {{"If-Match", "\"abc\""}}}).status, 412);
    EXPECT_EQ(port.send({Method::patch, one, R"({"is_open":true})", {{"If-Match", "\"4\""}}}).status, 200);
    EXPECT_EQ(port.send({Method::delete_, one, "", {{"If-Match", "*"}}}).status, 204);
    EXPECT_EQ(port.send({Method::delete_, one, "", {}}).status, 204);
}

TEST(Dispatcher, if_match_may_be_demanded) {
    Port port({.require_if_match = true});
    EXPECT_EQ(port.send({Method::patch, one, R"({"is_open":true})", {}}).status, 428);
    EXPECT_EQ(port.send({Method::delete_, one, "", {}}).status, 428);
    EXPECT_EQ(port.send({Method::post, "/api/v1/harbours", R"({"name":"Port","code":"P1"})", {}}).status, 201);
}

TEST(Dispatcher, idempotency_key_comes_with_hash_route_and_renderer) {
    Port port;
    port.service.harbour.version = 9;
    platform::StoredAnswer rendered;
    std::vector<std::string> hashes;
    port.service.before = [&](platform::RequestContext& context) {
        ASSERT_TRUE(context.idempotency);
        EXPECT_EQ(context.idempotency->key, "key-1");
        EXPECT_EQ(context.idempotency->route, "POST /api/v1/harbours");
        EXPECT_EQ(context.idempotency->request_hash.size(), 32U);
        hashes.push_back(context.idempotency->request_hash);
        rendered = context.idempotency->renderer->render(&port.service.harbour, typeid(Harbour));
        EXPECT_THROW(context.idempotency->renderer->render(&port, typeid(Port)), std::logic_error);
    };
    const auto post = [&](const std::string& body) {
        return port.send({Method::post, "/api/v1/harbours", body, {{"Idempotency-Key", "key-1"}}});
    };
    const Response first = post(R"({"name":"Port","code":"P1"})");
    post(R"({"name":"Port","code":"P2"})");
    post(R"({"name":"Port","code":"P1"})");
    EXPECT_EQ(rendered.body, first.body);
    EXPECT_EQ(rendered.status, 201);
    EXPECT_EQ(rendered.etag, "\"9\"");
    EXPECT_EQ(rendered.location, first.headers.find("Location"));
    EXPECT_EQ(hashes[0], hashes[2]);
    EXPECT_NE(hashes[0], hashes[1]);
}

TEST(Dispatcher, a_replay_is_sent_as_it_was_stored) {
    Port port;
    port.service.before = [](platform::RequestContext&) { throw platform::Replay({201, R"({"a":1})", "/x", "\"2\"", 7, "i"}); };
    const Response& response = port.send({Method::post, "/api/v1/harbours", R"({"name":"Port","code":"P1"})", {}});
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, R"({"a":1})");
    EXPECT_EQ(port.header("Idempotency-Replayed"), "true");
    EXPECT_EQ(port.header("Location"), "/x");
    EXPECT_EQ(port.header("ETag"), "\"2\"");
    EXPECT_EQ(port.header("X-Policy-Revision"), "7");
    EXPECT_EQ(port.header("X-Policy-Incarnation"), "i");
}

TEST(Dispatcher, rate_headers_also_with_errors) {
    Port port;
    port.guard.decide = [&](const Request&, const RouteMatch&, Admission& admission) {
        admission.context.actor.tenant = port.tenant;
        admission.rate = {600, 0, 1'767'614'460};
        throw platform::rate_limited("principal", std::chrono::seconds(3));
    };
    EXPECT_EQ(port.send({Method::get, one, "", {}}).status, 429);
    EXPECT_EQ(port.header("X-RateLimit-Limit"), "600");
    EXPECT_EQ(port.header("X-RateLimit-Remaining"), "0");
    EXPECT_EQ(port.header("X-RateLimit-Reset"), "1767614460");
    EXPECT_EQ(port.header("X-RateLimit-Tenant"), port.tenant.text());
    EXPECT_EQ(port.header("X-RateLimit-Retry-After"), "3");
    EXPECT_EQ(port.header("Retry-After"), "3");
}

TEST(Dispatcher, a_stray_exception_says_nothing_but_the_request_id) {
    Port port;
    port.service.before = [](platform::RequestContext&) { throw std::runtime_error("password=hunter2 SELECT"); };
    EXPECT_EQ(port.send({Method::get, one, "", {}}).status, 500);
    EXPECT_EQ(port.code(), "INTERNAL_ERROR");
    EXPECT_EQ(port.response.body.find("hunter2"), std::string::npos);
    EXPECT_NE(port.response.body.find("request-1"), std::string::npos);
    EXPECT_EQ(port.observer.failures, std::vector<std::string>{"password=hunter2 SELECT"});
    EXPECT_EQ(port.header("ETag"), "-");
}

TEST(Dispatcher, without_route) {
    Port port;
    EXPECT_EQ(port.send({Method::get, "/api/v1/nowhere", "", {}}).status, 404);
    EXPECT_EQ(port.code(), "RESOURCE_NOT_FOUND");
    EXPECT_EQ(port.send({Method::put, "/api/v1/harbours", "", {}}).status, 405);
    EXPECT_EQ(port.header("Allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(port.send({Method::options, "/api/v1/harbours", "", {}}).status, 204);
    EXPECT_EQ(port.observer.answers, (std::vector<std::string>{"- 404", "- 405", "- 204"}));
}

TEST(Dispatcher, lists_with_pages) {
    Port port;
    port.service.page = {.items = {Harbour{.name = "A"}, Harbour{.name = "B"}}, .total = 5, .next = CursorKeys{"B", some_id}};
    EXPECT_EQ(port.send({Method::get, "/api/v1/harbours?kind=sea&page=2&limit=2", "", {}}).status, 200);
    const auto answer = port.json();
    const auto& body = *answer.object();
    EXPECT_EQ(body.find("harbours")->array()->size(), 2U);
    const auto& pagination = *body.find("pagination")->object();
    EXPECT_EQ(*pagination.find("page")->number(), 2);
    EXPECT_EQ(*pagination.find("limit")->number(), 2);
    EXPECT_EQ(*pagination.find("total")->number(), 5);
    EXPECT_EQ(*pagination.find("pages")->number(), 3);
    EXPECT_EQ(port.header("X-Total-Count"), "5");
    EXPECT_EQ(port.header("X-Page-Count"), "3");
    EXPECT_EQ(port.header("X-Current-Page"), "2");
    EXPECT_EQ(port.header("X-Per-Page"), "2");
    EXPECT_EQ(
        port.header("Link"),
        "</api/v1/harbours?kind=sea&limit=2&page=1>; rel=\"first\", </api/v1/harbours?kind=sea&limit=2&page=1>; rel=\"prev\", "
        "</api/v1/harbours?kind=sea&limit=2&page=3>; rel=\"next\", </api/v1/harbours?kind=sea&limit=2&page=3>; rel=\"last\"");
    const std::string cursor = *pagination.find("next_cursor")->text();

    port.service.page.next.reset();
    port.service.page.total.reset();
    EXPECT_EQ(port.send({Method::get, "/api/v1/harbours?limit=2&kind=sea&cursor=" + cursor, "", {}}).status, 200);
    EXPECT_EQ(port.service.listed->page.after, (CursorKeys{"B", some_id}));
    const auto last = port.json();
    EXPECT_TRUE(last.object()->find("pagination")->object()->find("page")->is_null());
    EXPECT_TRUE(last.object()->find("pagination")->object()->find("next_cursor")->is_null());
    EXPECT_TRUE(last.object()->find("pagination")->object()->find("total")->is_null());
    EXPECT_EQ(port.header("X-Total-Count"), "-");
    EXPECT_EQ(port.header("X-Current-Page"), "-");
}

TEST(Dispatcher, a_cursor_of_another_list_or_tenant_is_400) {
    Port port;
    port.service.page = {.items = {}, .total = 0, .next = CursorKeys{"B", some_id}};
    port.send({Method::get, "/api/v1/harbours?kind=sea", "", {}});
    const auto body = port.json();
    const std::string cursor = *body.object()->find("pagination")->object()->find("next_cursor")->text();
    EXPECT_EQ(*body.object()->find("pagination")->object()->find("pages")->number(), 0);
    EXPECT_EQ(port.send({Method::get, "/api/v1/harbours?kind=river&cursor=" + cursor, "", {}}).status, 400);
    EXPECT_EQ(port.faults(), "format@query:/cursor");
    EXPECT_TRUE(port.observer.foreign.empty());
    const core::TenantId first = port.tenant;
    port.tenant = *core::TenantId::parse(some_id);
    EXPECT_EQ(port.send({Method::get, "/api/v1/harbours?kind=sea&cursor=" + cursor, "", {}}).status, 400);
    EXPECT_EQ(port.observer.foreign, std::vector{first});
}

}  // namespace
}  // namespace sentinel::http::testing
