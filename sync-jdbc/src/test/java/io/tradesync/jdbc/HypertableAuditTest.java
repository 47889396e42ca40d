package io.tradesync.jdbc;

/** The audits of a store on TimescaleDB. */
class HypertableAuditTest extends StoreAuditTest {

  @Override
  StoreFixture newStore() {
    return StoreFixture.onTimescale();
  }
}
