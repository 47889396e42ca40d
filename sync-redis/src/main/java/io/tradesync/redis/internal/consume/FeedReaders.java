package io.tradesync.redis.internal.consume;

import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.Backoff;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.ServerInfo;
import io.tradesync.redis.internal.loss.GroupLedger;
import io.tradesync.redis.internal.loss.LossCounters;
import io.tradesync.redis.internal.loss.LossDetector;
import io.tradesync.redis.internal.loss.StreamState;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.LiveWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The readers of a consumer and their threads: one for all streams, or in a cluster one for each
 * stream. Thread-safe.
 */
public final class FeedReaders {

  private static final Logger LOG = LoggerFactory.getLogger(FeedReaders.class);

  private static final String CLOSED = "closed";

  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(1);

  private final RedisLink link;
  private final ConsumerSettings settings;
  private final PauseControl pause;
  private final FeedCounters counters = new FeedCounters();
  private final LossCounters losses = new LossCounters();
  private final LossDetector detector = new LossDetector();
  private final GroupLedger ledger = new GroupLedger();
  private final DeadLetters deadLetters;
  private final Map<String, StreamReader> readers = new ConcurrentHashMap<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private volatile @Nullable String downBecause = "not started";
  private volatile @Nullable Long interruptedNanos;

  public FeedReaders(RedisLink link, ConsumerSettings settings, PauseControl pause) {
    this.link = link;
    this.settings = settings;
    this.pause = pause;
    this.deadLetters = new DeadLetters(link, settings, counters);
  }

  /** Creates the group on each stream that lacks it. */
  public void prepare() {
    try (ConsumerGroup any = ConsumerGroup.open(link, null, settings)) {
      ServerInfo server = any.server();
      Set<String> streams = new LinkedHashSet<>(settings.streams());
      streams.addAll(
          server.cluster()
              ? StreamDiscovery.findInCluster(link, settings)
              : StreamDiscovery.find(any, settings));
      for (String stream : streams) {
        if (server.cluster()) {
          try (ConsumerGroup node = ConsumerGroup.open(link, stream, settings)) {
            prepare(node, stream);
          }
        } else {
          prepare(any, stream);
        }
      }
    } catch (TradesyncException e) {
      downBecause = e.getMessage();
      throw e;
    }
  }

  private void prepare(ConsumerGroup group, String stream) {
    detector.connected(stream, group.server().identity());
    try {
      if (group.ensure(stream, settings.groupStart())) {
        StreamState state = group.state(stream);
        detector.groupCreated(stream, state);
        ledger.groupCreated(stream, state);
      }
    } catch (StreamUnusableException e) {
      LOG.warn("stream {} is down and will be tried again: {}", stream, e.reason());
    }
  }

  /** Starts the first thread, which starts the readers. */
  public void start(LiveWriter liveWriter) {
    FeedContext context =
        new FeedContext(
            link, settings, liveWriter, pause, counters, losses, detector, ledger, deadLetters);
    launch("", () -> runUntilClosed(context));
  }

  private void launch(String suffix, Runnable work) {
    thread(suffix, work).start();
  }

  private Thread thread(String suffix, Runnable work) {
    Thread thread = new Thread(work, "tradesync-live-" + settings.group() + suffix);
    thread.setDaemon(true);
    // A writer has a thread for each call.
    threads.removeIf(each -> each.getState() == Thread.State.TERMINATED);
    threads.add(thread);
    return thread;
  }

  private void runUntilClosed(FeedContext context) {
    Backoff backoff = new Backoff(settings.maxRetryDelay());
    boolean known = false;
    while (!known && !pause.isClosed()) {
      try {
        boolean cluster = isCluster();
        known = true;
        downBecause = null;
        if (cluster) {
          serveCluster(context, backoff);
        } else {
          StreamReader reader = new StreamReader(context, null, work -> thread("-writer", work));
          readers.put("", reader);
          reader.run();
        }
      } catch (TradesyncException e) {
        downBecause = e.getMessage();
        LOG.debug("the live feed of {} is still down", settings.names(), e);
        pause.rest(backoff.next());
      }
    }
    threads.stream()
        .filter(thread -> thread != Thread.currentThread())
        .forEach(thread -> join(thread, RedisLink.TIMEOUT));
    end(RedisLink.TIMEOUT);
  }

  private boolean isCluster() {
    try (ConsumerGroup any = ConsumerGroup.open(link, null, settings)) {
      return any.server().cluster();
    }
  }

  /** Gives each stream a reader, also streams that appear later. */
  private void serveCluster(FeedContext context, Backoff backoff) {
    settings.streams().forEach(stream -> launchReader(context, stream));
    while (!pause.isClosed()) {
      try {
        StreamDiscovery.findInCluster(link, settings)
            .forEach(stream -> launchReader(context, stream));
        downBecause = null;
        backoff.reset();
        pause.rest(settings.discoveryInterval());
      } catch (TradesyncException e) {
        downBecause = e.getMessage();
        pause.rest(backoff.next());
      }
    }
  }

  private void launchReader(FeedContext context, String stream) {
    if (!readers.containsKey(stream)) {
      StreamReader reader =
          new StreamReader(context, stream, work -> thread("-" + stream + "-writer", work));
      readers.put(stream, reader);
      launch("-" + stream, reader::run);
    }
  }

  /** The state of all readers together. */
  public FeedHealth health() {
    List<FeedHealth.Channel> channels = new ArrayList<>();
    String reason = downBecause;
    GroupBacklog backlog = null;
    for (StreamReader reader : readers.values()) {
      reason = reason != null ? reason : reader.downBecause();
      channels.addAll(reader.channels());
      GroupBacklog some = reader.backlog();
      if (some != null) {
        backlog = backlog == null ? some : backlog.plus(some);
      }
    }
    return new FeedHealth(
        settings.feedName(),
        reason != null ? reason : firstReason(channels),
        pause.isPaused(),
        channels,
        backlog == null ? FeedHealth.Backlog.UNKNOWN : backlog.asOf(System.currentTimeMillis()),
        counters.byName(),
        losses.byKind());
  }

  private static @Nullable String firstReason(List<FeedHealth.Channel> channels) {
    return channels.stream()
        .filter(channel -> !channel.up())
        .map(channel -> "stream " + channel.name() + ": " + channel.reason())
        .findFirst()
        .orElse(null);
  }

  /** Whether the current thread is one of a reader's. */
  public boolean isOwnThread() {
    return threads.contains(Thread.currentThread());
  }

  /**
   * Waits for the threads, after the consumer was closed, and interrupts them after the timeout. A
   * further call waits for them no longer than a second after that: what has not ended by then is
   * left behind.
   */
  public void close(Duration timeout) {
    Long interrupted = interruptedNanos;
    long waitNanos = timeout.toNanos();
    if (interrupted != null) {
      long since = System.nanoTime() - interrupted;
      waitNanos = Math.min(waitNanos, AFTER_INTERRUPT.toNanos() - since);
    }
    long deadlineNanos = System.nanoTime() + waitNanos;
    for (Thread thread : threads) {
      join(thread, Duration.ofNanos(deadlineNanos - System.nanoTime()));
    }
    if (interrupted != null) {
      return;
    }
    if (threads.stream().anyMatch(Thread::isAlive)) {
      LOG.warn(
          "the live feed of {} did not stop within {}, so it is interrupted",
          settings.names(),
          timeout);
      interruptedNanos = System.nanoTime();
      threads.forEach(Thread::interrupt);
      link.close(Duration.ZERO);
      downBecause = CLOSED;
    } else {
      end(Duration.ofNanos(deadlineNanos - System.nanoTime()));
    }
  }

  private static void join(Thread thread, Duration atMost) {
    try {
      // Rounded up, so that no wait ends before its time.
      long millis = atMost.plusNanos(999_999).toMillis();
      if (millis > 0) {
        thread.join(millis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(Duration atMost) {
    deadLetters.close();
    link.close(atMost);
    downBecause = CLOSED;
  }
}
