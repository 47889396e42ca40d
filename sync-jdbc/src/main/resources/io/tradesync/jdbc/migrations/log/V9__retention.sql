-- How far back the sink keeps trades. Each transaction reads it: below the greater of retained_since
-- and the current time less period_seconds, rounded up to a multiple of step, nothing is written.
create table if not exists sync_retention (
  service text primary key,
  retained_since bigint,
  period_seconds bigint,
  step integer not null
);
