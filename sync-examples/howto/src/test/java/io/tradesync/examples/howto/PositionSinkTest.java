package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The positions equal the sums of the source's trades, whatever happens to these. */
class PositionSinkTest {

  static final String TABLES =
      "CREATE TABLE positions (pool text, side text, quantity numeric, PRIMARY KEY (pool, side));"
          + "CREATE TABLE held (id text, second bigint, pool text, side text, quantity numeric,"
          + " PRIMARY KEY (id, second))";
  private static final long T = 1_754_400_000L;

  private final PostgresServer.Database database = PostgresServer.get().newDatabase();
  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private SyncEngine engine;

  @BeforeEach
  void create() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(TABLES);
    }
    engine =
        SyncEngine.builder()
            .source(source)
            .log(PostgresSyncLog.builder(database.dataSource()).service("positions").build())
            .sink(new PositionSink())
            .orphanGrace(Duration.ZERO)
            .batchSize(7)
            .parallelism(4)
            .build();
  }

  @AfterEach
  void close() {
    engine.close();
    database.close();
  }

  private static Trade trade(
      String id, long second, String pool, @Nullable String side, @Nullable Long quantity) {
    return Trade.builder(id, T + second, 1, pool)
        .side(side)
        .quantity(quantity == null ? null : BigDecimal.valueOf(quantity))
        .build();
  }

  private Map<String, BigDecimal> positions() throws SQLException {
    Map<String, BigDecimal> positions = new TreeMap<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM positions WHERE quantity <> 0")) {
      while (rows.next()) {
        positions.put(rows.getString(1) + " " + rows.getString(2), rows.getBigDecimal(3));
      }
    }
    return positions;
  }

  private Map<String, BigDecimal> sumsOfTheSource() {
    Map<String, BigDecimal> sums = new TreeMap<>();
    for (Trade trade : source.trades()) {
      String side = trade.side() == null ? "" : trade.side();
      if (trade.quantity() != null) {
        sums.merge(trade.poolId() + " " + side, trade.quantity(), BigDecimal::add);
      }
    }
    return sums;
  }

  private void assertExact(SyncResult result) throws SQLException {
    assertThat(result.errors()).isZero();
    assertThat(positions()).isEqualTo(sumsOfTheSource());
  }

  @Test
  void changesMovesRetractionsAndAForceAreCountedOnce() throws SQLException {
    source.put(
        trade("a", 0, "x", "Buy", 5L),
        trade("b", 1, "x", "Sell", 3L),
        trade("c", 2, "x", "Buy", 4L),
        trade("d", 3, "y", null, 2L),
        trade("e", 4, "y", "Buy", null));
    assertExact(engine.run());
    assertThat(positions())
        .containsEntry("x Buy", BigDecimal.valueOf(9))
        .containsEntry("y ", BigDecimal.valueOf(2));

    source.put(trade("a", 0, "x", "Buy", 6L), trade("b", 1, "x", "Buy", 3L)); // change
    assertExact(engine.run());
    source.put(trade("c", 60, "y", "Sell", 4L), trade("d", 0, "y", null, 1L)); // moves
    assertExact(engine.run());
    source.remove("a"); // retraction
    assertExact(engine.run());
    assertExact(engine.forceFromEpochSecond(T - 1));
    source.put(trade("a", 0, "x", "Buy", 6L)); // back again
    assertExact(engine.run());
    assertThat(positions()).containsEntry("x Buy", BigDecimal.valueOf(9));
  }

  @Test
  void batchesThatShareAllPositionsDoNotWaitForEachOther() throws SQLException {
    Random random = new Random(1);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 300; i++) {
        String pool = "pool-" + random.nextInt(4);
        String side = random.nextBoolean() ? "Buy" : "Sell";
        source.put(trade("t" + i, random.nextInt(500), pool, side, random.nextLong(1L << 60)));
      }
      assertExact(engine.run());
      assertExact(engine.forceFromEpochSecond(T - 1));
    }
  }
}
