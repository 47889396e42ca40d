-- The chains and pools whose trades a service has in its log. Null: all of them. A service that has
-- entries and no row has those of all chains and pools.
create table if not exists sync_scope (
  service text primary key,
  chains bigint[],
  pools text[]
);
