package io.tradesync.examples.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tradesync.RunOptions;
import io.tradesync.TradeSelection;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Reads what a run or a force is asked to do. Another field is refused, and named. */
final class RunRequest {

  /** The fields whose values the engine checks. */
  static final Set<String> CHECKED_BY_ENGINE =
      Set.of(
          "fromTimestamp", "toTimestamp", "chains", "pools", "maxTradesPerSecond", "maxDuration");

  private static final int MAX_ELEMENTS = 1_000;

  private final ObjectNode body;

  private RunRequest(ObjectNode body) {
    this.body = body;
  }

  /** Reads the body of a run; it may be empty. */
  static RunOptions run(ObjectNode body) {
    Json.refuseFieldsBut(
        body, Set.of("audit", "allowMassRetraction", "maxTradesPerSecond", "maxDuration"));
    RunRequest request = new RunRequest(body);
    return request.limited(
        RunOptions.DEFAULT
            .compareAll(request.flag("audit"))
            .allowMassRetraction(request.flag("allowMassRetraction")));
  }

  /** Reads the body of a force. */
  static RunOptions force(ObjectNode body) {
    Json.refuseFieldsBut(body, CHECKED_BY_ENGINE);
    RunRequest request = new RunRequest(body);
    if (!body.has("fromTimestamp")) {
      throw Problem.badField("fromTimestamp", "fromTimestamp is missing: it must be epoch seconds");
    }
    RunOptions options = RunOptions.forceFromEpochSecond(request.second("fromTimestamp"));
    if (body.has("toTimestamp")) {
      options = options.toEpochSecond(request.second("toTimestamp"));
    }
    Set<Long> chains =
        request.elements(
            "chains",
            "whole numbers",
            chain -> chain.isIntegralNumber() && chain.canConvertToLong(),
            JsonNode::longValue);
    Set<String> pools =
        request.elements("pools", "texts", JsonNode::isTextual, JsonNode::textValue);
    return request.limited(options.only(new TradeSelection(chains, pools)));
  }

  private RunOptions limited(RunOptions options) {
    RunOptions limited = options;
    JsonNode rate = body.path("maxTradesPerSecond");
    if (!rate.isMissingNode()) {
      check(
          "maxTradesPerSecond",
          rate.isIntegralNumber() && rate.canConvertToInt(),
          "a whole number");
      limited = limited.maxTradesPerSecond(rate.intValue());
    }
    if (body.has("maxDuration")) {
      limited = limited.maxDuration(duration());
    }
    return limited;
  }

  private Duration duration() {
    try {
      return Duration.parse(body.path("maxDuration").asText());
    } catch (DateTimeParseException e) {
      check("maxDuration", false, "an ISO duration such as \"PT10M\"");
      throw e;
    }
  }

  private boolean flag(String field) {
    JsonNode value = body.path(field);
    check(field, value.isMissingNode() || value.isBoolean(), "true or false");
    return value.asBoolean();
  }

  private long second(String field) {
    JsonNode value = body.path(field);
    check(
        field,
        value.isIntegralNumber() && value.canConvertToLong(),
        "a whole number of epoch seconds");
    return value.longValue();
  }

  private <T> Set<T> elements(
      String field, String kind, Predicate<JsonNode> isElement, Function<JsonNode, T> element) {
    JsonNode list = body.path(field);
    Set<T> elements = new HashSet<>();
    if (!list.isMissingNode()) {
      String rule = "a list of 1 to " + MAX_ELEMENTS + " " + kind;
      check(field, list.isArray() && !list.isEmpty() && list.size() <= MAX_ELEMENTS, rule);
      for (JsonNode value : list) {
        check(field, isElement.test(value), rule);
        elements.add(element.apply(value));
      }
    }
    return elements;
  }

  private void check(String field, boolean isRight, String rule) {
    if (!isRight) {
      throw Problem.badField(field, field + " must be " + rule + ", but is: " + shown(field));
    }
  }

  private String shown(String field) {
    String value = body.path(field).toString();
    return value.length() <= 100 ? value : value.substring(0, 100) + "…";
  }
}
