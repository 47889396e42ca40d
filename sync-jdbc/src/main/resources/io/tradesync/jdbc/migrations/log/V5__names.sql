-- The words of the glossary: a fencing token, tracked ids.
alter table sync_lease rename column fence to fencing_token;

alter table sync_watch rename to sync_tracked_id;
alter index sync_watch_pkey rename to sync_tracked_id_pkey;
alter index sync_watch_time rename to sync_tracked_id_time;
alter index sync_watch_gone rename to sync_tracked_id_gone;
