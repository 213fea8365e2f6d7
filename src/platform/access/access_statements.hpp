#pragma once
/// The statements of platform/access. Tables of a tenant are read as that tenant; sentinel_private names it.

#include "platform/postgres/statement.hpp"

namespace sentinel::access {

/// Every statement here, for the tests that EXPLAIN them.
postgres::StatementList statements() noexcept;

namespace sql {

inline constexpr postgres::Statement tenant{
    "access.tenant",
    "select t.code, t.ancestors, t.is_active, t.deleted_at is not null as is_deleted, t.settings, t.security_settings,"
    " s.policy_revision, s.token_epoch"
    " from sentinel.tenants t left join sentinel_private.tenant_state s on s.tenant_id = t.id where t.id = $1"};
inline constexpr postgres::Statement users{
    "access.users",
    "select id, is_service_account, is_active, token_epoch,"
    " case when lock_kind = 'admin' then least(locked_until, timestamptz '9999-12-31 00:00:00Z') end as locked_until,"
    " allowed_cidrs::text[] as networks from sentinel.users"
    " where tenant_id = $1 and id > $2 and deleted_at is null order by id limit $3"};
inline constexpr postgres::Statement some_users{
    "access.some_users",
    "select id, is_service_account, is_active, token_epoch,"
    " case when lock_kind = 'admin' then least(locked_until, timestamptz '9999-12-31 00:00:00Z') end as locked_until,"
    " allowed_cidrs::text[] as networks from sentinel.users"
    " where tenant_id = $1 and id = any($2::uuid[]) and deleted_at is null"};
inline constexpr postgres::Statement user_roles{
    "access.user_roles",
    "select user_id, role_id as target, starts_at, expires_at from sentinel.user_roles"
    " where tenant_id = $1 and user_id > $2 and user_id <= $3 and is_active"};
inline constexpr postgres::Statement some_user_roles{
    "access.some_user_roles",
    "select user_id, role_id as target, starts_at, expires_at from sentinel.user_roles"
    " where tenant_id = $1 and user_id = any($2::uuid[]) and is_active"};
inline constexpr postgres::Statement user_groups{
    "access.user_groups",
    "select user_id, group_id as target, starts_at, expires_at from sentinel.user_groups"
    " where tenant_id = $1 and user_id > $2 and user_id <= $3"};
inline constexpr postgres::Statement some_user_groups{
    "access.some_user_groups",
    "select user_id, group_id as target, starts_at, expires_at from sentinel.user_groups"
    " where tenant_id = $1 and user_id = any($2::uuid[])"};
inline constexpr postgres::Statement roles{
    "access.roles", "select id, name, parent_role_id as parent, is_active, scopes from sentinel.roles where tenant_id = $1"};
inline constexpr postgres::Statement some_roles{"access.some_roles",
                                                "select id, name, parent_role_id as parent, is_active, scopes from sentinel.roles"
                                                " where tenant_id = $1 and id = any($2::uuid[])"};
inline constexpr postgres::Statement groups{
    "access.groups", "select id, parent_group_id as parent, is_active from sentinel.groups where tenant_id = $1"};
inline constexpr postgres::Statement some_groups{
    "access.some_groups",
    "select id, parent_group_id as parent, is_active from sentinel.groups where tenant_id = $1 and id = any($2::uuid[])"};
inline constexpr postgres::Statement group_roles{"access.group_roles",
                                                 "select group_id, role_id from sentinel.group_roles where tenant_id = $1"};
inline constexpr postgres::Statement some_group_roles{
    "access.some_group_roles",
    "select group_id, role_id from sentinel.group_roles where tenant_id = $1 and group_id = any($2::uuid[])"};
inline constexpr postgres::Statement changes{
    "access.changes",
    "select kind, object_ids from sentinel_private.policy_changes"
    " where tenant_id = $1 and revision > $2 and revision <= $3 and source_tenant_id = $1 order by revision, seq limit 2001"};
inline constexpr postgres::Statement oldest_change{
    "access.oldest_change", "select min(revision) as revision from sentinel_private.policy_changes where tenant_id = $1"};
inline constexpr postgres::Statement revisions{
    "access.revisions",
    "select tenant_id, policy_revision, token_epoch from sentinel_private.tenant_state where tenant_id = any($1::uuid[])"};
inline constexpr postgres::Statement incarnation{"access.incarnation", "select sentinel_private.incarnation() as incarnation"};
inline constexpr postgres::Statement own_descendant{
    "access.own_descendant", "select from sentinel.tenants where id = $1 and $2::uuid = any(ancestors) and deleted_at is null"};
/// One row at least, so that the horizon of this very snapshot is told also when nothing ended.
inline constexpr postgres::Statement revocations{
    "access.revocations",
    "select horizon.xmin::text as xmin, horizon.now, r.seq, r.tenant_id, r.kind, r.ref, r.value, r.expires_at"
    " from (select pg_snapshot_xmin(pg_current_snapshot()) as xmin, clock_timestamp() as now) horizon"
    " left join sentinel_private.revocations r on r.xid >= $1::text::xid8 and r.expires_at > now()"};

}  // namespace sql

}  // namespace sentinel::access
