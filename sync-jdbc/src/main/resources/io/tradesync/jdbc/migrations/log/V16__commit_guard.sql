-- Empty. A transaction that a sink joins has a row here that violates the constraint, which is
-- checked at the commit; the log removes the row just before it commits. So no other can commit.
create table if not exists sync_commit_guard (
  transaction_id bigint primary key,
  never bigint not null,
  constraint only_the_log_may_commit foreign key (never)
    references sync_commit_guard (transaction_id) deferrable initially deferred
);
