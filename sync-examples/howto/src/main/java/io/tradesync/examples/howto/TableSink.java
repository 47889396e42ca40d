package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.spi.UpsertSink;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Writes to another database than the log's: {@code trades (id text PRIMARY KEY, second bigint,
 * pool text, price numeric, revision bigint)}. For an id, only what is newer is applied, so the
 * table is exact whatever comes again. A deleted trade leaves a row without a second, as a mark.
 */
public record TableSink(DataSource database) implements UpsertSink {

  private static final String UPSERT =
      """
      INSERT INTO trades (id, second, pool, price, revision) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET second = excluded.second, pool = excluded.pool,
        price = excluded.price, revision = excluded.revision
      WHERE trades.revision < excluded.revision\
      """;

  /** Takes the JDBC URLs of the source and of the database with the table. */
  public static void main(String... args) {
    try (HikariDataSource ponder = new HikariDataSource();
        HikariDataSource other = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      other.setJdbcUrl(args[1]);
      var builder =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).build())
              .log(new InMemorySyncLog()) // forgets its revisions at exit; use PostgresSyncLog
              .sink(new TableSink(other));
      try (SyncEngine engine = builder.build()) {
        System.out.println(engine.run().message());
      }
    }
  }

  @Override
  public void upsert(Trade trade, long revision) throws SQLException {
    put(trade.id(), trade.epochSecond(), trade.poolId(), trade.price(), revision);
  }

  @Override
  public void delete(TradeKey key, long revision) throws SQLException {
    put(key.id(), null, null, null, revision);
  }

  private void put(
      String id,
      @Nullable Long second,
      @Nullable String pool,
      @Nullable BigDecimal price,
      long revision)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      upsert.setString(1, id);
      upsert.setObject(2, second);
      upsert.setString(3, pool);
      upsert.setBigDecimal(4, price);
      upsert.setLong(5, revision);
      upsert.executeUpdate();
    }
  }
}
