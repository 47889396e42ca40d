package io.tradesync.spring;

import io.tradesync.SyncEngine;
import io.tradesync.TradesyncException;
import io.tradesync.spi.LiveFeed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Starts and stops an engine and its live feeds with the application. Thread-safe.
 *
 * <p>It is started last and stopped first, before the web server waits for the requests under way,
 * since such a request may wait for a run. The run is asked to stop as soon as the context begins
 * to close. Then the feeds have a second, and the batch under way has the time that the properties
 * set; what has not ended then is interrupted.
 */
final class RunningEngine
    implements SmartLifecycle, ApplicationListener<ContextClosedEvent>, Ordered {

  private static final Logger LOG = LoggerFactory.getLogger(RunningEngine.class);

  private static final Duration FEED_TIMEOUT = Duration.ofSeconds(1);

  private enum State {
    NEW,
    STARTED,
    STOPPED
  }

  private final EngineParts parts;
  private final SyncEngine engine;
  private final List<LiveFeed> feeds;
  private final Duration stopTimeout;
  private final ThreadFactory threads;
  private final ApplicationContext context;
  private volatile State state = State.NEW;

  RunningEngine(
      EngineParts parts,
      SyncEngine engine,
      List<LiveFeed> feeds,
      TradesyncProperties properties,
      ApplicationContext context) {
    this.parts = parts;
    this.engine = engine;
    this.feeds = List.copyOf(feeds);
    this.stopTimeout = properties.stopTimeout();
    this.threads = EngineThreads.of(context.getEnvironment(), "tradesync-lifecycle-");
    this.context = context;
  }

  /** The engine's name; empty for the only one. */
  String name() {
    return parts.name();
  }

  SyncEngine engine() {
    return engine;
  }

  List<LiveFeed> feeds() {
    return feeds;
  }

  HealthMonitor.Seen health() {
    return parts.monitor().latest();
  }

  @Override
  public void start() {
    if (state != State.NEW) {
      throw new IllegalStateException(
          "tradesync was stopped and cannot be started again: close the context, and create a new"
              + " one");
    }
    feeds.forEach(LiveFeed::prepare);
    parts.monitor().start(engine);
    state = State.STARTED;
    threads.newThread(this::goLive).start();
  }

  /**
   * Hands over from the catch-up to the live feeds. Their positions are fixed already. If runs
   * start by themselves, the first one closes the gap from the database; then the feeds start.
   */
  private void goLive() {
    Duration interval = parts.properties().autoInterval();
    try {
      if (interval != null && !feeds.isEmpty()) {
        catchUp();
      }
      feeds.forEach(feed -> feed.start(engine));
      if (interval != null) {
        engine.start(interval);
      }
    } catch (IllegalStateException e) {
      LOG.debug("The application was stopped before the live feeds started", e);
    }
  }

  private void catchUp() {
    try {
      engine.run();
    } catch (TradesyncException e) {
      // The automatic recovery tries again; the live feeds do not wait for it.
      LOG.warn("The first run failed, and the live feeds start without it: {}", e.getMessage());
    }
  }

  @Override
  public void onApplicationEvent(ContextClosedEvent event) {
    if (event.getApplicationContext() == context) {
      engine.cancel();
    }
  }

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public void stop(Runnable callback) {
    engine.cancel();
    threads
        .newThread(
            () -> {
              try {
                stop();
              } finally {
                callback.run();
              }
            })
        .start();
  }

  @Override
  public void stop() {
    state = State.STOPPED;
    engine.cancel();
    parts.monitor().close();
    long end = System.nanoTime() + FEED_TIMEOUT.toNanos();
    for (LiveFeed feed : feeds) {
      feed.close(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
    engine.close(stopTimeout);
  }

  @Override
  public boolean isRunning() {
    return state == State.STARTED;
  }

  /** As late as possible at the start, as early as possible at the stop. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }

  /**
   * Spring 7 pauses contexts between tests, and asks by this method first: an engine that was
   * stopped cannot be started again.
   */
  public boolean isPauseable() {
    return false;
  }
}
