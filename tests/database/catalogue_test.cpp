// Spec 15 rule 4 and the conventions of its section 1, asked of the catalogue.
#include <string>
#include <vector>

#include "schema_testing.hpp"

namespace sentinel::postgres::testing {
namespace {

class Catalogue : public ::testing::Test {
protected:
    /// First column of every row.
    std::vector<std::string> list(std::string_view statement) {
        std::vector<std::string> values;
        for (const SetupRow& row : owner_.query(statement)) values.push_back(row[0].value());
        return values;
    }
    const std::vector<std::string> none_;
    SetupConnection owner_ = Schema::instance().owner();
};

TEST_F(Catalogue, IsSound) { EXPECT_EQ(schema_faults(owner_), none_); }

TEST_F(Catalogue, EveryForeignKeyAndUniqueIndexBeginsWithTheTenant) {
    EXPECT_EQ(list(R"(
        select conrelid::regclass || ' ' || conname from pg_constraint
        join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        join pg_attribute target on target.attrelid = confrelid and target.attnum = confkey[1]
        where contype = 'f' and connamespace = 'sentinel'::regnamespace and conrelid <> 'sentinel.tenants'::regclass
          and (pg_attribute.attname <> 'tenant_id' or target.attname <> 'tenant_id'))"),
              none_);
    EXPECT_EQ(list(R"(
        select indexrelid::regclass::text from pg_index join pg_class on pg_class.oid = indrelid
        left join pg_attribute on attrelid = indrelid and attnum = indkey[0]
        where relnamespace = 'sentinel'::regnamespace and indrelid <> 'sentinel.tenants'::regclass
          and attname is distinct from 'tenant_id')"),
              none_);
}

TEST_F(Catalogue, ForeignKeysThatSetNullNameTheColumn) {
    EXPECT_EQ(list(R"(
        select conname from pg_constraint join pg_attribute on attrelid = conrelid and attname = 'tenant_id'
        where contype = 'f' and confdeltype = 'n' and connamespace = 'sentinel'::regnamespace
          and (confdelsetcols is null or attnum = any (confdelsetcols)))"),
              none_);
}

TEST_F(Catalogue, NoIndexNeedsAnOperatorThatIsNotLeakproof) {
    EXPECT_EQ(list(R"(
        select distinct indexrelid::regclass || ' ' || amopopr::regoperator
        from pg_index join pg_class on pg_class.oid = indrelid cross join unnest(indclass) class
        join pg_opclass on pg_opclass.oid = class
        join pg_amop on amopfamily = opcfamily and amoplefttype = opcintype and amoprighttype = opcintype
        join pg_operator on pg_operator.oid = amopopr join pg_proc on pg_proc.oid = oprcode
        where relnamespace = 'sentinel'::regnamespace and not proleakproof)"),
              none_);
    EXPECT_EQ(list("select indexrelid::regclass::text from pg_index join pg_class on pg_class.oid = indrelid "
                   "where relnamespace = 'sentinel'::regnamespace and indexprs is not null"),
              none_);
}

TEST_F(Catalogue, KeysColumnsAndTextAreAsTheConventionsSay) {
    EXPECT_EQ(list(R"(
        select oid::regclass::text from pg_class
        where relnamespace = 'sentinel'::regnamespace and relkind in ('r', 'p') and not relispartition
          and relname not in ('tenants', 'user_search_tokens', 'audit_logs')
          and not exists (select from pg_constraint where conrelid = pg_class.oid and contype = 'p'
                          and pg_get_constraintdef(oid) = 'PRIMARY KEY (tenant_id, id)'))"),
              none_);
    EXPECT_EQ(list(R"(
        select attrelid::regclass || '.' || attname from pg_attribute join pg_class on pg_class.oid = attrelid
        where relnamespace in ('sentinel'::regnamespace, 'sentinel_private'::regnamespace) and relkind in ('r', 'p') and attnum > 0
          and atttypid in ('text'::regtype, 'text[]'::regtype) and attcollation <> 'pg_catalog."C"'::regcollation)"),
              none_);
    EXPECT_EQ(list(R"(
        select oid::regclass::text from pg_class
        where relnamespace = 'sentinel'::regnamespace and relkind in ('r', 'p') and not relispartition
          and relname not in ('user_search_tokens', 'audit_logs')
          and 2 <> (select count(*) from pg_attribute where attrelid = pg_class.oid and attname in ('created_at', 'updated_at')
                    and attnotnull and atthasdef))"),
              none_);
    EXPECT_EQ(list("select typname from pg_type where typtype = 'e' and typnamespace <> 'pg_catalog'::regnamespace"), none_);
}

TEST_F(Catalogue, EveryPolicyTableIsFollowed) {
    EXPECT_EQ(list(R"(
        select name from unnest(array['tenants', 'users', 'roles', 'user_roles', 'groups', 'user_groups', 'group_roles',
                                      'inherited_role_assignments', 'permissions', 'role_permissions']) name
        where 3 <> (select count(*) from pg_trigger where tgrelid = ('sentinel.' || name)::regclass and tgname like 'note\_%'
                    and tgtype & 1 = 0))"),
              none_);
}

TEST_F(Catalogue, TheIncarnationIsStableAndDependsOnItsRow) {
    const std::string before = owner_.value("select sentinel_private.incarnation()");
    EXPECT_EQ(before.size(), 16U);
    EXPECT_EQ(Schema::instance().app().value("select sentinel_private.incarnation()"), before);
    owner_.run("begin; update sentinel_private.database_incarnation set id = repeat('0', 32)");
    EXPECT_NE(owner_.value("select sentinel_private.incarnation()"), before);
    owner_.run("rollback");
    EXPECT_THROW(owner_.run("insert into sentinel_private.database_incarnation (id) values (repeat('1', 32))"), SetupError);
}

}  // namespace
}  // namespace sentinel::postgres::testing
