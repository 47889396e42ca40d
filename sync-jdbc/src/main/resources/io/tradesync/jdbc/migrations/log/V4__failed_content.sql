-- What failed last: the fingerprint of the content that could not be written, 0 of a retraction. A
-- processed entry keeps its own beside it.
alter table sync_log
  add column if not exists failed_fingerprint bigint;

update sync_log set failed_fingerprint = fingerprint where status = 'error';
update sync_log set failed_at = null, error_message = null where status <> 'error' and failed_at is not null;

create index if not exists sync_log_failed
  on sync_log (service, trade_timestamp, trade_id)
  where failed_at is not null;

drop index if exists sync_log_error;
