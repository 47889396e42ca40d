-- Sub-ranges in which the last audit found that the sink does not hold what the log says: how many
-- rows of trades and how many candles. Small: the next run repairs a sub-range and removes its row.
create table if not exists sync_store_difference (
  service text not null,
  start_second bigint not null,
  trades bigint not null,
  candles bigint not null,
  primary key (service, start_second)
);
