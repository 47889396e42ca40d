package io.tradesync.examples.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads which failed trades a request means. */
final class FailedTradeSelection {

  private static final Set<String> FIELDS = Set.of("ref", "fromTimestamp", "toTimestamp");
  private static final int MAX_REFS = 1_000;
  private static final int MAX_REASON = 500;
  private static final int FIRST_AFTER_SURROGATES = Character.MAX_SURROGATE + 1;
  private static final long MAX_SECOND = 100_000_000_000L;

  private FailedTradeSelection() {}

  /**
   * Reads all, those of a range of time, or one. An empty body means all; both ends of a range
   * belong to it.
   */
  static KeyRange read(ObjectNode body) {
    Json.refuseFieldsBut(body, FIELDS);
    if (body.has("ref")) {
      if (body.size() > 1) {
        throw Problem.badField("ref", "ref names one trade, so it must be the only field");
      }
      return one(body.path("ref"));
    }
    long from = second(body, "fromTimestamp", -MAX_SECOND);
    long to = second(body, "toTimestamp", MAX_SECOND);
    if (from > to) {
      throw Problem.badField("toTimestamp", "toTimestamp must not be before fromTimestamp");
    }
    return KeyRange.from(from).upTo(TradeKey.startOf(to + 1));
  }

  /** Failed trades of which somebody accepts that they fail, and why. */
  record Acceptance(List<TradeKey> keys, String reason) {}

  /** Reads one {@code ref} or several {@code refs}, and a {@code reason}. */
  static Acceptance readAcceptance(ObjectNode body) {
    Json.refuseFieldsBut(body, Set.of("ref", "refs", "reason"));
    if (body.has("ref") == body.has("refs")) {
      throw Problem.badField("refs", "either ref or refs must name the failed trades");
    }
    List<TradeKey> keys = new ArrayList<>();
    if (body.has("ref")) {
      keys.add(key("ref", body.path("ref")));
    } else if (!body.path("refs").isArray() || body.path("refs").size() > MAX_REFS) {
      throw Problem.badField("refs", "refs must be a list of at most " + MAX_REFS + " texts");
    } else {
      body.path("refs").forEach(ref -> keys.add(key("refs", ref)));
    }
    JsonNode reason = body.path("reason");
    if (!reason.isTextual()
        || reason.asText().isBlank()
        || reason.asText().length() > MAX_REASON
        || reason.asText().indexOf('\0') >= 0) {
      throw Problem.badField(
          "reason", "reason must be a text of 1 to " + MAX_REASON + " characters");
    }
    return new Acceptance(keys, reason.asText().strip());
  }

  private static KeyRange one(JsonNode ref) {
    TradeKey key = key("ref", ref);
    return new KeyRange(before(key), key);
  }

  private static TradeKey key(String field, JsonNode ref) {
    if (!ref.isTextual()) {
      throw Problem.badField(field, field + " must be a text that /api/sync/errors gave");
    }
    return FailureAnswers.key(field, ref.asText());
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
