package io.tradesync.examples.service.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {

  private final StringWriter output = new StringWriter();

  private static String event(int done) {
    return String.format(
        Locale.ROOT,
        "{\"processed\":%d,\"errors\":0,\"total\":100,\"message\":\"line %d\\u001b[2J\"}",
        done,
        done);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0; 0; 0; [..............................] 0.0% 0/0, 0 trades/s, - left",
        "500; 1000; 1; [###############...............] 50.0% 500/1000, 500 trades/s, 0:01 left",
        "999; 1000; 1; [#############################.] 99.9% 999/1000, 999 trades/s, 0:00 left",
        "10; 100000; 1; [..............................] 0.0% 10/100000, 10 trades/s, 2:46:39 left",
      })
  void theBarShowsPartRateAndTimeLeft(long done, long total, long seconds, String expected) {
    assertThat(Progress.bar(done, total, seconds * 1_000_000_000L)).isEqualTo(expected);
  }

  @Test
  void aPipeGetsPlainLinesAndNoControlCharacters() {
    Progress progress = new Progress(new PrintWriter(output), false);
    progress.show(ApiClient.read(event(1)));
    progress.show(ApiClient.read(event(2)));
    progress.show(ApiClient.read(event(100)));
    progress.end();

    assertThat(output.toString().lines()).containsExactly("line 1\\u001b[2J", "line 100\\u001b[2J");
  }

  @Test
  void aTerminalGetsOneLineThatIsDrawnAgainAndRemoved() {
    Progress progress = new Progress(new PrintWriter(output), true);
    progress.show(ApiClient.read(event(50)));
    progress.show(ApiClient.read(event(100)));
    progress.end();

    assertThat(output.toString()).doesNotContain("\n").endsWith("\r\033[K").contains("100/100");
  }
}
