#include "platform/postgres/catalogue_check.hpp"

namespace sentinel::postgres {

namespace {

// Tables and partitions. What sentinel_app may do is written down a second time here: a migration that grants too much must not pass
// its own check.
constexpr const char* table_faults = R"(
with guarded as (
    select c.oid, n.nspname as schema_name, c.relname as name, n.nspname || '.' || c.relname as full_name, c.relrowsecurity,
           c.relispartition, c.relowner, coalesce(c.relacl, acldefault('r', c.relowner)) as acl,
           case when c.relispartition then ''
                when n.nspname || '.' || c.relname in ('sentinel.audit_logs', 'sentinel_private.audit_head',
                     'sentinel_private.database_incarnation', 'sentinel_private.schema_migrations') then 'SELECT'
                when n.nspname || '.' || c.relname = 'sentinel.audit_checkpoints' then 'INSERT, SELECT'
                else 'DELETE, INSERT, SELECT, UPDATE' end as expected_rights
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('sentinel', 'sentinel_private') and c.relkind in ('r', 'p', 'v', 'm', 'f')
), granted as (
    select g.oid, coalesce(string_agg(entry.privilege_type, ', ' order by entry.privilege_type)
               filter (where entry.grantee = 'sentinel_app'::regrole and not entry.is_grantable), '') as app_rights,
           bool_or(entry.grantee not in (g.relowner, 'sentinel_app'::regrole) or (entry.is_grantable and entry.grantee <> g.relowner))
               as others
    from guarded g left join lateral aclexplode(g.acl) entry on true group by g.oid
), policies as (
    select polrelid as oid, string_agg(concat_ws(' ', polname, polcmd, polpermissive, polroles::text, pg_get_expr(polqual, polrelid),
               pg_get_expr(polwithcheck, polrelid)), '; ' order by polname) as text
    from pg_policy group by polrelid
), own_tenant as (
    select '(NULLIF(current_setting(''sentinel.tenant_id''::text, true), ''''::text))::uuid' as value
), expected_policy as (
    select format('own_tenant * t {0} %1$s %1$s', '(tenant_id = ' || value || ')') as of_tables,
           format('own_family * t {0} %1$s %1$s', '((id = ' || value || ') OR (' || value || ' = ANY (ancestors)) OR (' || value
                  || ' = ''00000000-0000-0000-0000-000000000000''::uuid))') as of_tenants
    from own_tenant
)
select 'row security is off on ' || full_name from guarded where schema_name = 'sentinel' and not relrowsecurity
union all
select 'the policies of ' || full_name || ' are not those of its migration'
from guarded left join policies using (oid), expected_policy
where schema_name = 'sentinel'
  and coalesce(policies.text, '') <> case when relispartition then '' when name = 'tenants' then of_tenants else of_tables end
union all
select 'sentinel_app may ' || coalesce(nullif(app_rights, ''), 'do nothing') || ' on ' || full_name || ' and should '
       || coalesce(nullif(expected_rights, ''), 'do nothing')
from guarded join granted using (oid) where app_rights <> expected_rights
union all
select 'others than sentinel_app have rights on ' || full_name from guarded join granted using (oid) where others
union all
select 'a column of ' || full_name || ' has rights of its own'
from guarded where exists (select from pg_attribute where attrelid = guarded.oid and attacl is not null)
union all
select full_name || ' does not belong to sentinel_owner' from guarded where relowner <> 'sentinel_owner'::regrole
union all
select 'the trigger ' || tgname || ' of ' || full_name || ' is switched off'
from guarded join pg_trigger on tgrelid = guarded.oid where tgenabled <> 'O'
order by 1
)";

// Functions, schemas, database and the role itself.
constexpr const char* right_faults = R"(
with routines as (
    select p.oid, p.oid::regprocedure::text as name, p.prosecdef, p.proconfig, p.proowner,
           coalesce(p.proacl, acldefault('f', p.proowner)) as acl
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('sentinel', 'sentinel_private')
)
select 'everybody may execute ' || name from routines
where exists (select from aclexplode(acl) where grantee not in (proowner, 'sentinel_app'::regrole))
union all
select name || ' does not belong to sentinel_owner' from routines where proowner <> 'sentinel_owner'::regrole
union all
select name || ' runs with its owner''s rights and is not one of those that must' from routines
where prosecdef and split_part(name, '(', 1) not in
      ('sentinel.append_audit', 'sentinel.make_month_partition', 'sentinel.apply_retention')
union all
select name || ' runs with its owner''s rights and without a fixed search_path' from routines
where prosecdef and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)
union all
select 'sentinel_app may execute the procedure ' || p.oid::regprocedure from pg_proc p join routines using (oid)
where p.prokind = 'p' and has_function_privilege('sentinel_app', p.oid, 'EXECUTE')
union all
select 'sentinel_app may create objects in the schema ' || nspname from pg_namespace
where nspname in ('sentinel', 'sentinel_private', 'public') and has_schema_privilege('sentinel_app', oid, 'CREATE')
union all
select 'sentinel_app may ' || case privilege when 'TEMP' then 'make temporary tables' else 'create schemas' end || ' in this database'
from unnest(array['TEMP', 'CREATE']) privilege where has_database_privilege('sentinel_app', current_database(), privilege)
union all
select 'the role sentinel_app has rights that it must not have (superuser, BYPASSRLS, CREATEDB, CREATEROLE or REPLICATION)'
from pg_roles where rolname = 'sentinel_app' and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication)
union all
select 'sentinel_app is a member of ' || roleid::regrole from pg_auth_members where member = 'sentinel_app'::regrole
union all
select 'ALTER DEFAULT PRIVILEGES is in force for ' || defaclrole::regrole from pg_default_acl
order by 1
)";

}  // namespace

std::vector<std::string> catalogue_faults(SetupConnection& connection) {
    std::vector<std::string> faults;
    for (const char* statement : {table_faults, right_faults}) {
        for (const SetupRow& row : connection.query(statement)) faults.push_back(row.at(0).value());
    }
    return faults;
}

}  // namespace sentinel::postgres
