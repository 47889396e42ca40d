package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tradesync.examples.service.log.SafeText;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows how far a run is: on a terminal one line that is drawn again, elsewhere plain lines, at
 * most one a second.
 */
final class Progress {

  private static final int WIDTH = 30;
  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintWriter out;
  private final boolean terminal;
  private final long startNanos;
  private long shownNanos;
  private boolean drawn;

  Progress(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
    this.startNanos = System.nanoTime();
    this.shownNanos = startNanos - Duration.ofMinutes(1).toNanos();
  }

  /** Shows an event of the API. */
  void show(JsonNode event) {
    long now = System.nanoTime();
    Duration pause = terminal ? Duration.ofMillis(100) : Duration.ofSeconds(1);
    long done = event.path("processed").asLong() + event.path("errors").asLong();
    boolean last = done == event.path("total").asLong();
    if (now - shownNanos < pause.toNanos() && !last) {
      return;
    }
    shownNanos = now;
    if (terminal) {
      out.print(CLEAR_LINE + bar(done, event.path("total").asLong(), now - startNanos));
      drawn = true;
    } else {
      out.println(SafeText.line(event.path("message").asText()));
    }
    out.flush();
  }

  /** Removes the line that is drawn again. */
  void end() {
    if (drawn) {
      out.print(CLEAR_LINE);
      out.flush();
    }
  }

  static String bar(long done, long total, long nanos) {
    int filled = total == 0 ? 0 : (int) (done * WIDTH / total);
    double rate = nanos <= 0 ? 0 : done / (nanos / 1e9);
    String left = rate == 0 ? "-" : clock((long) ((total - done) / rate));
    return String.format(
        Locale.ROOT,
        "[%s%s] %.1f%% %d/%d, %.0f trades/s, %s left",
        "#".repeat(filled),
        ".".repeat(WIDTH - filled),
        total == 0 ? 0.0 : Math.floor(done * 1000.0 / total) / 10,
        done,
        total,
        rate,
        left);
  }

  private static String clock(long seconds) {
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
