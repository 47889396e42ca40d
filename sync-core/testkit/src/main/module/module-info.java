/** The contracts of the extension points as tests; open, since JUnit runs what it holds. */
open module io.tradesync.testkit {
  requires transitive io.tradesync.core;
  requires java.sql;
  requires transitive org.assertj.core;
  requires transitive org.junit.jupiter.api;
  requires awaitility;

  exports io.tradesync.testkit;
}
