package io.tradesync.jdbc;

import java.util.List;

/** The same on TimescaleDB, with compressed chunks. */
class HypertableDamageTest extends StoreDamageTest {

  @Override
  StoreFixture newStore() {
    return StoreFixture.onTimescale();
  }

  /** To drop the chunks of trades is retention, and no damage. */
  @Override
  List<String> truncations() {
    return List.of("truncate trade_candles");
  }

  @Override
  void compress(StoreFixture store) {
    store.execute(
        """
        alter table analytics_trades set (timescaledb.compress,
          timescaledb.compress_segmentby = 'chain_id, pool_id',
          timescaledb.compress_orderby = 'ts, trade_id')\
        """);
    store.execute(
        "select compress_chunk(c, if_not_compressed => true) from show_chunks('analytics_trades')"
            + " c");
  }
}
