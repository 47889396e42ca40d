-- What a sink outside the log's transaction was last given for a key, and has not answered yet: the
-- content to be written, or null if the trade was to leave the key, and the second of the key that a
-- write was to replace. Small: a row goes when the sink answers. All rows of an id are looked up
-- together, so the key leads with the id.
create table if not exists sync_handed_out (
  service text not null,
  trade_timestamp bigint not null,
  trade_id text collate "C" not null,
  fingerprint bigint,
  old_timestamp bigint,
  revision bigint not null,
  forced boolean not null,
  primary key (service, trade_id, trade_timestamp)
);

create index if not exists sync_handed_out_time
  on sync_handed_out (service, trade_timestamp, trade_id);
