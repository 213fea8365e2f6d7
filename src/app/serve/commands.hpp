#pragma once
/// The commands that need a database: serve, migrate, admin, openapi, doctor, token.

#include <CLI/CLI.hpp>

#include "app/commands.hpp"

namespace sentinel::app {

void add_serve_command(CLI::App& program, Action& chosen);
void add_migrate_command(CLI::App& program, Action& chosen);
void add_admin_command(CLI::App& program, Action& chosen);
void add_token_command(CLI::App& program, Action& chosen);
void add_openapi_command(CLI::App& program, Action& chosen);
void add_doctor_command(CLI::App& program, Action& chosen);

}  // namespace sentinel::app
