-- Roles, groups, permissions and who has which (spec 04, 05, 06).

-- For a table of (tenant_id, id, parent): refuses a parent that would make the tree contain itself or go deeper than the limit.
-- Arguments: the parent's column, the greatest depth. The detail is the path, ids separated by commas.
create function sentinel_private.place_in_tree() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    parent_column constant text := tg_argv[0];
    depth_limit constant integer := tg_argv[1];
    parent uuid := to_jsonb(new) ->> parent_column;
    above uuid[];
    levels_below integer := 0;
begin
    if parent is null then
        return new;
    end if;
    -- With an older snapshot the walk would not see what the holder of the lock before us wrote.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'hierarchies are written in read committed transactions' using errcode = 'feature_not_supported';
    end if;
    perform pg_advisory_xact_lock(hashtextextended(tg_table_name || ' ' || new.tenant_id, 0));
    execute format(
        'with recursive walk (id, parent, path) as (
             select id, %1$I, array[id] from %2$s where tenant_id = $1 and id = $2
             union all
             select node.id, node.%1$I, walk.path || node.id from walk
                 join %2$s node on node.tenant_id = $1 and node.id = walk.parent
                 where walk.id <> $3 and cardinality(walk.path) <= $4)
         select path from walk order by cardinality(path) desc limit 1', parent_column, tg_relid::regclass)
        into above using new.tenant_id, parent, new.id, depth_limit;
    if parent = new.id or new.id = any (above) then
        raise exception '% would contain itself', tg_table_name
            using errcode = 'SE001', detail = array_to_string(new.id || coalesce(above, array[parent]), ',');
    end if;
    if tg_op = 'UPDATE' then
        execute format(
            'with recursive walk (id, level) as (
                 select id, 1 from %2$s where tenant_id = $1 and %1$I = $2
                 union all
                 select node.id, walk.level + 1 from walk
                     join %2$s node on node.tenant_id = $1 and node.%1$I = walk.id
                     where walk.level <= $3)
             select coalesce(max(level), 0) from walk', parent_column, tg_relid::regclass)
            into levels_below using new.tenant_id, new.id, depth_limit;
    end if;
    if cardinality(above) + 1 + levels_below > depth_limit then
        raise exception '% would nest more than % deep', tg_table_name, depth_limit
            using errcode = 'SE001', detail = array_to_string(new.id || above, ',');
    end if;
    return new;
end
$$;

create table sentinel.roles (
    tenant_id uuid not null,
    id uuid not null,
    name text collate "C" not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
    display_name text collate "C" check (length(display_name) between 1 and 255),
    display_name_folded text collate "C" check (length(display_name_folded) <= 1000),
    description text collate "C" check (length(description) <= 2000),
    type text collate "C" not null default 'custom' check (type in ('system', 'custom')),
    parent_role_id uuid,
    is_assignable boolean not null default true,
    priority integer not null default 0 check (priority between 0 and 1000),
    scopes text[] collate "C" not null default '{}',
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    is_active boolean not null default true,
    created_by uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint roles_name_key unique (tenant_id, name),
    constraint roles_parent_fkey foreign key (tenant_id, parent_role_id) references sentinel.roles (tenant_id, id) on delete restrict,
    constraint roles_created_by_fkey foreign key (tenant_id, created_by) references sentinel.users (tenant_id, id)
        on delete set null (created_by),
    constraint roles_display_name_folded check ((display_name is null) = (display_name_folded is null))
);
create index roles_parent on sentinel.roles (tenant_id, parent_role_id);
create index roles_display_name on sentinel.roles (tenant_id, display_name_folded, id);
call sentinel_private.guard_tenant_table('sentinel.roles');
call sentinel_private.keep_touched('sentinel.roles');
create trigger place before insert or update of parent_role_id on sentinel.roles
    for each row execute function sentinel_private.place_in_tree('parent_role_id', '32');
call sentinel_private.follow_policy_table('sentinel.roles', 'role',
    array['name', 'type', 'parent_role_id', 'is_assignable', 'priority', 'scopes', 'is_active']);

create table sentinel.groups (
    tenant_id uuid not null,
    id uuid not null,
    name text collate "C" not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
    display_name text collate "C" check (length(display_name) between 1 and 255),
    display_name_folded text collate "C" check (length(display_name_folded) <= 1000),
    description text collate "C" check (length(description) <= 2000),
    parent_group_id uuid,
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    membership text collate "C" not null default 'static' check (membership in ('static', 'dynamic')),
    membership_rule jsonb check (jsonb_typeof(membership_rule) = 'object'),
    rule_state text collate "C" not null default 'current' check (rule_state in ('current', 'computing', 'failed')),
    rule_error text collate "C" check (length(rule_error) <= 1000),
    exclude_service_accounts boolean not null default false,
    is_active boolean not null default true,
    created_by uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint groups_name_key unique (tenant_id, name),
    constraint groups_parent_fkey foreign key (tenant_id, parent_group_id) references sentinel.groups (tenant_id, id) on delete restrict,
    constraint groups_rule check ((membership = 'dynamic') = (membership_rule is not null)),
    constraint groups_display_name_folded check ((display_name is null) = (display_name_folded is null))
);
create index groups_parent on sentinel.groups (tenant_id, parent_group_id);
create index groups_display_name on sentinel.groups (tenant_id, display_name_folded, id);
call sentinel_private.guard_tenant_table('sentinel.groups');
call sentinel_private.keep_touched('sentinel.groups');
create trigger place before insert or update of parent_group_id on sentinel.groups
    for each row execute function sentinel_private.place_in_tree('parent_group_id', '32');
call sentinel_private.follow_policy_table('sentinel.groups', 'group',
    array['name', 'parent_group_id', 'membership', 'membership_rule', 'exclude_service_accounts', 'is_active']);

-- resource_id and grant_id below get their foreign keys with the tables that they name (resources, access_grants).
create table sentinel.permissions (
    tenant_id uuid not null,
    id uuid not null,
    key text collate "C" check (key ~ '^[a-z0-9][a-z0-9._:/-]{0,127}$'),
    name text collate "C" not null check (length(name) between 1 and 255),
    name_folded text collate "C" not null check (length(name_folded) between 1 and 1000),
    description text collate "C" check (length(description) <= 2000),
    resource_type text collate "C" not null check (length(resource_type) between 1 and 100),
    resource_id uuid,
    resource_path text collate "C" check (length(resource_path) between 1 and 2000),
    actions text[] collate "C" not null check (cardinality(actions) between 1 and 32),
    conditions jsonb not null default '{}' check (jsonb_typeof(conditions) = 'object'),
    field_permissions jsonb not null default '{}' check (jsonb_typeof(field_permissions) = 'object'),
    effect text collate "C" not null default 'allow' check (effect in ('allow', 'deny')),
    enforced boolean not null default false,
    applies_to_descendants boolean not null default true,
    is_active boolean not null default true,
    created_by uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint permissions_key_key unique (tenant_id, key),
    constraint permissions_target check ((resource_id is null) <> (resource_path is null)),
    constraint permissions_enforced check (not enforced or effect = 'deny'),
    constraint permissions_deny_fields check (effect = 'allow' or field_permissions = '{}')
);
create index permissions_type on sentinel.permissions (tenant_id, resource_type);
create index permissions_resource on sentinel.permissions (tenant_id, resource_id);
create index permissions_name on sentinel.permissions (tenant_id, name_folded, id);
call sentinel_private.guard_tenant_table('sentinel.permissions');
call sentinel_private.keep_touched('sentinel.permissions');
call sentinel_private.follow_policy_table('sentinel.permissions', 'permission',
    array['key', 'name', 'resource_type', 'resource_id', 'resource_path', 'actions', 'conditions', 'field_permissions', 'effect', 'enforced',
          'applies_to_descendants', 'is_active']);

create table sentinel.user_roles (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    role_id uuid not null,
    granted_by uuid,
    granted_at timestamptz not null default now(),
    starts_at timestamptz,
    expires_at timestamptz,
    is_active boolean not null default true,
    reason text collate "C" check (length(reason) <= 500),
    grant_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint user_roles_assignment_key unique nulls not distinct (tenant_id, user_id, role_id, grant_id),
    constraint user_roles_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade,
    constraint user_roles_role_fkey foreign key (tenant_id, role_id) references sentinel.roles (tenant_id, id) on delete cascade,
    constraint user_roles_granted_by_fkey foreign key (tenant_id, granted_by) references sentinel.users (tenant_id, id)
        on delete set null (granted_by),
    constraint user_roles_expiry check (expires_at > granted_at)
);
create index user_roles_role on sentinel.user_roles (tenant_id, role_id);
create index user_roles_expires_at on sentinel.user_roles (tenant_id, expires_at);
create index user_roles_granted_by on sentinel.user_roles (tenant_id, granted_by) where granted_by is not null;
call sentinel_private.guard_tenant_table('sentinel.user_roles');
call sentinel_private.keep_touched('sentinel.user_roles');
call sentinel_private.follow_policy_table('sentinel.user_roles', 'user_roles',
    array['user_id', 'role_id', 'starts_at', 'expires_at', 'is_active', 'grant_id'], 'user_id');

create table sentinel.user_groups (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    group_id uuid not null,
    added_by uuid,
    added_at timestamptz not null default now(),
    source text collate "C" not null default 'manual' check (source in ('manual', 'rule', 'grant')),
    starts_at timestamptz,
    expires_at timestamptz,
    grant_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint user_groups_membership_key unique nulls not distinct (tenant_id, user_id, group_id, grant_id),
    constraint user_groups_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade,
    constraint user_groups_group_fkey foreign key (tenant_id, group_id) references sentinel.groups (tenant_id, id) on delete cascade,
    constraint user_groups_added_by_fkey foreign key (tenant_id, added_by) references sentinel.users (tenant_id, id)
        on delete set null (added_by)
);
create index user_groups_group on sentinel.user_groups (tenant_id, group_id);
create index user_groups_added_by on sentinel.user_groups (tenant_id, added_by) where added_by is not null;
call sentinel_private.guard_tenant_table('sentinel.user_groups');
call sentinel_private.keep_touched('sentinel.user_groups');
call sentinel_private.follow_policy_table('sentinel.user_groups', 'user_groups',
    array['user_id', 'group_id', 'source', 'starts_at', 'expires_at', 'grant_id'], 'user_id');

create table sentinel.group_roles (
    tenant_id uuid not null,
    id uuid not null,
    group_id uuid not null,
    role_id uuid not null,
    granted_by uuid,
    granted_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint group_roles_link_key unique (tenant_id, group_id, role_id),
    constraint group_roles_group_fkey foreign key (tenant_id, group_id) references sentinel.groups (tenant_id, id) on delete cascade,
    constraint group_roles_role_fkey foreign key (tenant_id, role_id) references sentinel.roles (tenant_id, id) on delete cascade,
    constraint group_roles_granted_by_fkey foreign key (tenant_id, granted_by) references sentinel.users (tenant_id, id)
        on delete set null (granted_by)
);
create index group_roles_role on sentinel.group_roles (tenant_id, role_id);
call sentinel_private.guard_tenant_table('sentinel.group_roles');
call sentinel_private.keep_touched('sentinel.group_roles');
call sentinel_private.follow_policy_table('sentinel.group_roles', 'group_roles', array['group_id', 'role_id'], 'group_id');

create table sentinel.role_permissions (
    tenant_id uuid not null,
    id uuid not null,
    role_id uuid not null,
    permission_id uuid not null,
    granted_by uuid,
    granted_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint role_permissions_link_key unique (tenant_id, role_id, permission_id),
    constraint role_permissions_role_fkey foreign key (tenant_id, role_id) references sentinel.roles (tenant_id, id) on delete cascade,
    constraint role_permissions_permission_fkey foreign key (tenant_id, permission_id) references sentinel.permissions (tenant_id, id)
        on delete cascade,
    constraint role_permissions_granted_by_fkey foreign key (tenant_id, granted_by) references sentinel.users (tenant_id, id)
        on delete set null (granted_by)
);
create index role_permissions_permission on sentinel.role_permissions (tenant_id, permission_id);
call sentinel_private.guard_tenant_table('sentinel.role_permissions');
call sentinel_private.keep_touched('sentinel.role_permissions');
call sentinel_private.follow_policy_table('sentinel.role_permissions', 'role_permissions', array['role_id', 'permission_id'], 'role_id');

-- No foreign key to the role: it lives in an ancestor's rows. Checked when written, swept when the role goes.
create table sentinel.inherited_role_assignments (
    tenant_id uuid not null,
    id uuid not null,
    subject_type text collate "C" not null check (subject_type in ('user', 'group')),
    subject_id uuid not null,
    role_tenant_id uuid not null,
    role_id uuid not null,
    granted_by uuid,
    granted_at timestamptz not null default now(),
    expires_at timestamptz,
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint inherited_role_assignments_key unique (tenant_id, subject_type, subject_id, role_tenant_id, role_id),
    constraint inherited_role_assignments_granted_by_fkey foreign key (tenant_id, granted_by) references sentinel.users (tenant_id, id)
        on delete set null (granted_by),
    constraint inherited_role_assignments_elsewhere check (role_tenant_id <> tenant_id)
);
create index inherited_role_assignments_role on sentinel.inherited_role_assignments (tenant_id, role_tenant_id, role_id);
call sentinel_private.guard_tenant_table('sentinel.inherited_role_assignments');
call sentinel_private.keep_touched('sentinel.inherited_role_assignments');
call sentinel_private.follow_policy_table('sentinel.inherited_role_assignments', 'inherited_role_assignments',
    array['subject_type', 'subject_id', 'role_tenant_id', 'role_id', 'expires_at', 'is_active'], 'subject_id');

revoke all on all routines in schema sentinel, sentinel_private from public;
grant execute on function sentinel_private.place_in_tree() to sentinel_app;
