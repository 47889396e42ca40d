-- A hand-out reserves its rows before it draws their revisions, and writes each once more after that.
-- Room in the page lets the second version stay there, without new entries in both indexes.
alter table sync_handed_out set (fillfactor = 40);
