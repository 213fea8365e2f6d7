# What happens before the server serves, blocking: the private server, migrations, checks. Included by CMakeLists.txt.
file(GLOB SENTINEL_MIGRATIONS CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/migrations/*.sql")
set(SENTINEL_EMBEDDED_MIGRATIONS "${CMAKE_CURRENT_BINARY_DIR}/embedded_migrations.cpp")
add_custom_command(OUTPUT "${SENTINEL_EMBEDDED_MIGRATIONS}"
  COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${PROJECT_SOURCE_DIR}/migrations" "-DOUTPUT=${SENTINEL_EMBEDDED_MIGRATIONS}"
          -P "${PROJECT_SOURCE_DIR}/cmake/embed_migrations.cmake"
  DEPENDS ${SENTINEL_MIGRATIONS} "${PROJECT_SOURCE_DIR}/cmake/embed_migrations.cmake"
  VERBATIM)
sentinel_library(platform_postgres_setup
  FOLDER platform/postgres
  SOURCES bootstrap_roles.cpp catalogue_check.cpp migration_runner.cpp private_server.cpp private_server_configuration.cpp
          private_server_place.cpp private_server_process.cpp setup_connection.cpp "${SENTINEL_EMBEDDED_MIGRATIONS}"
  LINKS sentinel::platform_service
  PRIVATE_LINKS fmt::fmt PostgreSQL::PostgreSQL)
sentinel_test(platform_postgres_setup_test
  SOURCES migrations_test.cpp migration_runner_test.cpp private_server_test.cpp
  LINKS sentinel::platform_postgres_setup fmt::fmt OpenSSL::Crypto)
