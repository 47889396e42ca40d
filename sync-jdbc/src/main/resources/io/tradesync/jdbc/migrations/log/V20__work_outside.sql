-- Who works outside the log's transactions for a service, and until when nobody else may.
create table if not exists sync_work_outside (
  service text primary key,
  holder text not null,
  held_until timestamptz not null
);
