package io.tradesync.redis.internal.consume;

import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.Backoff;
import io.tradesync.redis.internal.loss.LossResponder;
import io.tradesync.spi.FeedHealth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads streams on one thread until the consumer is closed: connects, reads and delivers, and when
 * something fails, tries again with growing pauses. In a cluster each stream has its own reader.
 */
final class StreamReader {

  private static final Logger LOG = LoggerFactory.getLogger(StreamReader.class);

  private final FeedContext context;
  private final @Nullable String only;
  private final LossResponder losses;
  private final Backoff backoff;
  private final UnusableStreams unusable;
  private final WriterThread writerThread;

  private volatile @Nullable String downBecause = "not connected yet";
  private volatile @Nullable GroupBacklog backlog;
  private volatile Set<String> streams = Set.of();

  /**
   * Creates a reader.
   *
   * @param only the stream that it reads; null for all streams of the settings
   * @param writers creates the thread that writes while this one reads
   */
  StreamReader(FeedContext context, @Nullable String only, ThreadFactory writers) {
    this.context = context;
    this.only = only;
    this.losses =
        new LossResponder(context.liveWriter(), context.losses(), context.settings().rereadLimit());
    this.backoff = new Backoff(context.settings().maxRetryDelay());
    this.unusable = new UnusableStreams(context.settings().maxRetryDelay());
    this.writerThread = new WriterThread(writers);
  }

  /** Why it does not deliver; null if it does. */
  @Nullable String downBecause() {
    return downBecause;
  }

  /** The backlog as Redis told it last; null before the first time. */
  @Nullable GroupBacklog backlog() {
    return backlog;
  }

  /** The streams that it reads or tries to read, each up or down by itself. */
  List<FeedHealth.Channel> channels() {
    String reason = downBecause;
    Map<String, String> reasons = unusable.reasons();
    List<FeedHealth.Channel> channels = new ArrayList<>();
    streams.stream()
        .filter(stream -> !reasons.containsKey(stream))
        .sorted()
        .forEach(stream -> channels.add(new FeedHealth.Channel(stream, reason)));
    reasons.forEach(
        (stream, unusableBecause) -> channels.add(new FeedHealth.Channel(stream, unusableBecause)));
    return channels;
  }

  /** Runs until the consumer is closed. */
  void run() {
    while (!context.pause().isClosed()) {
      try (StreamSession session =
          new StreamSession(context, losses, unusable, writerThread, only)) {
        session.followAll();
        streams = session.streams();
        serve(session);
        session.leave();
      } catch (StreamUnusableException e) {
        // The next session leaves this stream out.
        unusable.add(e);
      } catch (RuntimeException | Error e) {
        down(e);
        context.pause().rest(backoff.next());
      }
    }
  }

  private void serve(StreamSession session) {
    PauseControl pause = context.pause();
    while (true) {
      pause.awaitOpen();
      if (!pause.begin()) {
        if (pause.isClosed()) {
          return;
        }
        continue;
      }
      boolean idle = false;
      @Nullable RuntimeException failure = null;
      try {
        // Entries that were read ahead are delivered before a pause or the end.
        do {
          idle = session.step(told -> backlog = told);
          up(session);
        } while (session.isReadAhead());
      } catch (EntryDelivery.WriterFailedException e) {
        failure = e;
      } finally {
        pause.end();
      }
      if (failure != null) {
        down(failure.getCause() == null ? failure : failure.getCause());
        session.rest(backoff.next());
      } else if (idle) {
        session.awaitEntries();
      }
    }
  }

  private void up(StreamSession session) {
    streams = session.streams();
    backoff.reset();
    if (downBecause != null) {
      downBecause = null;
      LOG.info("the live feed of {} is up", this);
    }
  }

  private void down(Throwable failure) {
    boolean known = failure instanceof TradesyncException;
    String reason = known ? String.valueOf(failure.getMessage()) : failure.toString();
    if (context.pause().isClosed()) {
      LOG.debug("the live feed of {} was closed meanwhile", this, failure);
    } else if (reason.equals(downBecause)) {
      LOG.debug("the live feed of {} is still down", this, failure);
    } else if (known) {
      LOG.warn("the live feed of {} is down and keeps trying: {}", this, reason);
    } else {
      LOG.error("the live feed of {} is down and keeps trying", this, failure);
    }
    downBecause = reason;
  }

  /** The streams and patterns that it reads. */
  @Override
  public String toString() {
    return only == null ? context.settings().names() : only;
  }
}
