package io.tradesync.jdbc;

import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.Hint;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.LiveWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Notification;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to Ponder's own notifications, so that a service is live without any Redis: at each live
 * block Ponder names the tables it wrote, at the moment when their rows become visible.
 *
 * <pre>{@code
 * PonderNotifyListener live = PonderNotifyListener.builder(ponder).schema("public").build();
 * live.prepare();
 * engine.run();
 * live.start(engine);
 * }</pre>
 *
 * <p>A notification says nothing but that there is something new. It is answered by one reading of
 * the source, from the newest processed trade less the engine's overlap on; all that wait are
 * answered by one. What such a reading cannot see (older rows of another chain, the deletes of a
 * reorganisation, for which Ponder notifies nobody) is left to the comparisons of a run.
 *
 * <p>Needs one connection for itself, and a role that may connect; nothing is written, no
 * transaction is open while it waits. Behind a pooler that gives out a connection for a transaction
 * only, no notification ever arrives. A connection that is lost is replaced, and a run is asked for
 * that finds what was slept through. While the database or a side of the engine is gone it keeps
 * trying, with growing pauses, and {@link #health()} says why it is down.
 *
 * <p>Thread-safe. Delivers on one daemon thread.
 */
public final class PonderNotifyListener implements LiveFeed {

  private static final Logger LOG = LoggerFactory.getLogger(PonderNotifyListener.class);

  /** How long the listener sleeps at most before it looks whether it is closed. */
  private static final int WAIT_MILLIS = 500;

  /** A server that went away without a word is noticed after this time. */
  private static final long SIGN_OF_LIFE_NANOS = Duration.ofSeconds(30).toNanos();

  private static final int ANSWER_SECONDS = 5;
  private static final long FIRST_PAUSE_MILLIS = 100;

  private final DataSource dataSource;
  private final String channel;
  private final String named;
  private final long maxPauseMillis;

  private final AtomicLong notifications = new AtomicLong();
  private final AtomicLong readings = new AtomicLong();
  private final AtomicLong losses = new AtomicLong();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Object lifecycle = new Object();
  private @Nullable Connection prepared;
  private boolean prepareTried;
  private volatile @Nullable Thread thread;
  private volatile @Nullable String downBecause = "not started";
  private long pauseMillis = FIRST_PAUSE_MILLIS;

  private PonderNotifyListener(Builder builder) {
    this.dataSource = builder.dataSource;
    this.channel = builder.channel != null ? builder.channel : builder.schema + "_live_query";
    this.named = '"' + builder.table.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    this.maxPauseMillis = builder.maxRetryDelay.toMillis();
  }

  /**
   * Starts a listener's settings.
   *
   * @param dataSource Ponder's database; one of its connections is kept until {@link #close}
   * @return a builder
   */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource);
  }

  /**
   * Begins to listen: what is notified from now on is delivered after {@link #start}. If the
   * database cannot be reached this is logged, and done by {@link #start}'s thread as soon as it
   * can be; a run is then asked for.
   *
   * @throws IllegalStateException if this listener is closed
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
        prepared = listen();
      } catch (SQLException e) {
        downBecause = SqlFailures.reason(e);
        LOG.warn("notifications of {} will be heard later: {}", channel, downBecause);
      }
    }
  }

  /**
   * Begins to deliver, on a thread of its own; calls {@link #prepare} first if nobody did. Returns
   * at once, or after the attempt to prepare.
   *
   * @param liveWriter where to deliver; usually an engine
   * @throws IllegalStateException if this listener was started before or is closed
   */
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
      Thread delivering =
          new Thread(() -> deliverUntilClosed(liveWriter), "tradesync-notify-" + channel);
      delivering.setDaemon(true);
      thread = delivering;
      delivering.start();
    }
  }

  private void checkOpen() {
    if (isClosing()) {
      throw new IllegalStateException("this listener is closed");
    }
  }

  /**
   * This listener's state. The counters are {@code notifications} (those that named the table) and
   * {@code readings} (of the source; one answers all notifications that wait). The one kind of loss
   * is {@code unheard}: the listener was not connected for a time.
   */
  @Override
  public FeedHealth health() {
    String reason = downBecause;
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("notifications", notifications.get());
    counters.put("readings", readings.get());
    return new FeedHealth(
        "notifications " + channel,
        reason,
        false,
        List.of(new FeedHealth.Channel(channel, reason)),
        FeedHealth.Backlog.UNKNOWN,
        counters,
        Map.of("unheard", losses.get()));
  }

  /** Stops, and gives the connection back. */
  @Override
  public void close(Duration timeout) {
    closing.countDown();
    Thread delivering = thread;
    if (Thread.currentThread() == delivering) {
      return;
    }
    if (delivering == null) {
      giveBackPrepared();
    } else if (!ended(delivering, timeout)) {
      delivering.interrupt();
    }
    downBecause = "closed";
  }

  private void giveBackPrepared() {
    synchronized (lifecycle) {
      if (prepared != null) {
        giveBack(prepared);
        prepared = null;
      }
    }
  }

  private static boolean ended(Thread thread, Duration atMost) {
    try {
      if (atMost.toMillis() > 0) {
        thread.join(atMost.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private Connection listen() throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      // Otherwise the first statement would begin a transaction that nobody ends.
      connection.setAutoCommit(true);
      execute(connection, "listen " + Identifiers.quote(channel));
      return connection;
    } catch (SQLException | RuntimeException e) {
      try (connection) {
        throw e;
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  // A pool must not hand out a connection that still hears everything.
  private void giveBack(Connection connection) {
    try (connection) {
      execute(connection, "unlisten " + Identifiers.quote(channel));
    } catch (SQLException e) {
      LOG.debug("the connection for {} ended on its own", channel, e);
    }
  }

  private void deliverUntilClosed(LiveWriter liveWriter) {
    Connection next = prepared;
    prepared = null;
    boolean missed = next == null;
    while (!isClosing()) {
      try {
        Connection connection = next != null ? next : listen();
        next = null;
        try {
          deliver(connection, liveWriter, missed);
        } finally {
          giveBack(connection);
        }
      } catch (SQLException | RuntimeException | Error e) {
        down(e);
        missed = true;
        pause();
      }
    }
    if (next != null) {
      giveBack(next);
    }
    downBecause = "closed";
  }

  private void deliver(Connection connection, LiveWriter liveWriter, boolean missed)
      throws SQLException {
    if (missed) {
      closeWhatWasMissed(liveWriter);
    }
    PgConnection listening = connection.unwrap(PgConnection.class);
    boolean due = missed;
    long signOfLife = System.nanoTime();
    while (!isClosing()) {
      due |= hear(listening, due ? 1 : WAIT_MILLIS);
      if (due && !answer(liveWriter)) {
        pause();
        continue;
      }
      due = false;
      up();
      if (System.nanoTime() - signOfLife > SIGN_OF_LIFE_NANOS) {
        signOfLife = System.nanoTime();
        if (!connection.isValid(ANSWER_SECONDS)) {
          throw new SQLException("the server gives no sign of life", "08006");
        }
      }
    }
  }

  private void closeWhatWasMissed(LiveWriter liveWriter) {
    losses.incrementAndGet();
    String reason = "nobody listened to " + channel + " for a time";
    LOG.warn("{}, so a run follows", reason);
    liveWriter.requestRun(reason);
  }

  /** Waits for notifications; tells whether one named the table. */
  private boolean hear(PgConnection listening, int millis) throws SQLException {
    long count = 0;
    // Not as the driver's public PGNotification: the annotations of its package make javac warn of
    // classes that are not there.
    Object[] heard = listening.getNotifications(millis);
    for (Object notification : heard) {
      if (notification instanceof Notification ours && ours.getParameter().contains(named)) {
        count++;
      }
    }
    notifications.addAndGet(count);
    return count > 0;
  }

  /** Reads what is new; tells whether that worked. */
  private boolean answer(LiveWriter liveWriter) {
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
    pauseMillis = FIRST_PAUSE_MILLIS;
    if (downBecause != null) {
      downBecause = null;
      LOG.info("listening to {}", channel);
    }
  }

  private void down(Throwable failure) {
    boolean known = failure instanceof TradesyncException || failure instanceof SQLException;
    String reason = failure.toString();
    if (known) {
      reason =
          failure instanceof SQLException
              ? SqlFailures.reason(failure)
              : String.valueOf(failure.getMessage());
    }
    if (reason.equals(downBecause)) {
      LOG.debug("the notifications of {} are still down", channel, failure);
    } else if (known) {
      LOG.warn("the notifications of {} are down and will be heard again: {}", channel, reason);
    } else {
      LOG.error("the notifications of {} are down and will be heard again", channel, failure);
    }
    downBecause = reason;
  }

  /** Waits between half and all of a time that doubles. */
  private void pause() {
    long millis = Math.min(pauseMillis, maxPauseMillis);
    pauseMillis = Math.min(2 * millis, maxPauseMillis);
    try {
      if (closing.await(
          ThreadLocalRandom.current().nextLong(millis / 2, millis + 1), TimeUnit.MILLISECONDS)) {
        LOG.debug("closing");
      }
    } catch (InterruptedException e) {
      // Only close() ends this thread.
      LOG.debug("interrupted while pausing", e);
    }
  }

  /**
   * Collects a listener's settings. Not thread-safe; what is built does not change with it, so it
   * can be used again.
   */
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
     * @return this builder
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
     * @return this builder
     * @throws InvalidSettingException if the value is empty
     */
    public Builder table(String value) {
      this.table = notEmpty("table", value);
      return this;
    }

    /**
     * Sets the channel, where it is not named after the schema.
     *
     * @param value the channel; the schema's name and {@code _live_query} by default
     * @return this builder
     * @throws InvalidSettingException if the value is empty
     */
    public Builder channel(String value) {
      this.channel = notEmpty("channel", value);
      return this;
    }

    /**
     * Sets the longest pause between two attempts while the database or the liveWriter is down;
     * pauses begin at 100 ms and double.
     *
     * @param value at least 100 ms; {@link #DEFAULT_MAX_RETRY_DELAY} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 100 ms
     */
    public Builder maxRetryDelay(Duration value) {
      if (value.toMillis() < FIRST_PAUSE_MILLIS) {
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

    /**
     * Makes the listener; connects to nothing yet.
     *
     * @return a new listener
     */
    public PonderNotifyListener build() {
      return new PonderNotifyListener(this);
    }
  }
}
