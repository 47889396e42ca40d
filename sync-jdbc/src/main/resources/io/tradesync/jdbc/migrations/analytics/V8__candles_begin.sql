-- No candle of a length begins below kept_since, since some of its trades would be gone: -infinity
-- if there is no such time. Candles from before the length was removed and kept again are excepted.
alter table candle_length
  add column if not exists kept_since timestamptz not null default '-infinity';

update candle_length set kept_since = complete_since where complete_since > kept_since;

-- Candles of a length that was removed from the settings. Those that begin in such a span ended below
-- the retention boundary by then, so they stay right.
create table if not exists candle_length_removed (
  bucket_seconds integer not null,
  whole_since timestamptz not null,
  whole_until timestamptz not null,
  primary key (bucket_seconds, whole_since)
);
