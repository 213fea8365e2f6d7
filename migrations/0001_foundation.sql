-- Schemas, the means by which every table is guarded, tenants, and what the server keeps for itself (sentinel_private).
-- Run by sentinel_owner, who owns all and never serves; sentinel_app, the server's role, exists before.

create schema sentinel;
create schema sentinel_private;
grant usage on schema sentinel, sentinel_private to sentinel_app;

-- The database is Sentinel's alone: nobody but its two roles connects, and no temporary tables.
do $$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to sentinel_app', current_database());
end
$$;

-- The tenant of this transaction; null (and with it no rows at all) where none is set.
create function sentinel.current_tenant() returns uuid
    language sql stable parallel safe
    as $$ select nullif(current_setting('sentinel.tenant_id', true), '')::uuid $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Row triggers

-- updated_at and version move only when the row really differs, whatever the statement says of them.
create function sentinel_private.touch_row() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
begin
    new.created_at := old.created_at;
    new.updated_at := old.updated_at;
    if new *<> old then
        new.updated_at := now();
    end if;
    return new;
end
$$;

create function sentinel_private.touch_versioned_row() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
begin
    new.created_at := old.created_at;
    new.updated_at := old.updated_at;
    new.version := old.version;
    if new *<> old then
        new.updated_at := now();
        new.version := old.version + 1;
    end if;
    return new;
end
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- What each migration calls for its tables, one call a table; sentinel_app may execute none of these procedures.

-- Keeps created_at, updated_at and (where there is one) version of a table.
create procedure sentinel_private.keep_touched(target regclass)
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    versioned boolean := exists (select from pg_attribute where attrelid = target and attname = 'version' and not attisdropped);
begin
    execute format('create trigger touch before update on %s for each row execute function sentinel_private.%I()',
                   target, case when versioned then 'touch_versioned_row' else 'touch_row' end);
end
$$;

-- Makes a table with tenant_id a tenant's own: row security, and to sentinel_app the rights named. Row security is not forced:
-- that would bind only the owner, who never serves, and break back-fills and dumps.
create procedure sentinel_private.guard_tenant_table(target regclass, rights text default 'select, insert, update, delete')
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    own_tenant constant text := 'tenant_id = nullif(current_setting(''sentinel.tenant_id'', true), '''')::uuid';
begin
    execute format('alter table %s enable row level security', target);
    execute format('create policy own_tenant on %s using (%s) with check (%s)', target, own_tenant, own_tenant);
    execute format('grant %s on %s to sentinel_app', rights, target);
end
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- sentinel_private: no row security; its statements name the tenant themselves

create table sentinel_private.schema_migrations (
    version integer primary key,
    name text collate "C" not null,
    checksum bytea not null check (octet_length(checksum) = 32),
    applied_at timestamptz not null default now(),
    duration_ms integer not null
);
grant select on sentinel_private.schema_migrations to sentinel_app;

create table sentinel_private.database_incarnation (
    id text collate "C" not null check (length(id) = 32),
    since timestamptz not null default now()
);
create unique index database_incarnation_one_row on sentinel_private.database_incarnation ((true));
grant select on sentinel_private.database_incarnation to sentinel_app;
insert into sentinel_private.database_incarnation (id) values (replace(gen_random_uuid()::text, '-', ''));

-- What revisions, cache keys and cursors belong to. A restored, copied or promoted database has another one.
create function sentinel_private.incarnation() returns text
    language sql stable set search_path = pg_catalog, pg_temp
    as $$
    select left(encode(sha256(convert_to(concat_ws('|',
        incarnation.id,
        (select system_identifier from pg_control_system()),
        (select oid from pg_database where datname = current_database()),
        'sentinel_private.database_incarnation'::regclass::oid,
        left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)), 'UTF8')), 'hex'), 16)
    from sentinel_private.database_incarnation incarnation
    $$;

-- One row a tenant; its row lock orders the tenant's policy writers.
create table sentinel_private.tenant_state (
    tenant_id uuid primary key,
    code text collate "C" not null check (length(code) between 1 and 50),
    is_active boolean not null,
    policy_revision bigint not null default 1,
    token_epoch bigint not null default 0,
    users_count bigint not null default 0 check (users_count >= 0),
    service_accounts_count bigint not null default 0 check (service_accounts_count >= 0),
    constraint tenant_state_code_key unique (code)
) with (fillfactor = 50);
grant select, insert, update, delete on sentinel_private.tenant_state to sentinel_app;

-- The last record of each tenant's audit chain. Only append_audit moves it.
create table sentinel_private.audit_head (
    tenant_id uuid primary key,
    number bigint not null default 0,
    hash bytea not null default decode(repeat('00', 32), 'hex') check (octet_length(hash) = 32)
) with (fillfactor = 50);
grant select on sentinel_private.audit_head to sentinel_app;

create table sentinel_private.revocations (
    seq bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    tenant_id uuid not null,
    kind text collate "C" not null check (kind in ('session', 'jti', 'user_epoch', 'key', 'account')),
    ref text collate "C" not null check (length(ref) between 1 and 64),
    value jsonb,
    expires_at timestamptz not null
);
create index revocations_expires_at on sentinel_private.revocations (expires_at);
create index revocations_xid on sentinel_private.revocations (xid);
grant select, insert, update, delete on sentinel_private.revocations to sentinel_app;

-- kind tenant, user, role, group, permission: object_ids are of these. kind user_roles, user_groups, group_roles,
-- role_permissions, inherited_role_assignments: object_ids are of the users, groups, roles or subjects whose links changed, since the
-- id of a link that is gone leads nowhere. null = all. source_tenant_id is the tenant of the objects: this one or an ancestor.
create table sentinel_private.policy_changes (
    tenant_id uuid not null,
    revision bigint not null,
    seq bigint generated always as identity,
    source_tenant_id uuid not null,
    kind text collate "C" not null check (length(kind) between 1 and 50),
    op text collate "C" not null check (op in ('created', 'updated', 'deleted')),
    object_ids uuid[] check (cardinality(object_ids) between 1 and 1000),
    invalidates jsonb not null check (jsonb_typeof(invalidates) = 'object'),
    at timestamptz not null default now(),
    primary key (tenant_id, revision, seq)
);
grant select, insert, update, delete on sentinel_private.policy_changes to sentinel_app;

create table sentinel_private.tenant_keys (
    tenant_id uuid not null,
    key_version integer not null check (key_version > 0),
    purpose text collate "C" not null check (purpose in ('data', 'index')),
    wrapped_key bytea,
    created_at timestamptz not null default now(),
    retired_at timestamptz,
    destroyed_at timestamptz,
    primary key (tenant_id, purpose, key_version),
    constraint tenant_keys_destroyed check ((wrapped_key is null) = (destroyed_at is not null))
);
grant select, insert, update, delete on sentinel_private.tenant_keys to sentinel_app;

create table sentinel_private.server_keys (
    purpose text collate "C" not null check (purpose in ('token', 'audit', 'cursor', 'rate', 'incoming_state')),
    version integer not null check (version > 0),
    wrapped_key bytea not null,
    created_at timestamptz not null default now(),
    primary key (purpose, version)
);
grant select, insert, update, delete on sentinel_private.server_keys to sentinel_app;

create table sentinel_private.signing_keys (
    kid text collate "C" primary key check (length(kid) between 1 and 64),
    alg text collate "C" not null check (alg in ('ES256', 'EdDSA', 'RS256', 'HS256')),
    public_jwk jsonb not null check (jsonb_typeof(public_jwk) = 'object'),
    private_wrapped bytea,
    status text collate "C" not null check (status in ('pending', 'active', 'retiring', 'retired', 'revoked')),
    published_at timestamptz not null default now(),
    activated_at timestamptz,
    retire_at timestamptz
);
create unique index signing_keys_one_active on sentinel_private.signing_keys ((true)) where status = 'active';
grant select, insert, update, delete on sentinel_private.signing_keys to sentinel_app;

create table sentinel_private.nodes (
    id uuid primary key,
    hostname text collate "C" not null check (length(hostname) <= 255),
    version text collate "C" not null check (length(version) <= 50),
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    state text collate "C" not null check (state in ('starting', 'ready', 'draining')),
    lag_ms integer not null default 0
);
grant select, insert, update, delete on sentinel_private.nodes to sentinel_app;

create table sentinel_private.security_config (
    config_key text collate "C" primary key check (length(config_key) between 1 and 100),
    config_value text collate "C" not null,
    description text collate "C",
    is_encrypted boolean not null default false
);
grant select, insert, update, delete on sentinel_private.security_config to sentinel_app;

create table sentinel_private.rate_limits (
    identifier bytea not null check (octet_length(identifier) = 32),
    action_type text collate "C" not null check (length(action_type) between 1 and 100),
    attempt_count integer not null default 1,
    window_start timestamptz not null default now(),
    tat timestamptz,
    leased integer not null default 0,
    node_id uuid,
    expires_at timestamptz not null,
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    constraint rate_limits_key unique nulls not distinct (identifier, action_type, node_id)
);
create index rate_limits_expires_at on sentinel_private.rate_limits (expires_at);
grant select, insert, update, delete on sentinel_private.rate_limits to sentinel_app;

create table sentinel_private.jobs (
    id uuid primary key,
    tenant_id uuid,
    kind text collate "C" not null check (length(kind) between 1 and 100),
    unique_key text collate "C" check (length(unique_key) between 1 and 255),
    payload jsonb not null default '{}' check (jsonb_typeof(payload) = 'object'),
    state text collate "C" not null default 'queued' check (state in ('queued', 'running', 'done', 'parked', 'cancelled')),
    run_at timestamptz not null default now(),
    attempts integer not null default 0,
    max_attempts integer not null default 5 check (max_attempts > 0),
    locked_by uuid,
    locked_until timestamptz,
    last_error text collate "C",
    created_by uuid,
    result jsonb,
    created_at timestamptz not null default now(),
    finished_at timestamptz
);
create unique index jobs_open_key on sentinel_private.jobs (kind, unique_key) where state in ('queued', 'running');
create index jobs_due on sentinel_private.jobs (run_at) where state in ('queued', 'running');
create index jobs_finished on sentinel_private.jobs (finished_at) where finished_at is not null;
grant select, insert, update, delete on sentinel_private.jobs to sentinel_app;

-- ---------------------------------------------------------------------------------------------------------------------
-- Tenants: the one table whose key does not begin with tenant_id

create table sentinel.tenants (
    id uuid primary key,
    name text collate "C" not null check (length(name) between 1 and 255),
    name_folded text collate "C" not null check (length(name_folded) between 1 and 1000),
    code text collate "C" not null check (code ~ '^[A-Z0-9][A-Z0-9-]{0,49}$'),
    type text collate "C" not null default 'root' check (type in ('root', 'sub_tenant')),
    parent_tenant_id uuid,
    ancestors uuid[] not null default '{}',
    isolation_mode text collate "C" not null default 'shared' check (isolation_mode in ('shared', 'dedicated')),
    settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
    features text[] collate "C" not null default '{}',
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    security_settings jsonb not null default '{}' check (jsonb_typeof(security_settings) = 'object'),
    is_active boolean not null default true,
    suspended_at timestamptz,
    suspended_by uuid,
    suspend_reason text collate "C" check (length(suspend_reason) <= 500),
    deleted_at timestamptz,
    purge_after timestamptz,
    tenant_salt_encrypted bytea not null,
    oidc_client_secret_encrypted bytea,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint tenants_code_key unique (code),
    constraint tenants_parent_fkey foreign key (parent_tenant_id) references sentinel.tenants (id) on delete restrict,
    constraint tenants_type_parent check ((type = 'sub_tenant') = (parent_tenant_id is not null)),
    constraint tenants_ancestors check (parent_tenant_id is not distinct from ancestors[cardinality(ancestors)]),
    constraint tenants_active check (not is_active or (suspended_at is null and suspended_by is null and suspend_reason is null))
);
create index tenants_parent on sentinel.tenants (parent_tenant_id);
create index tenants_active on sentinel.tenants (is_active);
create index tenants_name on sentinel.tenants (name_folded, id);
create index tenants_created_at on sentinel.tenants (created_at, id);

alter table sentinel.tenants enable row level security;
create policy own_family on sentinel.tenants
    using (id = nullif(current_setting('sentinel.tenant_id', true), '')::uuid
           or nullif(current_setting('sentinel.tenant_id', true), '')::uuid = any (ancestors)
           or nullif(current_setting('sentinel.tenant_id', true), '')::uuid = '00000000-0000-0000-0000-000000000000')
    with check (id = nullif(current_setting('sentinel.tenant_id', true), '')::uuid
           or nullif(current_setting('sentinel.tenant_id', true), '')::uuid = any (ancestors)
           or nullif(current_setting('sentinel.tenant_id', true), '')::uuid = '00000000-0000-0000-0000-000000000000');
grant select, insert, update, delete on sentinel.tenants to sentinel_app;
call sentinel_private.keep_touched('sentinel.tenants');

-- ancestors must be what the parent's row says, which the writer must be able to see: else naming a foreign tenant as an ancestor
-- would hand it the row. Parent, code and type never change, so that a tree of tenants cannot come to contain itself.
create function sentinel_private.place_tenant() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    above uuid[];
begin
    if tg_op = 'UPDATE' then
        if (new.id, new.code, new.type, new.parent_tenant_id, new.ancestors) is distinct from
           (old.id, old.code, old.type, old.parent_tenant_id, old.ancestors) then
            raise exception 'the place of a tenant never changes' using errcode = 'SE003';
        end if;
        return new;
    end if;
    if new.parent_tenant_id is null then
        return new;
    end if;
    select parent.ancestors || parent.id into above from sentinel.tenants parent where parent.id = new.parent_tenant_id;
    if above is null or above <> new.ancestors then
        raise exception 'ancestors of a tenant must be those of its parent, and the parent' using errcode = 'SE003';
    end if;
    if cardinality(above) >= 32 then
        raise exception 'tenants nest at most 32 deep'
            using errcode = 'SE001', detail = array_to_string(above || new.id, ',');
    end if;
    return new;
end
$$;
create trigger place before insert or update on sentinel.tenants for each row execute function sentinel_private.place_tenant();

-- ---------------------------------------------------------------------------------------------------------------------
-- Change feed: what each migration calls for its policy tables

-- Writes the change rows of one statement. The service has locked tenant_state, raised policy_revision, and named the new numbers in
-- sentinel.revision: {tenant id: revision}, descendants concerned included. Never takes a lock of its own.
create function sentinel_private.note_policy_change(changed_kind text, changed_op text, changed_tenant uuid, changed_ids uuid[])
    returns void
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    revisions jsonb := nullif(current_setting('sentinel.revision', true), '')::jsonb;
    ids uuid[] := case when cardinality(changed_ids) <= 1000 then changed_ids end;
    everything constant jsonb := '{"users": "all", "resources": "all"}';
    touched jsonb := everything;
begin
    if revisions -> changed_tenant::text is null then
        raise exception 'policy of tenant % changed without a revision', changed_tenant using errcode = 'SE002';
    end if;
    if ids is not null and changed_kind in ('user', 'user_roles', 'user_groups') then
        touched := jsonb_build_object('users', to_jsonb(ids), 'resources', '[]'::jsonb);
    end if;
    insert into sentinel_private.policy_changes (tenant_id, revision, source_tenant_id, kind, op, object_ids, invalidates)
        values (changed_tenant, (revisions ->> changed_tenant::text)::bigint, changed_tenant, changed_kind, changed_op, ids, touched);
    revisions := revisions - changed_tenant::text;
    -- People and groups are their own tenant's matter; roles and permissions can be assigned in descendants, settings bind them.
    if revisions <> '{}' and changed_kind not in ('user', 'user_roles', 'user_groups', 'group', 'group_roles', 'inherited_role_assignments') then
        insert into sentinel_private.policy_changes (tenant_id, revision, source_tenant_id, kind, op, object_ids, invalidates)
            select descendant.id, (revisions ->> descendant.id::text)::bigint, changed_tenant, changed_kind, changed_op, ids, everything
            from jsonb_object_keys(revisions) named
            join sentinel.tenants descendant on descendant.id = named::uuid and changed_tenant = any (descendant.ancestors)
            order by descendant.id;
    end if;
end
$$;

-- Makes the three statement triggers of a policy table. policy_columns are expressions over a row: only where one of them differs has an
-- update changed policy. object_column gives the ids that the change rows name, tenant_column their tenant. The functions are written out
-- for each table because a dynamic comparison would be planned anew with every statement.
create procedure sentinel_private.follow_policy_table(
    target regclass, changed_kind text, policy_columns text[], object_column text default 'id', tenant_column text default 'tenant_id')
    language plpgsql set search_path = pg_catalog, pg_temp
    as $procedure$
declare
    name text := (select relname from pg_class where oid = target);
    policy text := array_to_string(policy_columns, ', ');
    changed_rows text;
    event record;
begin
    for event in select * from (values
        ('insert', 'created', 'new table as new_rows'),
        ('delete', 'deleted', 'old table as old_rows'),
        ('update', 'updated', 'old table as old_rows new table as new_rows')) as events (verb, op, tables)
    loop
        changed_rows := case event.verb
            when 'insert' then format('select %I as tenant, %I as object from new_rows', tenant_column, object_column)
            when 'delete' then format('select %I as tenant, %I as object from old_rows', tenant_column, object_column)
            else format('select unnest(array[before.tenant, after.tenant]) as tenant, unnest(array[before.object, after.object]) as object
                         from (select %1$I as tenant, %2$I as object, id, row(%3$s) as policy from old_rows) before
                         full join (select %1$I as tenant, %2$I as object, id, row(%3$s) as policy from new_rows) after
                             on before.tenant = after.tenant and before.id = after.id
                         where before.policy is distinct from after.policy', tenant_column, object_column, policy)
        end;
        execute format($function$
            create function sentinel_private.%1$I() returns trigger
                language plpgsql set search_path = pg_catalog, pg_temp
                as $body$
            begin
                perform sentinel_private.note_policy_change(%2$L, %3$L, changed.tenant, array_agg(distinct changed.object))
                    from (%4$s) changed where changed.tenant is not null group by changed.tenant order by changed.tenant;
                return null;
            end
            $body$
            $function$, format('note_%s_%s', name, event.op), changed_kind, event.op, changed_rows);
        execute format('create trigger %I after %s on %s referencing %s for each statement execute function sentinel_private.%I()',
                       'note_' || event.op, event.verb, target, event.tables, format('note_%s_%s', name, event.op));
        execute format('revoke all on function sentinel_private.%1$I() from public', format('note_%s_%s', name, event.op));
        execute format('grant execute on function sentinel_private.%1$I() to sentinel_app', format('note_%s_%s', name, event.op));
    end loop;
end
$procedure$;

call sentinel_private.follow_policy_table('sentinel.tenants', 'tenant',
    array['settings', 'security_settings', 'features', 'is_active', 'deleted_at'], 'id', 'id');

-- ---------------------------------------------------------------------------------------------------------------------
-- A function is PUBLIC's until taken away.
revoke all on all routines in schema sentinel, sentinel_private from public;
grant execute on function sentinel.current_tenant(), sentinel_private.incarnation(), sentinel_private.touch_row(),
    sentinel_private.touch_versioned_row(), sentinel_private.place_tenant(),
    sentinel_private.note_policy_change(text, text, uuid, uuid[]) to sentinel_app;
