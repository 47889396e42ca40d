package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.AnalyticsSinkContract;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** The sink as the contract wants it, and after each test its positions. */
class PositionSinkContractTest extends AnalyticsSinkContract {

  private final PostgresServer.Database database = PostgresServer.get().newDatabase();

  @Override
  protected AnalyticsSink emptySink() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(PositionSinkTest.TABLES);
    }
    return new PositionSink();
  }

  @Override
  protected SyncLog emptyLog() {
    return PostgresSyncLog.builder(database.dataSource()).build();
  }

  @Override
  protected Collection<Trade> held() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM held")) {
      List<Trade> trades = new ArrayList<>();
      while (rows.next()) {
        trades.add(
            Trade.builder(rows.getString("id"), rows.getLong("second"), 0, rows.getString("pool"))
                .side(rows.getString("side"))
                .quantity(rows.getBigDecimal("quantity"))
                .build());
      }
      return trades;
    }
  }

  /** What counts for a position. */
  @Override
  protected Trade kept(Trade trade) {
    return Trade.builder(trade.id(), trade.epochSecond(), 0, trade.poolId())
        .side(trade.side() == null ? "" : trade.side())
        .quantity(trade.quantity() == null ? BigDecimal.ZERO : trade.quantity())
        .build();
  }

  @AfterEach
  void positionsEqualTheSumsOfTheirTrades() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet unlike =
            statement.executeQuery(
                """
                SELECT pool, side
                FROM (SELECT pool, side, sum(quantity) AS due FROM held GROUP BY pool, side) h
                FULL JOIN positions USING (pool, side)
                WHERE coalesce(due, 0) <> coalesce(quantity, 0)\
                """)) {
      assertThat(unlike.next()).isFalse();
    } finally {
      database.close();
    }
  }
}
