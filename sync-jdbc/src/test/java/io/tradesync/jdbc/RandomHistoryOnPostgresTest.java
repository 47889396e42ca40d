package io.tradesync.jdbc;

import io.tradesync.Trade;
import io.tradesync.TradeSelection;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.RandomHistory;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGPoolingDataSource;

/**
 * Random histories between two databases, the candles compared with a recomputation after each
 * step; see {@link RandomHistory}. Each build plays others; a failure names its seed.
 */
class RandomHistoryOnPostgresTest {

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
    pool.setMaxConnections(8);
    store = new StoreFixture(database, pool);
    store.prepare();
  }

  @AfterAll
  static void drop() {
    pool.close();
    store.database.close();
    ponder.close();
  }

  @Test
  void whateverHappensBothDatabasesBecomeEqual() {
    play(new Random().nextLong(), 80);
  }

  @Test
  void whatIsOutOfScopeNeverEnters() {
    play(new Random().nextLong(), 8, TradeSelection.ALL.withPools("pool0", "other"));
  }

  @Test
  @Tag("long")
  void whateverHappensForLong() {
    play(0, 1_000);
  }

  private static void play(long firstSeed, int cases) {
    play(firstSeed, cases, TradeSelection.ALL);
  }

  private static void play(long firstSeed, int cases, TradeSelection selection) {
    for (int i = 0; i < cases; i++) {
      ponder.execute("delete from order_book_trades");
      store.execute(
          """
          delete from sync_log; delete from sync_run; delete from sync_lease;
          delete from sync_service; delete from sync_scope; delete from sync_unverified; delete from sync_tracked_id;
          delete from analytics_trades; delete from trade_candles; delete from candle_rebuild\
          """);
      new RandomHistory<>(firstSeed + i, new Databases(), selection).play();
    }
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

    @Override
    public int maxIds() {
      return 10;
    }

    @Override
    public Duration drift() {
      return Duration.ofSeconds(50);
    }
  }
}
