-- People and service accounts, and everything that proves who they are (spec 02, 03).

create table sentinel.users (
    tenant_id uuid not null,
    id uuid not null,
    email_encrypted bytea not null,
    email_index bytea not null check (octet_length(email_index) = 32),
    username text collate "C" check (length(username) between 3 and 100),
    password_hash text collate "C" check (length(password_hash) <= 255),
    password_changed_at timestamptz,
    must_change_password boolean not null default false,
    is_service_account boolean not null default false,
    attributes jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
    attributes_encrypted bytea,
    preferences jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object'),
    last_login timestamptz,
    login_count integer not null default 0,
    failed_login_count integer not null default 0,
    locked_until timestamptz,
    lock_kind text collate "C" check (lock_kind in ('auto', 'admin')),
    lock_reason text collate "C" check (length(lock_reason) <= 200),
    is_active boolean not null default true,
    mfa_enabled boolean not null default false,
    token_epoch bigint not null default 0,
    avatar_id uuid,
    description text collate "C" check (length(description) <= 1000),
    allowed_cidrs cidr[] not null default '{}' check (cardinality(allowed_cidrs) <= 100),
    owner_id uuid,
    external_id text collate "C" check (length(external_id) between 1 and 255),
    scim_user_name_encrypted bytea,
    scim_user_name_index bytea check (octet_length(scim_user_name_index) = 32),
    deleted_at timestamptz,
    erased_at timestamptz,
    created_by uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint users_owner_fkey foreign key (tenant_id, owner_id) references sentinel.users (tenant_id, id)
        on delete set null (owner_id),
    constraint users_service_account check (
        not is_service_account or (password_hash is null and not mfa_enabled and (username is not null or erased_at is not null)))
);
create unique index users_email_index_key on sentinel.users (tenant_id, email_index) where deleted_at is null;
create unique index users_username_key on sentinel.users (tenant_id, username) where deleted_at is null;
create unique index users_external_id_key on sentinel.users (tenant_id, external_id) where deleted_at is null;
create unique index users_scim_user_name_key on sentinel.users (tenant_id, scim_user_name_index) where deleted_at is null;
create index users_kind_created_at on sentinel.users (tenant_id, is_service_account, created_at, id);
create index users_created_at on sentinel.users (tenant_id, created_at, id);
create index users_last_login on sentinel.users (tenant_id, last_login, id);
create index users_owner on sentinel.users (tenant_id, owner_id) where owner_id is not null;
call sentinel_private.guard_tenant_table('sentinel.users');

-- A login, failed or not, and the lock that follows of itself are no change of the row; an administrator's lock is one.
create function sentinel_private.touch_user() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    same sentinel.users := new;
begin
    same.created_at := old.created_at;
    same.updated_at := old.updated_at;
    same.version := old.version;
    same.last_login := old.last_login;
    same.login_count := old.login_count;
    same.failed_login_count := old.failed_login_count;
    if new.lock_kind is distinct from 'admin' and old.lock_kind is distinct from 'admin' then
        same.locked_until := old.locked_until;
        same.lock_kind := old.lock_kind;
        same.lock_reason := old.lock_reason;
    end if;
    new.created_at := old.created_at;
    new.updated_at := old.updated_at;
    new.version := old.version;
    if same *<> old then
        new.updated_at := now();
        new.version := old.version + 1;
    end if;
    return new;
end
$$;
create trigger touch before update on sentinel.users for each row execute function sentinel_private.touch_user();

-- The encrypted columns count too: a change of the e-mail's letter case or of a PII attribute shows nowhere else.
call sentinel_private.follow_policy_table('sentinel.users', 'user', array[
    'is_active', 'deleted_at', 'email_index', 'email_encrypted', 'username', 'attributes', 'attributes_encrypted', 'is_service_account',
    $$lock_kind is not distinct from 'admin'$$, $$case when lock_kind = 'admin' then locked_until end$$]);

create table sentinel.user_search_tokens (
    tenant_id uuid not null,
    token bytea not null check (octet_length(token) = 8),
    user_id uuid not null,
    primary key (tenant_id, token, user_id),
    constraint user_search_tokens_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade
);
create index user_search_tokens_user on sentinel.user_search_tokens (tenant_id, user_id);
call sentinel_private.guard_tenant_table('sentinel.user_search_tokens');

create table sentinel.service_account_keys (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    key_prefix text collate "C" not null check (length(key_prefix) = 10),
    key_hash bytea not null check (octet_length(key_hash) = 32),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    last_used_ip_encrypted bytea,
    revoked_at timestamptz,
    revoked_by uuid,
    created_by uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint service_account_keys_prefix_key unique (tenant_id, key_prefix),
    constraint service_account_keys_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade
);
create index service_account_keys_user on sentinel.service_account_keys (tenant_id, user_id);
call sentinel_private.guard_tenant_table('sentinel.service_account_keys');
call sentinel_private.keep_touched('sentinel.service_account_keys');

create table sentinel.sessions (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    auth_method text collate "C" not null check (auth_method in ('password', 'oidc', 'impersonation')),
    amr text[] collate "C" not null,
    auth_time timestamptz not null,
    restricted text collate "C" check (restricted in ('password_change', 'mfa_enrollment')),
    remember_me boolean not null default false,
    device_info_encrypted bytea,
    ip_hash bytea not null check (octet_length(ip_hash) = 32),
    last_used_at timestamptz not null,
    idle_expires_at timestamptz not null,
    expires_at timestamptz not null,
    actor_id uuid,
    ended_at timestamptz,
    end_reason text collate "C" check (end_reason in ('logout', 'logout_all', 'revoked', 'admin', 'reuse', 'password', 'disabled',
        'tenant', 'epoch', 'expired', 'erased')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint sessions_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade,
    constraint sessions_end check ((ended_at is null) = (end_reason is null))
);
create index sessions_open on sentinel.sessions (tenant_id, user_id) where ended_at is null;
-- For "known address" (02 rule 5); it also serves the cascade from users.
create index sessions_user_address on sentinel.sessions (tenant_id, user_id, ip_hash);
call sentinel_private.guard_tenant_table('sentinel.sessions');
call sentinel_private.keep_touched('sentinel.sessions');

create table sentinel.refresh_tokens (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    session_id uuid not null,
    token_hash bytea not null check (octet_length(token_hash) = 32),
    device_info_encrypted bytea,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    rotated_at timestamptz,
    replaced_by uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint refresh_tokens_hash_key unique (tenant_id, token_hash),
    constraint refresh_tokens_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade,
    constraint refresh_tokens_session_fkey foreign key (tenant_id, session_id) references sentinel.sessions (tenant_id, id)
        on delete cascade,
    constraint refresh_tokens_expiry check (expires_at > created_at)
);
create index refresh_tokens_expires_at on sentinel.refresh_tokens (tenant_id, expires_at);
create index refresh_tokens_session on sentinel.refresh_tokens (tenant_id, session_id);
create index refresh_tokens_user on sentinel.refresh_tokens (tenant_id, user_id);
call sentinel_private.guard_tenant_table('sentinel.refresh_tokens');
call sentinel_private.keep_touched('sentinel.refresh_tokens');

create table sentinel.token_blacklist (
    tenant_id uuid not null,
    id uuid not null,
    jti_hash bytea not null check (octet_length(jti_hash) = 32),
    user_id uuid,
    token_type text collate "C" not null check (length(token_type) between 1 and 50),
    expires_at timestamptz not null,
    revoked_at timestamptz not null default now(),
    revoked_by uuid,
    reason text collate "C" check (length(reason) <= 500),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint token_blacklist_jti_key unique (tenant_id, jti_hash),
    constraint token_blacklist_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade,
    constraint token_blacklist_revoked_by_fkey foreign key (tenant_id, revoked_by) references sentinel.users (tenant_id, id)
        on delete set null (revoked_by),
    constraint token_blacklist_expiry check (expires_at > revoked_at)
);
create index token_blacklist_expires_at on sentinel.token_blacklist (tenant_id, expires_at);
create index token_blacklist_user on sentinel.token_blacklist (tenant_id, user_id);
call sentinel_private.guard_tenant_table('sentinel.token_blacklist');
call sentinel_private.keep_touched('sentinel.token_blacklist');

create table sentinel.password_reset_tokens (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    purpose text collate "C" not null check (purpose in ('reset', 'invitation')),
    token_hash bytea not null check (octet_length(token_hash) = 32),
    expires_at timestamptz not null,
    used_at timestamptz,
    client_encrypted bytea,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint password_reset_tokens_hash_key unique (tenant_id, token_hash),
    constraint password_reset_tokens_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade
);
create unique index password_reset_tokens_unused_key on sentinel.password_reset_tokens (tenant_id, user_id, purpose)
    where used_at is null;
call sentinel_private.guard_tenant_table('sentinel.password_reset_tokens');
call sentinel_private.keep_touched('sentinel.password_reset_tokens');

create table sentinel.login_challenges (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid,
    purpose text collate "C" not null check (purpose in ('mfa', 'oidc_state', 'oidc')),
    token_hash bytea not null check (octet_length(token_hash) = 32),
    draft jsonb not null default '{}' check (jsonb_typeof(draft) = 'object'),
    attempts integer not null default 0,
    expires_at timestamptz not null,
    used_at timestamptz,
    ip_hash bytea not null check (octet_length(ip_hash) = 32),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint login_challenges_hash_key unique (tenant_id, token_hash),
    constraint login_challenges_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade
);
create index login_challenges_expires_at on sentinel.login_challenges (tenant_id, expires_at);
call sentinel_private.guard_tenant_table('sentinel.login_challenges');
call sentinel_private.keep_touched('sentinel.login_challenges');

create table sentinel.mfa_credentials (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    kind text collate "C" not null check (kind in ('totp', 'recovery')),
    secret_encrypted bytea,
    code_hash bytea check (octet_length(code_hash) = 32),
    confirmed_at timestamptz,
    last_counter bigint,
    used_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint mfa_credentials_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade,
    constraint mfa_credentials_material check (
        case kind when 'totp' then secret_encrypted is not null and code_hash is null
                  else secret_encrypted is null and code_hash is not null end)
);
create unique index mfa_credentials_confirmed_totp_key on sentinel.mfa_credentials (tenant_id, user_id)
    where kind = 'totp' and confirmed_at is not null;
create index mfa_credentials_user on sentinel.mfa_credentials (tenant_id, user_id);
call sentinel_private.guard_tenant_table('sentinel.mfa_credentials');
call sentinel_private.keep_touched('sentinel.mfa_credentials');

create table sentinel.password_history (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    password_hash text collate "C" not null check (length(password_hash) <= 255),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint password_history_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade
);
create index password_history_user on sentinel.password_history (tenant_id, user_id, created_at);
call sentinel_private.guard_tenant_table('sentinel.password_history');
call sentinel_private.keep_touched('sentinel.password_history');

create table sentinel.user_identities (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    issuer text collate "C" not null check (length(issuer) between 1 and 500),
    subject_encrypted bytea not null,
    subject_hash bytea not null check (octet_length(subject_hash) = 32),
    last_login timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint user_identities_subject_key unique (tenant_id, issuer, subject_hash),
    constraint user_identities_user_fkey foreign key (tenant_id, user_id) references sentinel.users (tenant_id, id) on delete cascade
);
create index user_identities_user on sentinel.user_identities (tenant_id, user_id);
call sentinel_private.guard_tenant_table('sentinel.user_identities');
call sentinel_private.keep_touched('sentinel.user_identities');

revoke all on all routines in schema sentinel, sentinel_private from public;
grant execute on function sentinel_private.touch_user() to sentinel_app;
