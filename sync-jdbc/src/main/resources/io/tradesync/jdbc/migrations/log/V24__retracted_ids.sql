-- Ids that a sink which goes by revisions holds at no key: the last change that it was given of each
-- is a retraction. The log may hold such an id as processed at a key that it does not track. Small: a
-- write of the id deletes its row, and a run that finds many of them searches the log and deletes all.
create table if not exists sync_retracted_id (
  service text not null,
  trade_id text collate "C" not null,
  primary key (service, trade_id)
);
