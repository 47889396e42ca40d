-- How many more trades the log holds up to the verified second than the source has: they left the
-- source after they were final, and are kept.
alter table sync_service
  add column if not exists verified_kept bigint not null default 0;
