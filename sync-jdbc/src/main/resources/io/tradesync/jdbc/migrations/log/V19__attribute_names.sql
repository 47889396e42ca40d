-- The names of the attributes that the fingerprints of a service's entries cover, in their order.
-- Null: not recorded yet.
alter table sync_scope add column if not exists attribute_names text[];
