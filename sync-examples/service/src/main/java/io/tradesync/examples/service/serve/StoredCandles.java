package io.tradesync.examples.service.serve;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.examples.service.http.CandleReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Reads the candles of {@code trade_candles}. Thread-safe. */
record StoredCandles(DataSource store) implements CandleReader {

  private static final int TIMEOUT_SECONDS = 5;

  private static final String LENGTHS =
      "select bucket_seconds from candle_length order by bucket_seconds";

  // The pools are found one after the other in the key, since a pool has many candles.
  private static final String POOLS =
      """
      with recursive pools as (
        (select chain_id, pool_id from trade_candles
         where (chain_id, pool_id) > (?, ?)
         order by chain_id, pool_id limit 1)
        union all
        select n.chain_id, n.pool_id
        from pools as p
        cross join lateral (
          select c.chain_id, c.pool_id from trade_candles as c
          where (c.chain_id, c.pool_id) > (p.chain_id, p.pool_id)
          order by c.chain_id, c.pool_id limit 1) as n)
      select chain_id, pool_id from pools limit ?\
      """;

  private static final String CANDLES =
      """
      select extract(epoch from bucket_start)::bigint, open, high, low, close, volume,
        quote_volume, trades
      from trade_candles
      where chain_id = ? and pool_id = ? and bucket_seconds = ?
        and bucket_start >= to_timestamp(?) and bucket_start < to_timestamp(?) and trades > 0
      order by bucket_start {direction}
      limit ?\
      """;

  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  @Override
  public List<Integer> lengths() {
    return query(LENGTHS, row -> row.getInt(1));
  }

  @Override
  public List<Pool> pools(@Nullable Pool after, int limit) {
    return query(
        POOLS,
        row -> new Pool(row.getLong(1), row.getString(2)),
        after == null ? Long.MIN_VALUE : after.chainId(),
        after == null ? "" : after.poolId(),
        limit);
  }

  @Override
  public List<Candle> candles(Pool pool, Span span, int limit) {
    Long from = span.fromTimestamp();
    List<Candle> candles =
        query(
            CANDLES.replace("{direction}", from == null ? "desc" : "asc"),
            StoredCandles::candle,
            pool.chainId(),
            pool.poolId(),
            span.bucketSeconds(),
            from == null ? Double.NEGATIVE_INFINITY : (double) from,
            (double) span.toTimestamp(),
            limit);
    if (from == null) {
      Collections.reverse(candles);
    }
    return candles;
  }

  private static Candle candle(ResultSet row) throws SQLException {
    return new Candle(
        row.getLong(1),
        text(row.getBigDecimal(2)),
        text(row.getBigDecimal(3)),
        text(row.getBigDecimal(4)),
        text(row.getBigDecimal(5)),
        row.getBigDecimal(6).toPlainString(),
        row.getBigDecimal(7).toPlainString(),
        row.getLong(8));
  }

  private static @Nullable String text(@Nullable BigDecimal value) {
    return value == null ? null : value.toPlainString();
  }

  private <T> List<T> query(String sql, RowReader<T> reader, Object... parameters) {
    try (Connection connection = store.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setQueryTimeout(TIMEOUT_SECONDS);
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> rows = new ArrayList<>();
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          rows.add(reader.read(found));
        }
      }
      return rows;
    } catch (SQLException e) {
      throw SideUnavailableException.unreachable(Side.STORE, String.valueOf(e.getMessage()), e);
    }
  }
}
