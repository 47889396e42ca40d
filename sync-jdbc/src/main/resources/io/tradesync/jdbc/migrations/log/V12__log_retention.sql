-- The second below which entries of sync_log are deleted, if the log is kept as long as the trades.
alter table sync_retention add column if not exists entries_since bigint;
