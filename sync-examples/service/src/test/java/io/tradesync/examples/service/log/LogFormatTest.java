package io.tradesync.examples.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class LogFormatTest {

  @Test
  void aJsonLineHasTheMessageAndTheFieldsOfTheThread() throws Exception {
    LoggerContext context = new LoggerContext();
    LoggingEvent event;
    try (MDC.MDCCloseable run = MDC.putCloseable("runId", "r1");
        MDC.MDCCloseable batch = MDC.putCloseable("batch", "3-4")) {
      event =
          new LoggingEvent(
              getClass().getName(),
              context.getLogger("io.tradesync.Some"),
              Level.WARN,
              "batch of {}",
              new IllegalStateException("a \"quoted\"\nline"),
              new Object[] {"trade\n\u001b[31m"});
      event.setMDCPropertyMap(MDC.getCopyOfContextMap());
    }

    String line =
        new String(LogFormat.encoder(context).encode(event), StandardCharsets.UTF_8)
            .stripTrailing();

    assertThat(line).doesNotContain("\n", "\u001b");
    JsonNode json = new ObjectMapper().readTree(line);
    assertThat(json.path("level").asText()).isEqualTo("WARN");
    assertThat(json.path("loggerName").asText()).isEqualTo("io.tradesync.Some");
    assertThat(json.path("formattedMessage").asText()).isEqualTo("batch of trade\n\u001b[31m");
    assertThat(json.path("mdc").path("runId").asText()).isEqualTo("r1");
    assertThat(json.path("mdc").path("batch").asText()).isEqualTo("3-4");
    assertThat(json.path("throwable").path("message").asText()).isEqualTo("a \"quoted\"\nline");
  }
}
