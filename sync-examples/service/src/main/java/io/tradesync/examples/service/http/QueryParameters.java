package io.tradesync.examples.service.http;

import io.javalin.http.Context;

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
