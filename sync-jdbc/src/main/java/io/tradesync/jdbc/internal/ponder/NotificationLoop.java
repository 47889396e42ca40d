package io.tradesync.jdbc.internal.ponder;

import io.tradesync.TradesyncException;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.spi.Hint;
import io.tradesync.spi.LiveWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers Ponder's notifications until it is stopped. A lost connection is replaced, and a run is
 * requested for the time without one. While the database or the live writer is unavailable, the
 * loop tries again with growing pauses.
 *
 * <p>{@link #run} is for one thread; all other methods are thread-safe.
 */
public final class NotificationLoop {

  /** The first pause after a failure; each further one is twice as long. */
  public static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  private static final Logger LOG = LoggerFactory.getLogger(NotificationLoop.class);

  /** How long the loop waits for a notification until it checks whether it is stopped. */
  private static final int WAIT_MILLIS = 500;

  /** How often the loop checks that the server still answers. */
  private static final long CHECK_NANOS = Duration.ofSeconds(30).toNanos();

  private final NotificationChannel channel;
  private final long maxPauseMillis;
  private final AtomicLong notifications = new AtomicLong();
  private final AtomicLong readings = new AtomicLong();
  private final AtomicLong losses = new AtomicLong();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable String downBecause = "not started";
  private long pauseMillis = FIRST_PAUSE.toMillis();

  public NotificationLoop(NotificationChannel channel, Duration maxPause) {
    this.channel = channel;
    this.maxPauseMillis = maxPause.toMillis();
  }

  /** The notifications that named the table. */
  public long notifications() {
    return notifications.get();
  }

  /** The readings of the source; one answers all notifications that wait. */
  public long readings() {
    return readings.get();
  }

  /** How often the loop was without a connection. */
  public long losses() {
    return losses.get();
  }

  /** Why nothing is delivered, without secrets; null while the loop delivers. */
  public @Nullable String downBecause() {
    return isStopped() ? "closed" : downBecause;
  }

  /** Has the loop end at its next step. */
  public void stop() {
    stopped.countDown();
  }

  public boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /** Records and logs that the channel cannot be opened before the loop runs. */
  public void notOpened(SQLException failure) {
    downBecause = SqlFailures.reason(failure);
    LOG.warn("cannot listen to {} yet, trying again later: {}", channel.name(), downBecause);
  }

  /**
   * Delivers until {@link #stop} is called.
   *
   * @param opened a connection that listens already, or null if there is none
   */
  public void run(LiveWriter liveWriter, @Nullable Connection opened) {
    Connection next = opened;
    boolean missed = next == null;
    while (!isStopped()) {
      try {
        Connection connection = next != null ? next : channel.open();
        next = null;
        try {
          deliver(connection, liveWriter, missed);
        } finally {
          channel.close(connection);
        }
      } catch (SQLException | RuntimeException | Error e) {
        down(e);
        missed = true;
        pause();
      }
    }
    if (next != null) {
      channel.close(next);
    }
  }

  private void deliver(Connection connection, LiveWriter liveWriter, boolean missed)
      throws SQLException {
    if (missed) {
      requestRun(liveWriter);
    }
    boolean due = missed;
    long checked = System.nanoTime();
    while (!isStopped()) {
      int count = channel.await(connection, due ? 1 : WAIT_MILLIS);
      notifications.addAndGet(count);
      due |= count > 0;
      if (due && !read(liveWriter)) {
        pause();
        continue;
      }
      due = false;
      up();
      if (System.nanoTime() - checked > CHECK_NANOS) {
        checked = System.nanoTime();
        channel.checkAlive(connection);
      }
    }
  }

  private void requestRun(LiveWriter liveWriter) {
    losses.incrementAndGet();
    String reason = "nothing listened to " + channel.name() + " for a time";
    LOG.warn("{}, so a run follows", reason);
    liveWriter.requestRun(reason);
  }

  /** Has the live writer read what is new; returns whether that worked. */
  private boolean read(LiveWriter liveWriter) {
    try {
      liveWriter.catchUp(List.of(new Hint(null, null)));
      readings.incrementAndGet();
      return true;
    } catch (RuntimeException e) {
      down(e);
      return false;
    }
  }

  private void up() {
    pauseMillis = FIRST_PAUSE.toMillis();
    if (downBecause != null) {
      downBecause = null;
      LOG.info("listening to {}", channel.name());
    }
  }

  private void down(Throwable failure) {
    boolean expected = failure instanceof TradesyncException || failure instanceof SQLException;
    String reason =
        failure instanceof SQLException
            ? SqlFailures.reason(failure)
            : String.valueOf(expected ? failure.getMessage() : failure);
    if (reason.equals(downBecause)) {
      LOG.debug("notifications of {} are still down", channel.name(), failure);
    } else if (expected) {
      LOG.warn("notifications of {} are down, trying again: {}", channel.name(), reason);
    } else {
      LOG.error("notifications of {} are down, trying again", channel.name(), failure);
    }
    downBecause = reason;
  }

  /** Waits between half and all of the next pause. */
  private void pause() {
    long millis = Math.min(pauseMillis, maxPauseMillis);
    pauseMillis = Math.min(2 * millis, maxPauseMillis);
    try {
      boolean ended =
          stopped.await(
              ThreadLocalRandom.current().nextLong(millis / 2, millis + 1), TimeUnit.MILLISECONDS);
      LOG.trace("paused; stopped is {}", ended);
    } catch (InterruptedException e) {
      // Only stop() ends the loop.
      LOG.debug("interrupted while pausing", e);
    }
  }
}
