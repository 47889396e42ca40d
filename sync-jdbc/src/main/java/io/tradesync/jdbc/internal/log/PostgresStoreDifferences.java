package io.tradesync.jdbc.internal.log;

import io.tradesync.StoreDifferences.SubRange;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.StoreDifferenceRecord;
import java.time.Duration;
import java.util.List;

/** The rows of {@code sync_store_difference}. Thread-safe. */
public record PostgresStoreDifferences(StoreDatabase database, LogSql sql)
    implements StoreDifferenceRecord {

  private static final FigureTime FIGURE = new FigureTime("store_differences");

  private static final String DELETE =
      """
      delete from :"schema".sync_store_difference
      where service = :service\
      """;

  private static final String INSERT =
      """
      insert into :"schema".sync_store_difference (service, start_second, trades, candles)
      select :service, u.*
      from unnest(
          cast(:starts as bigint[]), cast(:trades as bigint[]), cast(:candles as bigint[])) as u
      on conflict do nothing\
      """;

  private static final String LIST =
      """
      select start_second, trades, candles
      from :"schema".sync_store_difference
      where service = :service
      order by start_second\
      """;

  private static final String COUNT =
      """
      select coalesce(sum(trades + candles), 0)::bigint, {as_of}
      from :"schema".sync_store_difference
      where service = :service\
      """;

  @Override
  public void replace(List<SubRange> found, Duration ago) {
    database.read(
        handle -> {
          sql.update(handle, DELETE).execute();
          if (!found.isEmpty()) {
            var insert = sql.update(handle, INSERT);
            SqlArrays.bind(insert, "starts", "bigint", found, SubRange::fromEpochSecond);
            SqlArrays.bind(insert, "trades", "bigint", found, SubRange::trades);
            SqlArrays.bind(insert, "candles", "bigint", found, SubRange::candles).execute();
          }
          return FIGURE.record(sql, handle, ago);
        });
  }

  @Override
  public List<SubRange> list() {
    return database.read(
        handle ->
            sql.query(handle, LIST)
                .map((row, context) -> new SubRange(row.getLong(1), row.getLong(2), row.getLong(3)))
                .list());
  }

  @Override
  public Known known() {
    return database.read(
        handle ->
            sql.query(handle, COUNT)
                .bind("figure", FIGURE.figure())
                .map((row, context) -> new Known(row.getLong(1), LogSql.instant(row, 2)))
                .one());
  }
}
