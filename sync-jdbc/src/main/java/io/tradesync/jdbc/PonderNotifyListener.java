package io.tradesync.jdbc;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.internal.ponder.NotificationChannel;
import io.tradesync.jdbc.internal.ponder.NotificationLoop;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.LiveWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Delivers Ponder's own notifications, so that a service is live without Redis. At each live block
 * Ponder names the tables that it wrote, at the moment when their rows become visible.
 *
 * <pre>{@code
 * PonderNotifyListener live = PonderNotifyListener.builder(ponder).schema("public").build();
 * live.prepare();
 * engine.run();
 * live.start(engine);
 * }</pre>
 *
 * <p>A notification carries no trade. The listener answers it with one reading of the source, which
 * begins at the newest processed trade less the engine's overlap; one reading answers all
 * notifications that wait. Such a reading cannot see older rows of another chain, nor the deletes
 * of a reorganisation, of which Ponder sends no notification. The comparisons of a run find both.
 *
 * <p>The listener keeps one connection, whose role needs no right but to connect. It writes nothing
 * and has no transaction open while it waits. Through a pooler in transaction mode no notification
 * ever arrives. The listener replaces a lost connection, and requests a run for what it did not
 * hear. While the database or a side of the engine is unavailable it tries again with growing
 * pauses, and {@link #health()} says why it is down.
 *
 * <p>Thread-safe. Delivers on one daemon thread.
 */
public final class PonderNotifyListener implements LiveFeed {

  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(1);

  private final NotificationChannel channel;
  private final NotificationLoop loop;
  private final Object lifecycle = new Object();
  private @Nullable Connection prepared;
  private boolean prepareTried;
  private volatile @Nullable Thread thread;
  private volatile @Nullable Long interruptedNanos;

  private PonderNotifyListener(Builder builder) {
    this.channel =
        new NotificationChannel(
            builder.dataSource,
            builder.channel != null ? builder.channel : builder.schema + "_live_query",
            builder.table);
    this.loop = new NotificationLoop(channel, builder.maxRetryDelay);
  }

  /**
   * Starts a listener's settings.
   *
   * @param dataSource Ponder's database; the listener keeps one of its connections until it is
   *     closed
   */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource);
  }

  /**
   * Begins to listen. {@link #start} delivers what is notified from now on. If the database cannot
   * be reached, the listener logs this, connects after {@link #start} and then requests a run.
   *
   * @throws IllegalStateException if the listener is closed
   */
  @Override
  public void prepare() {
    synchronized (lifecycle) {
      checkOpen();
      if (thread != null || prepared != null) {
        return;
      }
      prepareTried = true;
      try {
        prepared = channel.open();
      } catch (SQLException e) {
        loop.notOpened(e);
      }
    }
  }

  @Override
  public void start(LiveWriter liveWriter) {
    synchronized (lifecycle) {
      checkOpen();
      if (thread != null) {
        throw new IllegalStateException("this listener was started before");
      }
      if (!prepareTried) {
        prepare();
      }
      Connection opened = prepared;
      prepared = null;
      Thread delivering =
          daemon("tradesync-notify-" + channel.name(), () -> loop.run(liveWriter, opened));
      thread = delivering;
      delivering.start();
    }
  }

  private static Thread daemon(String name, Runnable work) {
    Thread daemon = new Thread(work, name);
    daemon.setDaemon(true);
    return daemon;
  }

  private void checkOpen() {
    if (loop.isStopped()) {
      throw new IllegalStateException("this listener is closed");
    }
  }

  /**
   * The listener's state. The counters are {@code notifications} (those that named the table) and
   * {@code readings} (of the source; one answers all notifications that wait). The one kind of loss
   * is {@code unheard}: the listener was not connected for a time.
   */
  @Override
  public FeedHealth health() {
    String reason = loop.downBecause();
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("notifications", loop.notifications());
    counters.put("readings", loop.readings());
    return new FeedHealth(
        "notifications " + channel.name(),
        reason,
        false,
        List.of(new FeedHealth.Channel(channel.name(), reason)),
        FeedHealth.Backlog.UNKNOWN,
        counters,
        Map.of("unheard", loop.losses()));
  }

  /** Stops, and gives the connection back. */
  @Override
  public void close(Duration timeout) {
    loop.stop();
    Thread ending = thread;
    if (ending == null) {
      // To give a connection back can take long, as can a call of prepare() that is under way.
      ending = daemon("tradesync-notify-close-" + channel.name(), this::closePrepared);
      ending.start();
    }
    Long interrupted = interruptedNanos;
    if (ending != Thread.currentThread()
        && !hasEnded(ending, interrupted == null ? timeout : rest(timeout, interrupted))
        && interrupted == null) {
      interruptedNanos = System.nanoTime();
      ending.interrupt();
    }
  }

  /** How long a further call waits: what ignores the interrupt is left behind after a second. */
  private static Duration rest(Duration timeout, long interrupted) {
    Duration left = AFTER_INTERRUPT.minusNanos(System.nanoTime() - interrupted);
    return left.compareTo(timeout) < 0 ? left : timeout;
  }

  private void closePrepared() {
    synchronized (lifecycle) {
      if (prepared != null) {
        channel.close(prepared);
        prepared = null;
      }
    }
  }

  private static boolean hasEnded(Thread thread, Duration timeout) {
    try {
      if (timeout.toMillis() > 0) {
        thread.join(timeout.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  /** Collects a listener's settings. Not thread-safe; can be reused after {@link #build()}. */
  public static final class Builder {

    /** The schema, unless set. */
    public static final String DEFAULT_SCHEMA = "public";

    /** The table, unless set. */
    public static final String DEFAULT_TABLE = "order_book_trades";

    /** The longest pause between two attempts while something is down, unless set. */
    public static final Duration DEFAULT_MAX_RETRY_DELAY = Duration.ofSeconds(5);

    private final DataSource dataSource;
    private String schema = DEFAULT_SCHEMA;
    private String table = DEFAULT_TABLE;
    private @Nullable String channel;
    private Duration maxRetryDelay = DEFAULT_MAX_RETRY_DELAY;

    private Builder(DataSource dataSource) {
      if (dataSource == null) {
        throw new InvalidSettingException("dataSource", null, "must be set");
      }
      this.dataSource = dataSource;
    }

    /**
     * Sets the schema that Ponder writes to; the channel is named after it.
     *
     * @param value the schema; {@link #DEFAULT_SCHEMA} by default
     * @throws InvalidSettingException if the value is empty
     */
    public Builder schema(String value) {
      this.schema = notEmpty("schema", value);
      return this;
    }

    /**
     * Sets the table of trades, as notifications name it.
     *
     * @param value the table; {@link #DEFAULT_TABLE} by default
     * @throws InvalidSettingException if the value is empty
     */
    public Builder table(String value) {
      this.table = notEmpty("table", value);
      return this;
    }

    /**
     * Sets the channel, if it is not named after the schema.
     *
     * @param value the channel; the schema's name and {@code _live_query} by default
     * @throws InvalidSettingException if the value is empty
     */
    public Builder channel(String value) {
      this.channel = notEmpty("channel", value);
      return this;
    }

    /**
     * Sets the longest pause between two attempts while the database or the live writer is
     * unavailable. The first pause is 100 ms, each further one twice as long.
     *
     * @param value at least 100 ms; {@link #DEFAULT_MAX_RETRY_DELAY} by default
     * @throws InvalidSettingException if the value is below 100 ms
     */
    public Builder maxRetryDelay(Duration value) {
      if (value.compareTo(NotificationLoop.FIRST_PAUSE) < 0) {
        throw new InvalidSettingException("maxRetryDelay", value, "must be at least 100 ms");
      }
      this.maxRetryDelay = value;
      return this;
    }

    private static String notEmpty(String name, @Nullable String value) {
      if (value == null || value.isEmpty()) {
        throw new InvalidSettingException(name, value, "must not be empty");
      }
      return value;
    }

    /** Creates the listener; connects to nothing yet. */
    public PonderNotifyListener build() {
      return new PonderNotifyListener(this);
    }
  }
}
