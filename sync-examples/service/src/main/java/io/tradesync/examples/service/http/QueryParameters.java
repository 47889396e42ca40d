package io.tradesync.examples.service.http;

import io.javalin.http.Context;
import io.tradesync.TradeKey;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads parameters of a query; refuses a bad one by its name. */
final class QueryParameters {

  private static final int PAGE = 100;
  static final int LARGEST_PAGE = 1_000;

  private QueryParameters() {}

  static boolean flag(Context call, String name) {
    String value = call.queryParam(name);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (value.isEmpty() || value.equals("true")) {
      return true;
    }
    throw Problem.badField(name, name + " must be true or false, but is: " + value);
  }

  /** Reads a time in epoch seconds or as an ISO instant; null if it is absent. */
  static @Nullable Long second(Context call, String name) {
    String value = call.queryParam(name);
    if (value == null) {
      return null;
    }
    try {
      long second =
          value.matches("-?[0-9]{1,12}")
              ? Long.parseLong(value)
              : Instant.parse(value).getEpochSecond();
      if (Math.abs(second) <= TradeKey.MAX_EPOCH_SECOND) {
        return second;
      }
    } catch (DateTimeException e) {
      // It is refused below.
    }
    throw Problem.badField(
        name,
        name + " must be epoch seconds or a time like 2025-08-05T12:00:00Z, but is: " + value);
  }

  /** Reads a whole number that must be there. */
  static long wholeNumber(Context call, String name) {
    return wholeNumber(name, text(call, name));
  }

  static long wholeNumber(String name, String value) {
    if (!value.matches("-?[0-9]{1,18}")) {
      throw Problem.badField(name, name + " must be a whole number, but is: " + value);
    }
    return Long.parseLong(value);
  }

  /** Reads a text that must be there. */
  static String text(Context call, String name) {
    String value = call.queryParam(name);
    if (value == null || value.isEmpty()) {
      throw Problem.badField(name, name + " is missing");
    }
    return withoutNul(name, value);
  }

  static String withoutNul(String name, String value) {
    if (value.indexOf('\0') >= 0) {
      // PostgreSQL cannot hold it in a text.
      throw Problem.badField(name, name + " must not contain the character U+0000");
    }
    return value;
  }

  /** Reads how many rows a page holds at most. */
  static int limit(Context call) {
    return number(call, "limit", PAGE, LARGEST_PAGE);
  }

  /** Reads a whole number from 1 to {@code max}. */
  static int number(Context call, String name, int whenAbsent, int max) {
    String value = call.queryParam(name);
    if (value == null) {
      return whenAbsent;
    }
    if (value.matches("[0-9]{1,7}")) {
      int number = Integer.parseInt(value);
      if (number >= 1 && number <= max) {
        return number;
      }
    }
    throw Problem.badField(
        name, name + " must be a whole number from 1 to " + max + ", but is: " + value);
  }
}
