-- When the comparison under way, or the last one, began to read. What it verifies is as of then.
alter table sync_service add column if not exists compared_since timestamptz;
