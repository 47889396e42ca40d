package io.tradesync.jdbc.internal.log;

import java.time.Duration;
import org.jdbi.v3.core.Handle;

/**
 * Records in {@code sync_figure_time} as of when a figure is that is not computed anew each time.
 *
 * @param figure its name in that table
 */
record FigureTime(String figure) {

  private static final String RECORD =
      """
      insert into :"schema".sync_figure_time (service, figure, as_of)
      values (:service, :figure, clock_timestamp() - :agoMillis * interval '1 millisecond')
      on conflict (service, figure) do update set as_of = excluded.as_of\
      """;

  /** Records that the figure is of this moment. */
  int recordNow(LogSql sql, Handle handle) {
    return record(sql, handle, Duration.ZERO);
  }

  /** Records that the figure is as of some time ago. */
  int record(LogSql sql, Handle handle, Duration ago) {
    return sql.update(handle, RECORD)
        .bind("figure", figure)
        .bind("agoMillis", ago.toMillis())
        .execute();
  }
}
