-- In how many runs a trade failed on its own content, and whether runs leave it alone since.
alter table sync_log
  add column if not exists data_failures integer not null default 0,
  add column if not exists parked boolean not null default false;
