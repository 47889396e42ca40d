-- The revisions of changes. A transaction that needs some draws one number, once it holds the locks of
-- its ids and entries, and with it all revisions up to the next number.
create sequence if not exists sync_revision increment by 1048576 minvalue 1 no cycle;
