-- What was verified, and up to where trades are final; one row a service from its first start on.
-- Transactions that write entries hold the row FOR SHARE, so that moving a bound waits for them.
alter table sync_service alter column baseline drop not null;
alter table sync_service
  add column if not exists final_through bigint,
  add column if not exists mark_through bigint,
  add column if not exists verified_from bigint,
  add column if not exists verified_through bigint,
  add column if not exists verified_trades bigint,
  add column if not exists verified_at timestamptz;

-- Verified sub-ranges in which something was written since, or a gap was found; their first seconds.
-- A comparison takes them over when it begins, and deletes those when it is complete.
create table if not exists sync_unverified (
  service text not null,
  start_second bigint not null,
  taken_over boolean not null,
  primary key (service, start_second, taken_over)
);

-- At which key an id is, as long as its trade can move to another one, and since when it is gone from
-- there. Small: only trades that are not verified yet are in it, so the random order of ids does
-- not hurt.
create table if not exists sync_watch (
  service text not null,
  trade_id text collate "C" not null,
  trade_timestamp bigint not null,
  gone_since timestamptz,
  primary key (service, trade_id)
);

create index if not exists sync_watch_time on sync_watch (service, trade_timestamp);

create index if not exists sync_watch_gone
  on sync_watch (service, trade_timestamp, trade_id)
  where gone_since is not null;

-- Entries from before this version: those of the last day may still move.
insert into sync_watch (service, trade_id, trade_timestamp)
select service, trade_id, trade_timestamp
from sync_log
where status = 'processed' and trade_timestamp > extract(epoch from now()) - 86400
on conflict do nothing;
