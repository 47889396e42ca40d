package io.tradesync.spring;

import java.util.concurrent.ThreadFactory;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/** The threads of the starter itself; an engine creates its own. */
final class EngineThreads {

  private static final int FIRST_JDK_WITH_VIRTUAL_THREADS = 21;

  private EngineThreads() {}

  /** Virtual threads where the application has them on, else daemon threads. */
  static ThreadFactory of(Environment environment, String prefix) {
    boolean virtual =
        environment.getProperty("spring.threads.virtual.enabled", Boolean.class, false)
            && Runtime.version().feature() >= FIRST_JDK_WITH_VIRTUAL_THREADS;
    if (virtual) {
      return new VirtualThreadTaskExecutor(prefix).getVirtualThreadFactory();
    }
    CustomizableThreadFactory threads = new CustomizableThreadFactory(prefix);
    threads.setDaemon(true);
    return threads;
  }
}
