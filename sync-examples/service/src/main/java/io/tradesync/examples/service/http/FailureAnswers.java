package io.tradesync.examples.service.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tradesync.FailedTrade;
import io.tradesync.TradeKey;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.log.OutsideRows;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is answered about failed trades. */
final class FailureAnswers {

  // A trade's ref begins with a number.
  private static final String OUTSIDE = "sha256:";
  private static final Pattern OUTSIDE_REF =
      Pattern.compile(OUTSIDE + "([0-9a-f]{64}):([0-9a-f]{16})");

  private FailureAnswers() {}

  record Failure(
      String id,
      @AlsoAs("time") long timestamp,
      String reason,
      int attempts,
      @AlsoAs("failedTimestamp") String failedAt,
      String runId,
      boolean parked,
      String ref,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String accepted) {

    static Failure of(FailedTrade trade) {
      return new Failure(
          trade.key().id(),
          trade.key().epochSecond(),
          trade.reason(),
          trade.attempts(),
          trade.failedAt().toString(),
          trade.runId(),
          trade.parked(),
          refOf(trade.key()),
          trade.accepted());
    }
  }

  /** A row of the source outside the key order; a long id is cut. */
  record Outside(
      @Nullable String id,
      String idSha256,
      @AlsoAs("time") @Nullable Long timestamp,
      String column,
      String reason,
      String ref,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String accepted) {

    static Outside of(OutsideRow row) {
      return new Outside(
          row.id(),
          row.idHash(),
          row.epochSecond(),
          row.column(),
          row.reason(),
          refOf(row.ref()),
          row.accepted());
    }
  }

  /**
   * One page of failed trades; {@code next} is the next page's {@code after}. Rows outside the key
   * order have no place among the others, so the first page holds those, too, and they have a
   * cursor of their own: {@code nextOutside} is the next page's {@code outsideAfter}.
   */
  record Failures(
      List<Failure> errors,
      @Nullable String next,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Outside> outsideKeyOrder,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String nextOutside,
      @JsonInclude(JsonInclude.Include.NON_NULL) @AlsoAs("outsideAsOfTimestamp")
          @Nullable String outsideAsOf) {

    /** Takes one trade, and one row, more than the page may have, if there is one. */
    static Failures of(List<FailedTrade> found, int limit, OutsideRows.@Nullable Page outside) {
      List<Failure> errors = found.stream().limit(limit).map(Failure::of).toList();
      String next = found.size() <= limit ? null : refOf(found.get(limit - 1).key());
      if (outside == null) {
        return new Failures(errors, next, null, null, null);
      }
      List<OutsideRow> rows = outside.rows();
      return new Failures(
          errors,
          next,
          rows.stream().limit(limit).map(Outside::of).toList(),
          rows.size() <= limit ? null : refOf(rows.get(limit - 1).ref()),
          Answers.text(outside.asOf()));
    }
  }

  /** The text by which a failed trade is named. */
  static String refOf(TradeKey key) {
    return key.epochSecond() + ":" + key.id();
  }

  /** The text by which a row outside the key order is named. */
  private static String refOf(OutsideRow.Ref row) {
    return OUTSIDE + row.idHash() + ":" + HexFormat.of().toHexDigits(row.rowHash());
  }

  /** Reads the name of a row outside the key order; empty if the text names a trade. */
  static Optional<OutsideRow.Ref> outside(String field, String ref) {
    if (!ref.startsWith(OUTSIDE)) {
      return Optional.empty();
    }
    Matcher matcher = OUTSIDE_REF.matcher(ref);
    if (!matcher.matches()) {
      throw Problem.badField(
          field, field + " must be what an answer gave, sha256:id:row, but is: " + ref);
    }
    return Optional.of(
        new OutsideRow.Ref(matcher.group(1), HexFormat.fromHexDigitsToLong(matcher.group(2))));
  }

  /**
   * Reads what {@link #refOf} wrote.
   *
   * @param field the name of the field or parameter that holds it
   */
  static TradeKey key(String field, String cursor) {
    int colon = cursor.indexOf(':');
    if (cursor.indexOf('\0') >= 0) {
      // PostgreSQL cannot hold it in a text.
      throw Problem.badField(field, field + " must not contain the character U+0000");
    }
    String second = cursor.substring(0, Math.max(0, colon));
    try {
      if (second.matches("-?[0-9]+")) {
        return new TradeKey(Long.parseLong(second), cursor.substring(colon + 1));
      }
    } catch (NumberFormatException e) {
      // More digits than a second has.
    }
    throw Problem.badField(
        field, field + " must be what an answer gave, timestamp:id, but is: " + cursor);
  }
}
