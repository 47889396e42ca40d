package io.tradesync.jdbc.internal.sink;

import io.tradesync.KeyRange;
import io.tradesync.jdbc.internal.sql.PlanWithValues;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Ranges of seconds over a column of type timestamptz, whatever somebody wrote into it: a time of a
 * part of a second is in the second in which it is, and an infinite one just outside the times that
 * PostgreSQL has.
 */
final class StoredTime {

  static final long BEFORE_ALL = -210_866_803_201L;
  static final long AFTER_ALL = 9_224_318_016_000L;

  private static final String SECOND =
      """
      case
            when isfinite(%1$s) then floor(date_part('epoch', %1$s))::bigint
            when %1$s < 'epoch' then -210866803201
            else 9224318016000
          end\
      """;

  // Cheaper than the second of ts. Outside these bounds to_timestamp is an error.
  private static final String IS_TIMELY =
      """
      case when t.trade_timestamp between -100000000000 and 100000000000
              then t.ts = to_timestamp(t.trade_timestamp)
              else date_part('epoch', t.ts) = t.trade_timestamp
            end\
      """;

  // The upper bound is included, so that it can be infinite.
  private static final String IN_RANGE =
      """
      %1$s >= case
            when :fromSecond%3$s <= -210866803201 then '-infinity'::timestamptz
            when :fromSecond >= 9224318016000 then 'infinity'
            else to_timestamp(:fromSecond%3$s)
          end
          and %1$s <= case
            when :toSecond <= -210866803200 then '-infinity'::timestamptz
            when :toSecond > 9224318016000 then 'infinity'
            else to_timestamp(:toSecond%2$s) - interval '1 microsecond'
          end\
      """;

  private StoredTime() {}

  /** The second of a time, of type bigint. */
  static String second(String column) {
    return SECOND.formatted(column);
  }

  /** The condition that a row {@code t} of trades is at the second that it says. */
  static String isTimely() {
    return IS_TIMELY;
  }

  /**
   * The first second of the bucket in which a row {@code t} of trades is, of type bigint.
   *
   * @param seconds the width of a bucket
   */
  static String bucketOfRow(String seconds) {
    return "case when %s then %s else %s end"
        .formatted(
            IS_TIMELY, bucket("t.trade_timestamp", seconds), bucket(second("t.ts"), seconds));
  }

  /** The first second of the bucket in which a second is, of type bigint. */
  static String bucket(String second, String seconds) {
    return "(%1$s) - (((%1$s) %% %2$s) + %2$s) %% %2$s".formatted(second, seconds);
  }

  /** The condition that a time is in the range of {@link #bind}. */
  static String inRange(String column) {
    return IN_RANGE.formatted(column, "", "");
  }

  /** The condition that a time is in the range, or up to so many seconds above. */
  static String inRangeAndAbove(String column, int seconds) {
    return IN_RANGE.formatted(column, " + " + seconds, "");
  }

  /** The condition that a time is in the range, or up to so many seconds below or above. */
  static String overlaps(String column, int seconds) {
    return IN_RANGE.formatted(column, " + " + seconds, " - " + seconds);
  }

  /** Whether no time can be in a range. */
  static boolean isOutside(KeyRange range) {
    return range.isEmpty()
        || range.after().epochSecond() > AFTER_ALL
        || range.upTo().epochSecond() <= BEFORE_ALL;
  }

  /** Binds the seconds of a range, with which the statement is planned. */
  static <S extends SqlStatement<S>> S bind(S statement, KeyRange range) {
    return PlanWithValues.of(statement)
        .bind("fromSecond", range.after().epochSecond())
        .bind("toSecond", range.upTo().epochSecond());
  }
}
