package io.tradesync.jdbc;

import io.tradesync.jdbc.fixture.PostgresServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** The sink's contract on TimescaleDB. */
class HypertableSinkContractTest extends TimescaleSinkContractTest {

  @Override
  StoreFixture newStore() {
    return StoreFixture.onTimescale();
  }

  @Override
  boolean canLoseConnections() {
    return false;
  }

  /** The tests of a JVM share the database. */
  @AfterEach
  void dropWhatFailsOnce() {
    store.execute("drop function if exists fail_once() cascade");
    store.execute("drop sequence if exists writes");
  }

  /** One test reads in a second transaction while the first is open. */
  @BeforeEach
  void needsTwoTransactions(TestInfo test) {
    if (test.getDisplayName().startsWith("itJoinsTheLogsTransaction")) {
      PostgresServer ignored = PostgresServer.concurrentTimescale();
    }
  }
}
