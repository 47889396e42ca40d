package io.tradesync.jdbc;

import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.RandomHistory;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * A source and a store in two databases, whose candles are recomputed by plain SQL to check them.
 */
final class PostgresSides implements RandomHistory.Sides<Connection>, AutoCloseable {

  private final PonderTables ponder = new PonderTables();
  private final StoreFixture store;
  private TradeSource source;

  /** Creates both databases, empty. */
  PostgresSides() throws Exception {
    ponder.create("bigint", "");
    PostgresServer.Database database = PostgresServer.get().newDatabase();
    store = new StoreFixture(database);
    store.prepare();
    source = newSource();
  }

  private TradeSource newSource() {
    return PonderTradeSource.builder(ponder.database.dataSource()).build();
  }

  /** Empties both, for a source that remembers nothing; returns them. */
  PostgresSides emptied() {
    ponder.execute("delete from order_book_trades");
    store.execute(
        """
        delete from sync_log; delete from sync_run; delete from sync_lease;
        delete from sync_service; delete from sync_scope; delete from sync_unverified;
        delete from sync_tracked_id; delete from sync_retracted_id; delete from sync_figure_time;
        delete from analytics_trades; delete from trade_candles;
        delete from candle_rebuild\
        """);
    source = newSource();
    return this;
  }

  @Override
  public void close() {
    store.database.close();
    ponder.close();
  }

  @Override
  public TradeSource source() {
    return source;
  }

  @Override
  public SyncLog log() {
    return store.log;
  }

  @Override
  public TransactionalSink<Connection> sink() {
    return store.sink;
  }

  @Override
  public List<Trade> held() {
    return store.trades();
  }

  @Override
  public void change(Collection<String> removed, Collection<Trade> added) {
    ponder.change(removed, added);
  }

  @Override
  public void check() {
    store.assertCandlesEqualTheirTrades();
  }

  @Override
  public void pass(Duration duration) {
    store.pass(duration);
  }

  @Override
  public int maxIds() {
    return 10;
  }

  @Override
  public Duration drift() {
    return Duration.ofSeconds(50);
  }
}
