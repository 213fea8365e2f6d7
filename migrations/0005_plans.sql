-- Indexes that reading every statement's plan asked for; most serve the hourly removal of what has ended (spec 02 rule 24, spec 15 section 8).

-- Sessions that ended of themselves, to be marked; and ended ones, to be removed.
create index sessions_idle_expires_at on sentinel.sessions (tenant_id, idle_expires_at) where ended_at is null;
create index sessions_ended_at on sentinel.sessions (tenant_id, ended_at) where ended_at is not null;
create index password_reset_tokens_expires_at on sentinel.password_reset_tokens (tenant_id, expires_at);
create index mail_outbox_settled on sentinel.mail_outbox (tenant_id, updated_at) where status <> 'pending';

-- Lists by name that show deleted people too.
create index users_username on sentinel.users (tenant_id, username, id);
