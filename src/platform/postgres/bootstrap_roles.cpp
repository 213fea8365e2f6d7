#include "platform/postgres/bootstrap_roles.hpp"

#include <fmt/format.h>

namespace sentinel::postgres {

namespace {

constexpr const char* role_rights = "login nosuperuser nocreatedb nocreaterole noreplication nobypassrls";

[[noreturn]] void refuse(const std::string& what, const std::string& remedy) {
    throw SetupError(SetupError::Kind::not_permitted, what + " As an administrator of the database run:\n  " + remedy);
}

}  // namespace

std::string bootstrap_statements() {
    return fmt::format(
        "create role {0} {3};\n"
        "create role {1} {3};\n"
        "create database {2} owner {0} encoding 'UTF8' template template0;\n",
        owner_role, serving_role, database_name, role_rights);
}

void ensure_roles(SetupConnection& owner) {
    const SetupRow self = owner.query(R"(
        select current_user, pg_get_userbyid(datdba), current_database(), rolsuper or rolcreaterole,
               exists (select from pg_roles where rolname = $1), pg_encoding_to_char(encoding)
        from pg_database, pg_roles where datname = current_database() and rolname = current_user)",
                                      {serving_role})[0];
    if (self[0] != owner_role) {
        refuse(fmt::format("Migrations run as {}, and DATABASE_OWNER_URL logs in as {}.", owner_role, *self[0]),
               fmt::format("create role {} {} password '…';", owner_role, role_rights));
    }
    if (self[1] != owner_role) {
        refuse(fmt::format("The database {} belongs to {}.", *self[2], *self[1]),
               fmt::format("alter database \"{}\" owner to {};", *self[2], owner_role));
    }
    if (self[5] != "UTF8") {
        refuse(fmt::format("The database {} has the encoding {}, and Sentinel needs UTF8.", *self[2], *self[5]),
               fmt::format("create database {} owner {} encoding 'UTF8' template template0;", database_name, owner_role));
    }
    if (self[4] == "t") return;
    const std::string statement = fmt::format("create role {} {}", serving_role, role_rights);
    if (self[3] != "t") {
        refuse(fmt::format("The role {} is missing, and {} may not make it.", serving_role, owner_role),
               statement + " password '…';");
    }
    owner.run(statement);
}

std::vector<std::string> serving_role_faults(SetupConnection& connection) {
    const SetupRow self =
        connection.query("select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user")[0];
    std::vector<std::string> faults;
    if (self[0] != serving_role) faults.push_back(fmt::format("the server logs in as {} and must as {}", *self[0], serving_role));
    if (self[1] == "t") faults.push_back(fmt::format("{} is a superuser: row security does not bind it", *self[0]));
    if (self[2] == "t") faults.push_back(fmt::format("{} has BYPASSRLS: row security does not bind it", *self[0]));
    return faults;
}

}  // namespace sentinel::postgres
