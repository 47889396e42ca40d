package io.tradesync.jdbc;

import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.RandomHistory;
import io.tradesync.testkit.WorkersContract;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.postgresql.ds.PGPoolingDataSource;

/** Runs by workers that repeat and shuffle, between two databases; the candles are compared. */
class WorkersOnPostgresTest extends WorkersContract<Connection> {

  private static PonderTables ponder;
  private static StoreFixture store;
  private static PGPoolingDataSource pool;

  @BeforeAll
  static void create() throws Exception {
    ponder = new PonderTables();
    ponder.create("bigint", "");
    PostgresServer.Database database = PostgresServer.get().newDatabase();
    pool = new PGPoolingDataSource();
    pool.setDataSourceName(database.name());
    pool.setUrl(database.jdbcUrl());
    pool.setMaxConnections(16);
    store = new StoreFixture(database, pool);
    store.prepare();
  }

  @AfterAll
  static void drop() {
    pool.close();
    store.database.close();
    ponder.close();
  }

  @Override
  protected RandomHistory.Sides<Connection> newSides() {
    ponder.execute("delete from order_book_trades");
    store.execute(
        """
        delete from sync_log; delete from sync_run; delete from sync_lease;
        delete from sync_service; delete from sync_unverified; delete from sync_tracked_id;
        delete from analytics_trades; delete from trade_candles; delete from candle_rebuild\
        """);
    return new Databases();
  }

  private static final class Databases implements RandomHistory.Sides<Connection> {
    private final TradeSource source = PonderTradeSource.builder(ponder.pool()).build();

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
  }
}
