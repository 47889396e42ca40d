package io.tradesync.examples.service.http;

import java.util.LinkedHashMap;
import java.util.Map;

/** An error that becomes an answer of the form of RFC 9457. */
final class Problem extends RuntimeException {

  static final String CONTENT_TYPE = "application/problem+json";

  private static final long serialVersionUID = 1L;
  private static final Map<Integer, String> TITLES =
      Map.ofEntries(
          Map.entry(400, "Bad Request"),
          Map.entry(401, "Unauthorized"),
          Map.entry(403, "Forbidden"),
          Map.entry(404, "Not Found"),
          Map.entry(405, "Method Not Allowed"),
          Map.entry(408, "Request Timeout"),
          Map.entry(409, "Conflict"),
          Map.entry(413, "Content Too Large"),
          Map.entry(414, "URI Too Long"),
          Map.entry(431, "Request Header Fields Too Large"),
          Map.entry(503, "Service Unavailable"),
          Map.entry(505, "HTTP Version Not Supported"));

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
