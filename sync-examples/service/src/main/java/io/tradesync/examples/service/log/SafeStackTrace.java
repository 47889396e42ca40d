package io.tradesync.examples.service.log;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;

/** The stack trace of a log line; logback.xml uses it for {@code %ex}. */
public final class SafeStackTrace extends ThrowableProxyConverter {

  @Override
  protected String throwableProxyToString(IThrowableProxy throwable) {
    return SafeText.stackTrace(super.throwableProxyToString(throwable));
  }
}
