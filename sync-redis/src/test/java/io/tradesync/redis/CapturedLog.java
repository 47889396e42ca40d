package io.tradesync.redis;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What is logged while this is open, instead of on the console. */
final class CapturedLog implements AutoCloseable {

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          IThrowableProxy thrown = event.getThrowableProxy();
          lines.add(
              event.getLevel()
                  + " "
                  + event.getFormattedMessage()
                  + (thrown == null ? "" : "\n" + ThrowableProxyUtil.asString(thrown)));
        }
      };

  /** What this module logs. */
  CapturedLog() {
    this("io.tradesync.redis", Level.TRACE);
  }

  CapturedLog(String name, Level level) {
    logger = (Logger) LoggerFactory.getLogger(name);
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.setLevel(level);
    logger.setAdditive(false);
    logger.addAppender(appender);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  List<String> warnings() {
    return lines.stream().filter(line -> line.startsWith("WARN")).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(null);
  }
}
