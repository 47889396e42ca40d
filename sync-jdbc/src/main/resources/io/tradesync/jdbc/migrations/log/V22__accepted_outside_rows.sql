-- Why somebody accepted that a row outside the key order cannot be processed; null if nobody did. It
-- goes with the row: other content of the same id is another row.
alter table sync_outside_key_order add column if not exists accepted text;
