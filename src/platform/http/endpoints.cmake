# Typed endpoints: one declaration gives route, checks, answer and OpenAPI.
target_sources(sentinel_platform_http PRIVATE
  binder.cpp binder_values.cpp change.cpp cursor.cpp dispatcher.cpp dispatcher_invocation.cpp etag.cpp media_type.cpp member_rule.cpp
  openapi.cpp openapi_schema.cpp pagination.cpp reader.cpp route.cpp route_check.cpp router.cpp schema.cpp text_rule.cpp writer.cpp)
target_link_libraries(sentinel_platform_http PUBLIC sentinel::platform_crypto PRIVATE PkgConfig::RE2)
sentinel_test(platform_endpoints_test
  SOURCES binder_test.cpp binder_vectors_test.cpp change_test.cpp cursor_test.cpp dispatcher_test.cpp endpoint_testing.cpp etag_test.cpp
    media_type_test.cpp openapi_test.cpp route_test.cpp router_test.cpp writer_test.cpp
  LINKS sentinel::platform_http)
