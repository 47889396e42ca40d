package io.tradesync.jdbc.internal.sink;

import io.tradesync.TradeKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Attributes as JSON, written as PostgreSQL writes a jsonb as text: if two of these texts are
 * equal, so are the attributes.
 */
final class AttributesJson {

  // Shorter names first, as in a jsonb; then by their bytes.
  private static final Comparator<String> NAME_ORDER =
      Comparator.<String>comparingInt(name -> name.getBytes(StandardCharsets.UTF_8).length)
          .thenComparing(name -> new TradeKey(0, name));

  private AttributesJson() {}

  /** Returns a trade's attributes; null if it has none. */
  static @Nullable String of(Map<String, @Nullable String> attributes) {
    if (attributes.isEmpty()) {
      return null;
    }
    List<Map.Entry<String, @Nullable String>> sorted = new ArrayList<>(attributes.entrySet());
    sorted.sort(Map.Entry.comparingByKey(NAME_ORDER));
    StringBuilder json = new StringBuilder();
    String separator = "{";
    for (Map.Entry<String, @Nullable String> attribute : sorted) {
      text(attribute.getKey(), json.append(separator));
      String value = attribute.getValue();
      json.append(": ");
      if (value == null) {
        json.append("null");
      } else {
        text(value, json);
      }
      separator = ", ";
    }
    return json.append('}').toString();
  }

  private static void text(String text, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
