-- What is written beside every change: audit records, outboxes, answers kept for repeated requests (spec 00, 12, 15).

create table sentinel.audit_logs (
    tenant_id uuid not null,
    id uuid not null,
    seq bigint not null check (seq > 0),
    actor_id uuid,
    actor_type text collate "C" not null check (actor_type in ('user', 'service_account', 'system')),
    actor_details jsonb not null check (jsonb_typeof(actor_details) = 'object'),
    action text collate "C" not null check (length(action) between 1 and 100),
    resource_type text collate "C" check (length(resource_type) between 1 and 100),
    resource_id text collate "C" check (length(resource_id) between 1 and 255),
    resource_details jsonb check (jsonb_typeof(resource_details) = 'object'),
    changes jsonb not null check (jsonb_typeof(changes) = 'object'),
    result text collate "C" not null check (result in ('success', 'failure', 'denied')),
    error_details text collate "C" check (length(error_details) <= 1000),
    security_context jsonb not null check (jsonb_typeof(security_context) = 'object'),
    risk_score double precision check (risk_score between 0 and 1),
    request_id text collate "C" check (length(request_id) <= 64),
    metadata jsonb not null check (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz not null,
    digest bytea not null check (octet_length(digest) = 32),
    mac bytea not null check (octet_length(mac) = 32),
    prev_hash bytea not null check (octet_length(prev_hash) = 32),
    row_hash bytea not null check (octet_length(row_hash) = 32),
    primary key (tenant_id, id, created_at),
    constraint audit_logs_seq_key unique (tenant_id, seq, created_at)
) partition by range (created_at);
create index audit_logs_created_at on sentinel.audit_logs (tenant_id, created_at desc);
create index audit_logs_actor on sentinel.audit_logs (tenant_id, actor_id, created_at desc);
create index audit_logs_action on sentinel.audit_logs (tenant_id, action, created_at desc);
create index audit_logs_resource on sentinel.audit_logs (tenant_id, resource_type, resource_id, created_at desc);
create index audit_logs_request on sentinel.audit_logs (tenant_id, request_id, created_at desc);
create index audit_logs_risky on sentinel.audit_logs (tenant_id, created_at desc) where risk_score > 0.7;
call sentinel_private.guard_tenant_table('sentinel.audit_logs', 'select');

-- Catches what no month's partition takes; it stays empty while months are made ahead.
create table sentinel.audit_logs_default partition of sentinel.audit_logs default;
alter table sentinel.audit_logs_default enable row level security;

-- The only way into audit_logs: numbers a record of the transaction's tenant, chains it, inserts it and moves the head, whose row lock is
-- the last that a transaction takes.
--
-- row_hash = SHA-256 over exactly 80 bytes:
--   32 bytes  prev_hash: row_hash of the record before; 32 zero bytes for seq 1
--    8 bytes  seq, big-endian two's complement
--    8 bytes  created_at: whole microseconds since 1970-01-01T00:00:00Z, big-endian two's complement
--   32 bytes  digest, as the server sent it
-- created_at is the database's clock after the lock was taken, so that it never runs against seq unless the clock itself was set back.
create function sentinel.append_audit(
    record_id uuid, actor_id uuid, actor_type text, actor_details jsonb, action text, resource_type text, resource_id text,
    resource_details jsonb, changes jsonb, result text, error_details text, security_context jsonb, risk_score double precision,
    request_id text, metadata jsonb, digest bytea, mac bytea,
    out seq bigint, out created_at timestamptz, out row_hash bytea)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    tenant constant uuid := nullif(current_setting('sentinel.tenant_id', true), '')::uuid;
    head sentinel_private.audit_head;
begin
    if tenant is null then
        raise exception 'an audit record belongs to a tenant, and none is set' using errcode = 'insufficient_privilege';
    end if;
    select * into head from sentinel_private.audit_head where audit_head.tenant_id = tenant for update;
    if not found then
        insert into sentinel_private.audit_head (tenant_id) select tenants.id from sentinel.tenants where tenants.id = tenant
            on conflict do nothing;
        select * into head from sentinel_private.audit_head where audit_head.tenant_id = tenant for update;
        if not found then
            raise exception 'there is no tenant %', tenant using errcode = 'foreign_key_violation';
        end if;
    end if;
    seq := head.number + 1;
    created_at := clock_timestamp();
    row_hash := sha256(head.hash || int8send(seq) || int8send((extract(epoch from created_at) * 1000000)::bigint) || digest);
    insert into sentinel.audit_logs values (tenant, record_id, seq, actor_id, actor_type, actor_details, action, resource_type, resource_id,
        resource_details, changes, result, error_details, security_context, risk_score, request_id, metadata, created_at, digest, mac,
        head.hash, row_hash);
    update sentinel_private.audit_head set number = append_audit.seq, hash = append_audit.row_hash where audit_head.tenant_id = tenant;
end
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Months of a partitioned table of sentinel; months begin and end in UTC

-- The partitioned table of that name. Nothing else has months, so that the name can lead nowhere else.
create function sentinel_private.partitioned_table(name text) returns regclass
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
declare
    found_table constant regclass := (select oid from pg_class where relnamespace = 'sentinel'::regnamespace and relname = name and relkind = 'p');
begin
    if found_table is null then
        raise exception 'sentinel has no partitioned table %', name using errcode = 'undefined_table';
    end if;
    return found_table;
end
$$;

-- Makes the partition of the month that holds the day, unless it is there; true when it was made. LIKE and ATTACH, since PARTITION OF
-- would lock out every reader of the parent. Rows of the month that had to go to the default partition move over.
create function sentinel.make_month_partition(parent text, day date) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set lock_timeout = '1s'
    as $$
declare
    parent_table constant regclass := sentinel_private.partitioned_table(parent);
    month constant timestamptz := date_trunc('month', day::timestamptz);
    next_month constant timestamptz := month + interval '1 month';
    partition constant text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
begin
    if month not between date_trunc('month', now()) - interval '1 month' and date_trunc('month', now()) + interval '12 months' then
        raise exception 'months are made from the last one to a year ahead' using errcode = 'invalid_parameter_value';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('months of ' || parent, 0));
    if to_regclass(format('sentinel.%I', partition)) is not null then
        return false;
    end if;
    for attempt in 1..3 loop
        begin
            execute format('create table sentinel.%I (like %s including defaults including constraints including storage)',
                           partition, parent_table);
            execute format('alter table sentinel.%I enable row level security', partition);
            execute format('with moved as (delete from sentinel.%I where created_at >= $1 and created_at < $2 returning *)
                            insert into sentinel.%I select * from moved', parent || '_default', partition) using month, next_month;
            execute format('alter table %s attach partition sentinel.%I for values from (%L) to (%L)',
                           parent_table, partition, month, next_month);
            return true;
        exception when lock_not_available then
            if attempt = 3 then
                raise;
            end if;
        end;
    end loop;
end
$$;

-- Removes the oldest months that ended more than retention_days ago, oldest first, and says what went, a row for each tenant of each month.
create function sentinel.apply_retention(parent text, retention_days integer)
    returns table (month date, tenant_id uuid, records bigint, first_at timestamptz, last_at timestamptz)
    language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set lock_timeout = '1s'
    as $$
declare
    parent_table constant regclass := sentinel_private.partitioned_table(parent);
    least_days constant integer := case parent when 'audit_logs' then 30 else 1 end;
    partition record;
begin
    if retention_days is null or retention_days < least_days then
        raise exception '% is kept for at least % days', parent, least_days using errcode = 'invalid_parameter_value';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('months of ' || parent, 0));
    for partition in
        select child.relname as name, to_date(right(child.relname, 7), 'YYYY_MM') as month
        from pg_inherits join pg_class child on child.oid = pg_inherits.inhrelid
        where pg_inherits.inhparent = parent_table and child.relname ~ '_[0-9]{4}_[0-9]{2}$'
        order by 2
    loop
        exit when partition.month + interval '1 month' > now() - make_interval(days => retention_days);
        return query execute format('select $1, tenant_id, count(*), min(created_at), max(created_at) from sentinel.%I group by tenant_id',
                                    partition.name) using partition.month;
        for attempt in 1..3 loop
            begin
                execute format('alter table %s detach partition sentinel.%I', parent_table, partition.name);
                exit;
            exception when lock_not_available then
                if attempt = 3 then
                    raise;
                end if;
            end;
        end loop;
        execute format('drop table sentinel.%I', partition.name);
    end loop;
end
$$;

select sentinel.make_month_partition('audit_logs', ((now() at time zone 'UTC') + make_interval(months => ahead))::date)
    from generate_series(0, 3) ahead;

-- ---------------------------------------------------------------------------------------------------------------------

create table sentinel.audit_checkpoints (
    tenant_id uuid not null,
    id uuid not null,
    from_seq bigint not null check (from_seq > 0),
    to_seq bigint not null,
    root_hash bytea not null check (octet_length(root_hash) = 32),
    record_count integer not null check (record_count > 0),
    kid text collate "C" not null check (length(kid) between 1 and 64),
    signature bytea not null,
    archived_at timestamptz,
    sinks text[] collate "C" not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint audit_checkpoints_to_seq_key unique (tenant_id, to_seq),
    constraint audit_checkpoints_range check (to_seq >= from_seq)
);
call sentinel_private.guard_tenant_table('sentinel.audit_checkpoints', 'select, insert');

create table sentinel.idempotency_keys (
    tenant_id uuid not null,
    id uuid not null,
    principal_id uuid not null,
    route text collate "C" not null check (length(route) between 1 and 200),
    key_hash bytea not null check (octet_length(key_hash) = 32),
    request_hash bytea not null check (octet_length(request_hash) = 32),
    status integer not null check (status between 200 and 299),
    headers jsonb not null default '{}' check (jsonb_typeof(headers) = 'object'),
    body_encrypted bytea,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint idempotency_keys_key unique (tenant_id, principal_id, route, key_hash)
);
create index idempotency_keys_expires_at on sentinel.idempotency_keys (tenant_id, expires_at);
call sentinel_private.guard_tenant_table('sentinel.idempotency_keys');
call sentinel_private.keep_touched('sentinel.idempotency_keys');

create table sentinel.event_outbox (
    tenant_id uuid not null,
    id uuid not null,
    event text collate "C" not null check (length(event) between 1 and 100),
    payload jsonb not null default '{}' check (jsonb_typeof(payload) = 'object'),
    sequence bigint generated always as identity,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index event_outbox_sequence on sentinel.event_outbox (tenant_id, sequence);
call sentinel_private.guard_tenant_table('sentinel.event_outbox');
call sentinel_private.keep_touched('sentinel.event_outbox');

create table sentinel.mail_outbox (
    tenant_id uuid not null,
    id uuid not null,
    to_encrypted bytea not null,
    template text collate "C" not null check (length(template) between 1 and 50),
    data_encrypted bytea not null,
    status text collate "C" not null default 'pending' check (status in ('pending', 'sent', 'failed')),
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index mail_outbox_next_attempt on sentinel.mail_outbox (tenant_id, next_attempt_at) where status = 'pending';
call sentinel_private.guard_tenant_table('sentinel.mail_outbox');
call sentinel_private.keep_touched('sentinel.mail_outbox');

revoke all on all routines in schema sentinel, sentinel_private from public;
grant execute on function
    sentinel.append_audit(uuid, uuid, text, jsonb, text, text, text, jsonb, jsonb, text, text, jsonb, double precision, text, jsonb, bytea,
        bytea),
    sentinel.make_month_partition(text, date), sentinel.apply_retention(text, integer) to sentinel_app;
