-- When the figures of a run were recorded last; null in runs recorded before this column was.
alter table sync_run add column if not exists recorded_at timestamptz;

-- As of when figures are that are not computed for each answer: what the last audit found to differ in
-- the store, and the rows outside the key order. A figure without a row was never recorded.
create table if not exists sync_figure_time (
  service text not null,
  figure text not null,
  as_of timestamptz not null,
  primary key (service, figure)
);
