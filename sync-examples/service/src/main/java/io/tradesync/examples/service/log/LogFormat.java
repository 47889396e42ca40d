package io.tradesync.examples.service.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import org.slf4j.LoggerFactory;

/** How log lines are written. */
public enum LogFormat {
  /** For people. */
  TEXT,
  /** For programs: one JSON object a line, with its instant, level, logger, message and fields. */
  JSON;

  /** The name of the appender in logback.xml. */
  private static final String APPENDER = "STDERR";

  /** Writes the following lines of this process in this format; the first ones are text. */
  public void use() {
    if (this == JSON && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      Appender<ILoggingEvent> appender =
          context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender(APPENDER);
      if (appender instanceof OutputStreamAppender<ILoggingEvent> lines) {
        lines.setEncoder(encoder(context));
      }
    }
  }

  static JsonEncoder encoder(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithMessage(false);
    encoder.setWithFormattedMessage(true);
    encoder.setWithArguments(false);
    encoder.setWithContext(false);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.start();
    return encoder;
  }
}
