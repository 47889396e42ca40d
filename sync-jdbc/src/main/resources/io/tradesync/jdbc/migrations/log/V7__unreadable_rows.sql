-- How many rows the source had at the key, if they were no trade; failed_fingerprint is then the sum of
-- their hashes. 0 if processing a trade failed.
alter table sync_log
  add column if not exists unreadable_rows integer not null default 0;

-- What every run tries again, wherever it is.
create index if not exists sync_log_retriable
  on sync_log (service, trade_timestamp, trade_id)
  where failed_at is not null and not parked;
