package io.tradesync.examples.service.settings;

import static java.util.Objects.requireNonNullElse;

import io.tradesync.jdbc.CandleStorage;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The settings of how candles, trades and the log are kept.
 *
 * @param candles who keeps the candles
 * @param refresh continuous aggregates of the user that are refreshed after commits
 * @param compressAfter the age at which TimescaleDB compresses chunks; null if it is not set
 * @param chunkInterval the span of new chunks; null if it is not set
 * @param retainFor how long trades are kept; null if it is not set
 * @param turnIntoHypertable whether a plain table of trades becomes a hypertable
 * @param keepLogAsLongAsTrades whether the log is kept only as long as the trades
 */
public record KeptSettings(
    CandleStorage candles,
    List<String> refresh,
    @Nullable Duration compressAfter,
    @Nullable Duration chunkInterval,
    @Nullable Duration retainFor,
    boolean turnIntoHypertable,
    boolean keepLogAsLongAsTrades) {

  /** What errors of the sink call a setting, and how the service calls it. */
  public static final Map<String, String> NAMES =
      Map.of(
          "candles", DeclaredSettings.SYNC_CANDLES.name(),
          "refresh", DeclaredSettings.SYNC_REFRESH.name());

  static KeptSettings from(UnaryOperator<@Nullable String> source) {
    return new KeptSettings(
        DeclaredSettings.SYNC_CANDLES.get(source),
        requireNonNullElse(DeclaredSettings.SYNC_REFRESH.find(source), List.of()),
        DeclaredSettings.SYNC_COMPRESS_AFTER.find(source),
        DeclaredSettings.SYNC_CHUNK_INTERVAL.find(source),
        DeclaredSettings.SYNC_RETAIN_FOR.find(source),
        DeclaredSettings.SYNC_TURN_INTO_HYPERTABLE.get(source),
        DeclaredSettings.SYNC_KEEP_LOG_AS_LONG_AS_TRADES.get(source));
  }

  /** Creates the sink that these settings describe. */
  public TimescaleSink sink() {
    TimescaleSink.Builder sink =
        TimescaleSink.builder()
            .candles(candles)
            .refresh(refresh.toArray(String[]::new))
            .turnIntoHypertable(turnIntoHypertable);
    if (compressAfter != null) {
      sink.compressAfter(compressAfter);
    }
    if (chunkInterval != null) {
      sink.chunkInterval(chunkInterval);
    }
    if (retainFor != null) {
      sink.retainFor(retainFor);
    }
    return sink.build();
  }

  /** Applies these settings to a log. */
  public PostgresSyncLog.Builder log(PostgresSyncLog.Builder log) {
    return log.keepAsLongAsTrades(keepLogAsLongAsTrades);
  }
}
