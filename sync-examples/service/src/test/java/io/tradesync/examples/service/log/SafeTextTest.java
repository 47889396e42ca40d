package io.tradesync.examples.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SafeTextTest {

  private static final String FORGED = "id\n12:00:00.000 ERROR Main - forged\r\u001b[2J\u202e";

  @Test
  void aLineHoldsNoControlCharacter() {
    assertThat(SafeText.line(FORGED))
        .isEqualTo("id\\u000a12:00:00.000 ERROR Main - forged\\u000d\\u001b[2J\\u202e");
    assertThat(SafeText.line("größer – 大")).isEqualTo("größer – 大");
  }

  @Test
  void theLogOfTheServiceHasOneLineForAMessage() throws Exception {
    String logged = logged(logger -> logger.warn("refused: {}", FORGED));

    assertThat(logged.lines()).hasSize(1);
    assertThat(logged).doesNotContain("\u001b", "\r");
  }

  @Test
  void aMessageOfAnExceptionForgesNoLine() throws Exception {
    Exception failure =
        new IllegalStateException(FORGED, new IllegalArgumentException("cause\n" + FORGED));

    String logged = logged(logger -> logger.warn("failed", failure));

    assertThat(logged).contains("\n\tat ", "Caused by: ").doesNotContain("\u001b", "\r");
    assertThat(logged.lines().skip(1))
        .allMatch(
            line ->
                line.startsWith("\tat ")
                    || line.startsWith("\t... ")
                    || line.startsWith("Caused by: ")
                    || line.startsWith("java.lang.IllegalStateException: "));
  }

  /** What to log. */
  @FunctionalInterface
  private interface Logging {
    void to(Logger logger);
  }

  /** Returns what the service's own configuration of the log writes to standard error. */
  private static String logged(Logging logging) throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      LoggerContext context = new LoggerContext();
      context.setMDCAdapter(new LogbackMDCAdapter());
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
      logging.to(context.getLogger("io.tradesync.Example"));
      context.stop();
    } finally {
      System.setErr(before);
    }
    return written.toString(StandardCharsets.UTF_8);
  }
}
