package io.tradesync.examples.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.OutsideRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads which failed trades a request means. */
final class FailedTradeSelection {

  /** The engine checks what a reason may hold. */
  static final String REASON = "reason";

  private static final Set<String> FIELDS = Set.of("ref", "fromTimestamp", "toTimestamp");
  private static final int MAX_REFS = 1_000;
  private static final int FIRST_AFTER_SURROGATES = Character.MAX_SURROGATE + 1;
  private static final long MAX_SECOND = 100_000_000_000L;

  private FailedTradeSelection() {}

  /**
   * Reads all, those of a range of time, or one. An empty body means all; both ends of a range
   * belong to it.
   */
  static Released read(ObjectNode body) {
    Json.refuseFieldsBut(body, FIELDS);
    if (body.has("ref")) {
      if (body.size() > 1) {
        throw Problem.badField("ref", "ref names one trade, so it must be the only field");
      }
      String ref = text("ref", body.path("ref"));
      return FailureAnswers.outside("ref", ref)
          .map(row -> new Released(null, row))
          .orElseGet(() -> new Released(one(FailureAnswers.key("ref", ref)), null));
    }
    long from = second(body, "fromTimestamp", -MAX_SECOND);
    long to = second(body, "toTimestamp", MAX_SECOND);
    if (from > to) {
      throw Problem.badField("toTimestamp", "toTimestamp must not be before fromTimestamp");
    }
    return new Released(KeyRange.from(from).upTo(TradeKey.startOf(to + 1)), null);
  }

  /** Failed trades to release, or one row outside the key order; the other one is null. */
  record Released(@Nullable KeyRange range, OutsideRow.@Nullable Ref outside) {}

  /**
   * Failures that somebody accepts, and why.
   *
   * @param outside rows outside the key order
   */
  record Acceptance(List<TradeKey> keys, List<OutsideRow.Ref> outside, String reason) {}

  /** Reads one {@code ref} or several {@code refs}, and a {@code reason}. */
  static Acceptance readAcceptance(ObjectNode body) {
    Json.refuseFieldsBut(body, Set.of("ref", "refs", REASON));
    if (body.has("ref") == body.has("refs")) {
      throw Problem.badField("refs", "either ref or refs must name the failed trades");
    }
    List<TradeKey> keys = new ArrayList<>();
    List<OutsideRow.Ref> outside = new ArrayList<>();
    if (body.has("ref")) {
      add("ref", body.path("ref"), keys, outside);
    } else if (!body.path("refs").isArray() || body.path("refs").size() > MAX_REFS) {
      throw Problem.badField("refs", "refs must be a list of at most " + MAX_REFS + " texts");
    } else {
      body.path("refs").forEach(ref -> add("refs", ref, keys, outside));
    }
    JsonNode reason = body.path(REASON);
    if (!reason.isTextual()) {
      throw Problem.badField(REASON, "reason must be a text that says why");
    }
    return new Acceptance(keys, outside, reason.asText().strip());
  }

  private static void add(
      String field, JsonNode ref, List<TradeKey> keys, List<OutsideRow.Ref> outside) {
    String text = text(field, ref);
    FailureAnswers.outside(field, text)
        .ifPresentOrElse(outside::add, () -> keys.add(FailureAnswers.key(field, text)));
  }

  private static KeyRange one(TradeKey key) {
    return new KeyRange(before(key), key);
  }

  private static String text(String field, JsonNode ref) {
    if (!ref.isTextual()) {
      throw Problem.badField(field, field + " must be a text that /api/sync/errors gave");
    }
    return ref.asText();
  }

  /** The greatest key below another one that can be named: no id holds the last code point. */
  private static TradeKey before(TradeKey key) {
    String id = key.id();
    if (id.isEmpty()) {
      return key;
    }
    int last = id.codePointBefore(id.length());
    String start = id.substring(0, id.length() - Character.charCount(last));
    int lower = last == FIRST_AFTER_SURROGATES ? Character.MIN_SURROGATE - 1 : last - 1;
    // No text of PostgreSQL holds U+0000.
    return new TradeKey(
        key.epochSecond(),
        lower == 0
            ? start
            : start + Character.toString(lower) + Character.toString(Character.MAX_CODE_POINT));
  }

  private static long second(ObjectNode body, String field, long whenAbsent) {
    JsonNode value = body.path(field);
    if (value.isMissingNode()) {
      return whenAbsent;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || Math.abs(value.longValue()) > MAX_SECOND) {
      throw Problem.badField(
          field, field + " must be a whole number of epoch seconds, but is: " + value);
    }
    return value.longValue();
  }
}
