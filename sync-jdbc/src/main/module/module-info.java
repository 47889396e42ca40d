/** Ponder's PostgreSQL as a source; the log, the trades and the candles in PostgreSQL. */
module io.tradesync.jdbc {
  requires transitive io.tradesync.core;
  requires transitive java.sql;
  // Jdbi names no modules itself, so nothing else would bring this one.
  requires io.leangen.geantyref;
  requires org.jdbi.v3.core;
  requires org.jdbi.v3.postgres;
  requires org.postgresql.jdbc;
  requires org.slf4j;

  exports io.tradesync.jdbc;
}
