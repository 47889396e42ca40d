package io.tradesync.internal.rows;

import io.tradesync.TradeKey;
import io.tradesync.spi.UnreadableRow;
import io.tradesync.spi.log.TradeFailure;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why the rows that the source has at a key are not one trade. The log holds it as a failure, and
 * leaves it alone until the rows change.
 *
 * @param failure what the log records
 * @param written one of several equal rows, whose trade is written once; null if nothing is written
 */
public record RowProblem(TradeFailure failure, @Nullable SourceRow written) {

  private static final int MAX_KEYS_NAMED = 10;

  /**
   * Finds what is wrong with the rows at a key.
   *
   * @param here the rows at the key, at least one
   * @param ofId all rows of the key's id in one answer of the source
   * @return empty if it is one row, which is a trade, and its id is at no other key
   */
  public static Optional<RowProblem> find(List<SourceRow> here, List<SourceRow> ofId) {
    TradeKey key = here.get(0).key();
    if (ofId.size() > here.size()) {
      return Optional.of(of(key, here.size(), ofId, atKeys(ofId), null));
    }
    UnreadableRow unreadable =
        here.stream().map(SourceRow::unreadable).filter(Objects::nonNull).findFirst().orElse(null);
    if (here.size() > 1) {
      boolean equal = here.stream().mapToLong(SourceRow::hash).distinct().count() == 1;
      String times = here.size() + " times in the source";
      String reason =
          (equal ? times : times + ", with different content")
              + (unreadable == null ? "" : "; " + unreadable.message());
      return Optional.of(
          of(key, here.size(), here, reason, equal && unreadable == null ? here.get(0) : null));
    }
    return unreadable == null
        ? Optional.empty()
        : Optional.of(of(key, 1, here, unreadable.message(), null));
  }

  private static RowProblem of(
      TradeKey key, int rows, List<SourceRow> hashed, String reason, @Nullable SourceRow written) {
    long hash = hashed.stream().mapToLong(SourceRow::hash).sum();
    return new RowProblem(new TradeFailure(key, hash, reason, true, rows), written);
  }

  private static String atKeys(List<SourceRow> ofId) {
    List<Long> seconds = ofId.stream().map(row -> row.key().epochSecond()).distinct().toList();
    String named =
        seconds.stream()
            .limit(MAX_KEYS_NAMED)
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    return "at "
        + seconds.size()
        + " timestamps in the source: "
        + named
        + (seconds.size() > MAX_KEYS_NAMED ? ", …" : "");
  }
}
