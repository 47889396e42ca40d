-- Whether the run that holds the lease was asked to stop, by whatever process.
alter table sync_lease add column if not exists cancel_requested boolean not null default false;
