-- Why somebody accepted that the trade fails, so that it is no gap; null if nobody did.
alter table sync_log
  add column if not exists accepted_reason text;
