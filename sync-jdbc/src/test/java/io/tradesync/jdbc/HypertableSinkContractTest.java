package io.tradesync.jdbc;

import io.tradesync.jdbc.fixture.PostgresServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** The sink's contract on TimescaleDB. */
class HypertableSinkContractTest extends TimescaleSinkContractTest {

  @Override
  StoreFixture newStore() {
    return StoreFixture.onTimescale();
  }

  /** One test reads in a second transaction while the first is open. */
  @BeforeEach
  void needsTwoTransactions(TestInfo test) {
    if (test.getDisplayName().startsWith("itJoinsTheLogsTransaction")) {
      PostgresServer ignored = PostgresServer.concurrentTimescale();
    }
  }
}
