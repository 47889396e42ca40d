package io.tradesync.jdbc;

/** The sink's tests on TimescaleDB. */
class HypertableSinkTest extends TimescaleSinkTest {

  @Override
  StoreFixture newStore() {
    return StoreFixture.onTimescale();
  }
}
