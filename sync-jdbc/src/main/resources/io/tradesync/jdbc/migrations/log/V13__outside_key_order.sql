-- Rows of the source that have no place in the key order: the timestamp is null or no clock means it,
-- or the id is null, empty or over 1,024 bytes long. Replaced by each comparison of everything.
create table if not exists sync_outside_key_order (
  service text not null,
  id_sha256 text not null,
  row_hash bigint not null,
  id_start text,
  trade_timestamp bigint,
  column_name text not null,
  reason text not null,
  found_at timestamptz not null default now(),
  primary key (service, id_sha256, row_hash)
);
