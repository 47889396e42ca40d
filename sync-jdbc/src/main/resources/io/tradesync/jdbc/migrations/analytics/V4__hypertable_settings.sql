-- What the sink itself has set of the hypertable: another value there was set by somebody else.
create table if not exists analytics_setting (
  name text primary key,
  seconds bigint not null,
  job_id integer
);

-- The index that create_hypertable adds is needless beside the primary key, which begins with ts.
do $$
declare
  is_hypertable boolean := false;
begin
  if to_regclass('timescaledb_information.hypertables') is not null then
    execute
      'select exists (
         select from timescaledb_information.hypertables
         where hypertable_schema = current_schema() and hypertable_name = ''analytics_trades'')'
      into is_hypertable;
  end if;
  if is_hypertable and exists (
      select
      from pg_index as i
      join pg_class as c on c.oid = i.indexrelid
      where i.indrelid = to_regclass('analytics_trades') and c.relname = 'analytics_trades_ts_idx'
        and pg_get_indexdef(i.indexrelid) like '% USING btree (ts DESC)') then
    drop index analytics_trades_ts_idx;
  end if;
end
$$;
