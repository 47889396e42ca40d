-- What was processed: one row a service and trade key. The key leads with the time, so that rows
-- arrive at the end of the index; the ids alone are hashes and would be written all over it.
create table if not exists sync_log (
  service text not null,
  trade_timestamp bigint not null,
  trade_id text collate "C" not null,
  status text not null check (status in ('processed', 'error', 'retracted')),
  fingerprint bigint not null,
  attempts integer not null default 0,
  processed_at timestamptz,
  failed_at timestamptz,
  error_message text,
  run_id text not null,
  primary key (service, trade_timestamp, trade_id)
);

create index if not exists sync_log_error
  on sync_log (service, trade_timestamp, trade_id)
  where status = 'error';

-- The run history.
create table if not exists sync_run (
  run_id text primary key,
  service text not null,
  kind text not null check (kind in ('run', 'force', 'audit')),
  outcome text not null
    check (outcome in ('running', 'completed', 'failed', 'cancelled', 'aborted')),
  started_at timestamptz not null,
  ended_at timestamptz,
  host text not null,
  processed bigint not null default 0,
  errors bigint not null default 0,
  total bigint not null default 0,
  forced_after bigint,
  through_timestamp bigint,
  through_id text collate "C",
  message text
);

create index if not exists sync_run_started on sync_run (service, started_at desc);

-- The run that may run now. The row stays when the lease ends, so that the number of its grants keeps
-- rising.
create table if not exists sync_lease (
  service text not null,
  kind text not null check (kind in ('run', 'audit')),
  run_id text not null,
  fence bigint not null,
  started_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (service, kind)
);

-- What is remembered of a service as a whole.
create table if not exists sync_service (
  service text primary key,
  baseline bigint not null
);
