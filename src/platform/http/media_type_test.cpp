#include "platform/http/media_type.hpp"

#include <gtest/gtest.h>

namespace sentinel::http {
namespace {

BodyKind kind_of(Method method, BodyForm form, std::initializer_list<std::string_view> values) {
    Route route;
    route.method = method;
    route.body_form = form;
    route.raw_media_type = "text/csv";
    Request request;
    for (const auto value : values) request.headers.add("content-type", value);
    return body_kind(route, request);
}

TEST(MediaType, json_in_utf8) {
    for (const auto value :
         {"application/json", "Application/JSON", "application/json;charset=utf-8", "application/json ; charset=\"UTF-8\""}) {
        EXPECT_EQ(kind_of(Method::post, BodyForm::json, {value}), BodyKind::json) << value;
    }
    for (const auto value :
         {"", "text/json", "application/json;charset=latin1", "application/json; a=b", "application/jsonx",
          "application/merge-patch+json", "application/x-www-form-urlencoded", "application/json, text/plain"}) {
        EXPECT_THROW(kind_of(Method::post, BodyForm::json, {value}), platform::ServiceError) << value;
    }
    EXPECT_THROW(kind_of(Method::post, BodyForm::json, {}), platform::ServiceError);
    EXPECT_THROW(kind_of(Method::post, BodyForm::json, {"application/json", "application/json"}), platform::ServiceError);
}

TEST(MediaType, others_where_the_route_says_so) {
    EXPECT_EQ(kind_of(Method::patch, BodyForm::json, {"application/merge-patch+json"}), BodyKind::json);
    EXPECT_EQ(kind_of(Method::post, BodyForm::json_or_form, {"application/x-www-form-urlencoded"}), BodyKind::form);
    EXPECT_EQ(kind_of(Method::post, BodyForm::json_or_form, {"application/json"}), BodyKind::json);
    EXPECT_THROW(kind_of(Method::post, BodyForm::form, {"application/json"}), platform::ServiceError);
    EXPECT_EQ(kind_of(Method::post, BodyForm::raw, {"text/csv; charset=utf-8"}), BodyKind::raw);
    EXPECT_THROW(kind_of(Method::post, BodyForm::raw, {"application/json"}), platform::ServiceError);
}

}  // namespace
}  // namespace sentinel::http
