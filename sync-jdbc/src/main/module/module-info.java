/** Ponder's PostgreSQL as a source; the log, the trades and the candles in PostgreSQL. */
module io.tradesync.jdbc {
  requires transitive io.tradesync.core;
  requires transitive java.sql;
  // Jdbi and the driver name no modules themselves, so nothing else would bring these.
  requires io.leangen.geantyref;
  requires java.desktop;
  requires java.management;
  requires java.naming;
  requires java.security.jgss;
  requires jdk.jfr;
  requires org.jdbi.v3.core;
  requires org.jdbi.v3.postgres;
  requires org.postgresql.jdbc;
  requires org.slf4j;

  exports io.tradesync.jdbc;
}
