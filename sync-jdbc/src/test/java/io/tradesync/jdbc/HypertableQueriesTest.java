package io.tradesync.jdbc;

/** The query side on TimescaleDB. */
class HypertableQueriesTest extends QueriesTest {

  @Override
  StoreFixture newStore() {
    return StoreFixture.onTimescale();
  }
}
