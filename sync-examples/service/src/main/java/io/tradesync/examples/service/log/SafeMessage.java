package io.tradesync.examples.service.log;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** The message of a log line; logback.xml uses it for {@code %msg}. */
public final class SafeMessage extends MessageConverter {

  @Override
  public String convert(ILoggingEvent event) {
    return SafeText.line(super.convert(event));
  }
}
