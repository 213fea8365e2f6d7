/// The endpoints as HTTP sees them: table, forms of input, headers, who is let in.

#include <chrono>

#include "modules/auth/auth_testing.hpp"
#include "modules/auth/routes.hpp"
#include "platform/http/dispatcher.hpp"
#include "platform/http/openapi.hpp"

namespace sentinel::auth {
namespace {

using testing::AuthTest;
using testing::good_password;
using testing::TestPerson;

struct Answer {
    http::Response response;
    core::json::Object body;
    std::string code() const {
        const core::json::Value* error = body.find("error");
        return error == nullptr ? "" : *error->object()->find("code")->text();
    }
    std::string text(std::string_view member) const { return *body.find(member)->text(); }
};

class Observer final : public http::DispatchObserver {};

class RoutesTest : public AuthTest {
protected:
    Answer send(http::Method method, const std::string& path, const std::string& body = "",
                std::vector<http::HeaderField> headers = {}) {
        http::Request request;
        request.method = method;
        request.target = path;
        request.path = path;
        request.body = body;
        request.client_address = *core::IpAddress::parse("192.0.2.1");
        request.request_id = "request-1";
        request.started = std::chrono::steady_clock::now();
        for (const http::HeaderField& field : headers) request.headers.add(field.name, field.value);
        if (!body.empty() && !request.header("Content-Type")) request.headers.add("Content-Type", "application/json");
        Answer answer;
        run(dispatcher_.handle(request, answer.response));
        const auto parsed = core::json::parse(answer.response.body);
        if (parsed && parsed->object() != nullptr) answer.body = *parsed->object();
        return answer;
    }
    Answer post(const std::string& path, const std::string& body, std::vector<http::HeaderField> headers = {}) {
        return send(http::Method::post, "/api/v1" + path, body, std::move(headers));
    }
    Answer get(const std::string& path, const std::string& token) {
        const std::string header = "Bearer " + token;
        return send(http::Method::get, "/api/v1" + path, "", {{"Authorization", header}});
    }
    static std::string body_of(const TestPerson& person, const std::string& more = "") {
        return R"({"email": ")" + person.email + R"(", "password": ")" + good_password + R"(", "tenant_id": ")" +
               person.tenant.text() + '"' + more + '}';
    }

    static http::Routes routes_of(AuthService& service) {
        http::Routes routes;
        add_auth_routes(routes, service);
        return routes;
    }

    Observer observer_;
    http::Routes routes_ = routes_of(service());
    http::CursorCodec cursors_{{std::make_shared<const crypto::HmacKey>(platform::Secret(std::string(32, 'k')))}};
    http::Dispatcher dispatcher_{routes_, workers_[0]->guard, cursors_, observer_};
};

TEST_F(RoutesTest, TheTableDescribesItself) {
    const core::json::Object document = http::openapi_of(routes_, {.title = "t", .version = "1", .server_url = "http://x"});
    EXPECT_EQ(routes_.all().size(), 10U);
    EXPECT_NE(document.find("paths")->object()->find("/api/v1/auth/login"), nullptr);
}

TEST_F(RoutesTest, ASessionFromLoginToLogout) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    const Answer tokens = post("/auth/login", body_of(person, R"(, "device_name": "laptop")"));
    ASSERT_EQ(tokens.response.status, 200) << tokens.response.body;
    EXPECT_EQ(tokens.response.headers.find("Cache-Control"), "no-store");
    EXPECT_EQ(tokens.text("token_type"), "Bearer");
    const std::string access_token = tokens.text("access_token");
    EXPECT_EQ(get("/auth/me", access_token).response.status, 200);
    EXPECT_EQ(get("/auth/validate", access_token).response.status, 200);
    const Answer next = post("/auth/refresh", R"({"refresh_token": ")" + tokens.text("refresh_token") + "\"}");
    ASSERT_EQ(next.response.status, 200);
    const std::string header = "Bearer " + next.text("access_token");
    EXPECT_EQ(post("/auth/logout", "", {{"Authorization", header}}).response.status, 200);
    EXPECT_EQ(post("/auth/logout", "", {{"Authorization", header}}).code(), "INVALID_TOKEN");
    EXPECT_EQ(get("/auth/me", access_token).code(), "INVALID_TOKEN");
    EXPECT_EQ(post("/auth/logout", "").code(), "AUTHENTICATION_REQUIRED");
}

TEST_F(RoutesTest, ARestrictedSessionReachesMeAndLogoutAlone) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    change_user(person, "must_change_password = true");
    const Answer tokens = post("/auth/login", body_of(person));
    EXPECT_EQ(tokens.text("restricted"), "password_change");
    EXPECT_TRUE(tokens.body.find("refresh_token")->is_null());
    EXPECT_EQ(get("/auth/me", tokens.text("access_token")).response.status, 200);
    EXPECT_EQ(get("/auth/validate", tokens.text("access_token")).code(), "PASSWORD_CHANGE_REQUIRED");
    const std::string header = "Bearer " + tokens.text("access_token");
    EXPECT_EQ(post("/auth/logout", "", {{"Authorization", header}}).response.status, 200);
}

TEST_F(RoutesTest, InputsAreHeldToTheirRules) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    EXPECT_EQ(post("/auth/login", body_of(person, R"(, "tenant_code": "X")")).code(), "VALIDATION_ERROR");
    EXPECT_EQ(post("/auth/login", body_of(person, R"(, "other": 1)")).code(), "VALIDATION_ERROR");
    EXPECT_EQ(post("/auth/login", R"({"email": "a@b.example", "password": "x"})").code(), "VALIDATION_ERROR");
    EXPECT_EQ(post("/auth/login", R"({"email": "a@b.example", "password": "", "tenant_code": "X"})").code(), "VALIDATION_ERROR");
    EXPECT_EQ(post("/auth/refresh", "{}").code(), "VALIDATION_ERROR");
    EXPECT_EQ(post("/auth/revoke", "{}").code(), "VALIDATION_ERROR");
    EXPECT_EQ(post("/auth/token", R"({"grant_type": "password"})").code(), "VALIDATION_ERROR");
    EXPECT_EQ(post("/auth/token", R"({"scope": "x"})").code(), "VALIDATION_ERROR");
    // S39: the secret is nowhere in the answer.
    const Answer long_one = post("/auth/refresh", R"({"refresh_token": 12345678, "x": 1})");
    EXPECT_EQ(long_one.code(), "VALIDATION_ERROR");
    EXPECT_EQ(long_one.response.body.find("12345678"), std::string::npos);
}

TEST_F(RoutesTest, ClientCredentialsComeAsAForm) {
    const auto tenant = make_tenant();
    const TestPerson account = add_user(tenant.id, "svc@b.example", "", true);
    const std::string form = "grant_type=client_credentials&client_id=" + tenant.code + ".u" + account.id.text() +
                             "&client_secret=" + add_key(account) + "&audience=unknown-members-are-passed-over";
    const Answer token = post("/auth/token", form, {{"Content-Type", "application/x-www-form-urlencoded"}});
    ASSERT_EQ(token.response.status, 200) << token.response.body;
    EXPECT_EQ(get("/auth/me", token.text("access_token")).response.status, 200);
    EXPECT_EQ(post("/auth/login", form, {{"Content-Type", "application/x-www-form-urlencoded"}}).code(),
              "UNSUPPORTED_MEDIA_TYPE");
}

TEST_F(RoutesTest, TheKeysAreShownToAll) {
    const Answer keys = send(http::Method::get, "/.well-known/jwks.json");
    EXPECT_EQ(keys.response.headers.find("Cache-Control"), "public, max-age=300");
    for (const core::json::Value& key : *keys.body.find("keys")->array()) EXPECT_EQ(key.object()->find("d"), nullptr);
    EXPECT_EQ(*send(http::Method::get, "/api/v1/auth/password-requirements").body.find("min_length")->number(), 12.0);
}

}  // namespace
}  // namespace sentinel::auth
