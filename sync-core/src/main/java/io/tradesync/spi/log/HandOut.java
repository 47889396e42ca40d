package io.tradesync.spi.log;

import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeChange;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a sink outside the log's transaction was last given for a key, and has not answered yet.
 * Until it answers, the trade is perhaps in the sink.
 *
 * @param key the key
 * @param fingerprint the content to be written at the key; null if the trade was to leave it
 * @param oldSecond the second of the key that the write was to replace; null for an insert, and if
 *     the trade was to leave this key
 * @param revision the change's revision
 * @param forced whether a force handed it out
 */
public record HandOut(
    TradeKey key,
    @Nullable Long fingerprint,
    @Nullable Long oldSecond,
    long revision,
    boolean forced)
    implements Keyed {

  /** Returns whether the trade was to be written at the key; if not, it was to leave it. */
  public boolean isWrite() {
    return fingerprint != null;
  }

  boolean isOf(long content) {
    return fingerprint != null && fingerprint == content;
  }

  /** Returns what a change leaves unanswered: one hand-out for each key that it touches. */
  public static List<HandOut> of(TradeChange change, boolean forced) {
    Stream<HandOut> left =
        change.before().stream()
            .filter(key -> change.after().isEmpty() || !key.equals(change.key()))
            .map(key -> new HandOut(key, null, null, change.revision(), forced));
    Stream<HandOut> written =
        change.after().stream()
            .map(
                trade ->
                    new HandOut(
                        trade.key(),
                        trade.fingerprint(),
                        change.before().map(TradeKey::epochSecond).orElse(null),
                        change.revision(),
                        forced));
    return Stream.concat(left, written).filter(Objects::nonNull).toList();
  }
}
