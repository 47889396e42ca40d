-- Which trades a force writes again, so that one that died is resumed with the same. Null: all later
-- seconds, all chains, all pools.
alter table sync_run
  add column if not exists forced_to bigint,
  add column if not exists forced_chains bigint[],
  add column if not exists forced_pools text[];
