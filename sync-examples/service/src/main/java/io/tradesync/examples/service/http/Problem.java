package io.tradesync.examples.service.http;

import java.util.LinkedHashMap;
import java.util.Map;

/** An error that becomes an answer of the form of RFC 9457. */
final class Problem extends RuntimeException {

  static final String CONTENT_TYPE = "application/problem+json";

  private static final long serialVersionUID = 1L;
  private static final Map<Integer, String> TITLES =
      Map.of(
          400, "Bad Request",
          408, "Request Timeout",
          401, "Unauthorized",
          403, "Forbidden",
          404, "Not Found",
          405, "Method Not Allowed",
          409, "Conflict",
          413, "Content Too Large",
          503, "Service Unavailable");

  private final int status;
  private final transient Map<String, Object> members = new LinkedHashMap<>();

  Problem(int status, String detail) {
    super(detail);
    this.status = status;
    members.put("type", "about:blank");
    members.put("title", TITLES.getOrDefault(status, "Error"));
    members.put("status", status);
    members.put("detail", detail);
  }

  /** A field, parameter or setting that cannot be accepted. */
  static Problem badField(String field, String detail) {
    return new Problem(400, detail).with("field", field);
  }

  Problem with(String member, Object value) {
    members.put(member, value);
    return this;
  }

  int status() {
    return status;
  }

  Map<String, Object> members() {
    return members;
  }
}
