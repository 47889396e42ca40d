package io.tradesync.jdbc.internal.sink;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/**
 * The rows of {@code candle_length}: which lengths of candle are kept, and since when the candles
 * of a length are complete.
 *
 * <p>A transaction that writes candles reads the list, which locks the table against a process that
 * records another list, until the transaction ends. So each of its trades is either in a candle of
 * a new length, or is there when the candles of that length are marked.
 */
final class CandleLengths {

  /**
   * A length of candle.
   *
   * @param completeSince the time from which on every candle of this length has all of its trades;
   *     empty while the length is being built
   */
  record CandleLength(int seconds, Optional<OffsetDateTime> completeSince) {

    /** Whether candles of a longer length are merged from those of this one, wherever both are. */
    boolean divides(CandleLength longer) {
      return seconds < longer.seconds
          && longer.seconds % seconds == 0
          && completeSince.isPresent()
          && longer.completeSince.isPresent()
          && !completeSince.get().isAfter(longer.completeSince.get());
    }

    /** Whether candles of this length can be merged to a longer candle. */
    boolean isPartOf(CandleKey longer) {
      return seconds < longer.seconds()
          && longer.seconds() % seconds == 0
          && completeSince
              .filter(since -> since.toEpochSecond() <= longer.startEpochSecond())
              .isPresent();
    }
  }

  private static final String READ =
      """
      select bucket_seconds, complete_since
      from :"schema".candle_length
      order by bucket_seconds\
      """;

  private static final String LOCK =
      """
      lock table :"schema".candle_length in access exclusive mode\
      """;

  private static final String REMOVE =
      """
      delete from :"schema".candle_length
      where bucket_seconds <> all (cast(:lengths as integer[]))\
      """;

  private static final String ADD =
      """
      insert into :"schema".candle_length (bucket_seconds)
      select unnest(cast(:lengths as integer[]))
      on conflict do nothing\
      """;

  // A length that a shorter one divides is complete where that one is. Another length has all
  // trades that have rows; a candle that ended before the first row says that older rows are gone.
  private static final String COMPLETE =
      """
      update :"schema".candle_length as l
      set complete_since = coalesce(
        (select min({next_start})
          from (
            select complete_since as since
            from :"schema".candle_length as p
            where p.bucket_seconds < l.bucket_seconds
              and l.bucket_seconds % p.bucket_seconds = 0) as part),
        (select
            case
              when exists (
                select from :"schema".trade_candles as c
                where c.bucket_start + c.bucket_seconds * interval '1 second' <= since)
              then {next_start}
              else timestamptz '-infinity'
            end
          from (
            select coalesce(min(ts), now()) as since from :"schema".analytics_trades) as rows))
      where complete_since is null
        and not exists (
          select from :"schema".candle_rebuild as r where r.bucket_seconds = l.bucket_seconds)
        and not exists (
          select from :"schema".candle_refresh as r where r.bucket_seconds = l.bucket_seconds)\
      """;

  private static final String NEXT_START =
      """
      case
              when isfinite(since)
              then to_timestamp(ceil(extract(epoch from since) / l.bucket_seconds) * l.bucket_seconds)
              else since
            end\
      """;

  private final String schema;
  private final SqlNames names;

  CandleLengths(String schema) {
    this.schema = schema;
    this.names = SqlNames.inSchema(schema, Map.of("next_start", NEXT_START));
  }

  /** Returns the lengths that are kept, ascending. */
  List<CandleLength> read(Handle handle) {
    return handle
        .createQuery(names.fill(READ))
        .map(
            (row, context) ->
                new CandleLength(
                    row.getInt(1), Optional.ofNullable(row.getObject(2, OffsetDateTime.class))))
        .list();
  }

  /**
   * Records the lengths to keep. Waits for transactions that are writing candles, if the list
   * changes.
   *
   * @param seconds the lengths, ascending
   * @param build called for each length that was not kept before, while those are still recorded
   *     that are kept no longer
   */
  void record(Handle handle, List<Integer> seconds, IntConsumer build) {
    if (kept(handle).equals(seconds)) {
      return;
    }
    handle.execute(names.fill(LOCK));
    List<Integer> added = new ArrayList<>(seconds);
    added.removeAll(kept(handle));
    bind(handle.createUpdate(names.fill(ADD)), seconds).execute();
    added.forEach(build::accept);
    bind(handle.createUpdate(names.fill(REMOVE)), seconds).execute();
  }

  private static Update bind(Update update, List<Integer> seconds) {
    return SqlArrays.bind(update, "lengths", "integer", seconds, length -> length);
  }

  private List<Integer> kept(Handle handle) {
    return read(handle).stream().map(CandleLength::seconds).toList();
  }

  /** Records as complete those lengths of which no candle is to be recomputed. */
  void complete(Handle handle) {
    handle.createUpdate(names.fill(COMPLETE)).execute();
  }

  /** The failure of a process that keeps other lengths than those that are recorded. */
  InvalidSettingException others(List<Integer> kept, List<Integer> recorded) {
    return new InvalidSettingException(
        "bucketSeconds",
        kept,
        "must be "
            + recorded
            + ", the lengths that "
            + Identifiers.quote(schema, "candle_length")
            + " records since another process started");
  }
}
