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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of {@code candle_length}: which lengths of candle are kept, and since when the candles
 * of a length are complete.
 *
 * <p>A transaction that writes candles reads the list, which locks the table against a process that
 * records another list, until the transaction ends. So each of its trades is either in a candle of
 * a new length, or is there when the candles of that length are marked.
 *
 * <p>A candle of a new length that begins below the retention boundary has all of its trades only
 * if it is merged from complete candles of a shorter length. So a new length that has no such part
 * has no candle there: neither its build nor a later trade creates one.
 */
final class CandleLengths {

  private static final Logger LOG = LoggerFactory.getLogger(CandleLengths.class);

  /**
   * A length of candle.
   *
   * @param completeSince the time from which on every candle of this length has all of its trades;
   *     empty while the length is being built
   * @param keptSince the time below which no candle of this length begins, but for those that are
   *     there from before the length was removed; {@link OffsetDateTime#MIN} if there is none
   */
  record CandleLength(
      int seconds, Optional<OffsetDateTime> completeSince, OffsetDateTime keptSince) {

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

    /** Whether a candle of this length can have all of its trades. */
    boolean holds(CandleKey candle) {
      return keptSince.toEpochSecond() <= candle.startEpochSecond();
    }
  }

  private static final String READ =
      """
      select bucket_seconds, complete_since, kept_since
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

  // The candles of a complete length that ended below the boundary change no more.
  private static final String RECORD_REMOVED =
      """
      insert into :"schema".candle_length_removed (bucket_seconds, whole_since, whole_until)
      select bucket_seconds, kept_since, whole_until
      from (
        select l.*,
          to_timestamp(floor({boundary} / l.bucket_seconds::numeric) * l.bucket_seconds)
            as whole_until
        from :"schema".candle_length as l) as l
      where bucket_seconds <> all (cast(:lengths as integer[]))
        and complete_since is not null and kept_since < whole_until
      on conflict (bucket_seconds, whole_since) do update set
        whole_until = greatest(candle_length_removed.whole_until, excluded.whole_until)\
      """;

  private static final String BEGIN =
      """
      update :"schema".candle_length as l
      set kept_since = {whole_since}
      where bucket_seconds = any (cast(:lengths as integer[]))\
      """;

  // The boundary may have risen past candles that were still to be computed.
  private static final String RAISE =
      """
      update :"schema".candle_length as l
      set kept_since = {whole_since}
      where {is_built} and kept_since < {whole_since}
      returning bucket_seconds\
      """;

  private static final String COMPLETE =
      """
      update :"schema".candle_length as l
      set complete_since = kept_since
      where {is_built}\
      """;

  // Not before its parts are: it would have no part for a candle that the boundary is in.
  private static final String IS_BUILT =
      """
      complete_since is null
        and not exists (
          select
          from :"schema".candle_length as p
          where l.bucket_seconds % p.bucket_seconds = 0
            and (exists (
                select from :"schema".candle_rebuild as r where r.bucket_seconds = p.bucket_seconds)
              or exists (
                select
                from :"schema".candle_refresh as r
                where r.bucket_seconds = p.bucket_seconds)))\
      """;

  // The first candle that has all of its trades: by their rows, or by the candles of a part.
  private static final String WHOLE_SINCE =
      """
      (select
          case
            when isfinite(since)
            then to_timestamp(ceil(extract(epoch from since) / l.bucket_seconds) * l.bucket_seconds)
            else since
          end
        from (
          select least(coalesce(to_timestamp({boundary}), '-infinity'), (
            select min(p.kept_since)
            from :"schema".candle_length as p
            where p.complete_since is not null and p.bucket_seconds < l.bucket_seconds
              and l.bucket_seconds % p.bucket_seconds = 0)) as since) as s)\
      """;

  private final String schema;
  private final SqlNames names;

  CandleLengths(String schema) {
    this.schema = schema;
    this.names =
        SqlNames.inSchema(
            schema,
            Map.of(
                "boundary",
                TradeRetention.BOUNDARY,
                "is_built",
                IS_BUILT,
                "whole_since",
                WHOLE_SINCE.replace("{boundary}", TradeRetention.BOUNDARY)));
  }

  /** Returns the lengths that are kept, ascending. */
  List<CandleLength> read(Handle handle) {
    return handle
        .createQuery(names.fill(READ))
        .map(
            (row, context) ->
                new CandleLength(
                    row.getInt(1),
                    Optional.ofNullable(row.getObject(2, OffsetDateTime.class)),
                    row.getObject(3, OffsetDateTime.class)))
        .list();
  }

  /**
   * Records the lengths to keep. Waits for transactions that are writing candles, if the list
   * changes.
   *
   * @param seconds the lengths, ascending
   * @param build called for each length that was not kept before
   */
  void record(Handle handle, List<Integer> seconds, IntConsumer build) {
    if (kept(handle).equals(seconds)) {
      return;
    }
    handle.execute(names.fill(LOCK));
    List<Integer> added = new ArrayList<>(seconds);
    added.removeAll(kept(handle));
    bind(handle.createUpdate(names.fill(RECORD_REMOVED)), seconds).execute();
    bind(handle.createUpdate(names.fill(REMOVE)), seconds).execute();
    bind(handle.createUpdate(names.fill(ADD)), seconds).execute();
    bind(handle.createUpdate(names.fill(BEGIN)), added).execute();
    warn(handle, added);
    added.forEach(build::accept);
  }

  private void warn(Handle handle, List<Integer> added) {
    for (CandleLength length : read(handle)) {
      if (added.contains(length.seconds()) && !length.keptSince().equals(OffsetDateTime.MIN)) {
        LOG.warn(
            "candles of {} s begin at {}, because older trades are gone and no shorter length has"
                + " candles of them that could be merged",
            length.seconds(),
            length.keptSince());
      }
    }
  }

  private static Update bind(Update update, List<Integer> seconds) {
    return SqlArrays.bind(update, "lengths", "integer", seconds, length -> length);
  }

  private List<Integer> kept(Handle handle) {
    return read(handle).stream().map(CandleLength::seconds).toList();
  }

  /**
   * Records as complete those lengths of which no candle is to be recomputed.
   *
   * @return the lengths that have candles that begin too early now, since the boundary has risen
   */
  List<Integer> complete(Handle handle) {
    List<Integer> raised = handle.createQuery(names.fill(RAISE)).mapTo(Integer.class).list();
    handle.createUpdate(names.fill(COMPLETE)).execute();
    return raised;
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
