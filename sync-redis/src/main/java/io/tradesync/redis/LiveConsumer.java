package io.tradesync.redis;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import io.tradesync.spi.HintSource;
import io.tradesync.spi.LiveIntake;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads Redis streams as a member of a consumer group and delivers their entries to an engine.
 *
 * <pre>{@code
 * LiveConsumer live = LiveConsumer.builder(RedisURI.create("redis://localhost")).streams("trades").build();
 * live.prepare();
 * engine.run();
 * live.start(engine);
 * }</pre>
 *
 * <p>An entry is acknowledged after what it brought is committed, so it is delivered at least once,
 * and the engine sees to it that it counts once. What a consumer had read and not acknowledged when
 * it went away is delivered to the next one <em>of the same name</em>.
 *
 * <ul>
 *   <li>Whole trades of one read are ingested in one call; hints are answered by one reading of the
 *       source. A hint whose trade the source does not show yet is asked again until a limit.
 *   <li>Malformed entries, and entries trimmed away before they could be read again, are logged,
 *       counted and acknowledged.
 *   <li>While Redis or a side of the engine is gone, it keeps trying, with growing pauses, and
 *       {@link #health()} says why it is down. It never gives up by itself.
 *   <li>A stream or group that disappears is made anew and read from its beginning.
 * </ul>
 *
 * <p>Thread-safe. Delivers on one daemon thread over one connection of its own.
 */
public final class LiveConsumer implements HintSource {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConsumer.class);

  private static final long BACKLOG_AGE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int WAITING_READS = 10;

  private final RedisLink link;
  private final List<String> streams;
  private final Consumer<String> consumer;
  private final boolean named;
  private final String groupStart;
  private final EntryDecoder decoder;
  private final int batchSize;
  private final Duration blockTime;
  private final Duration rereadDelay;
  private final Duration rereadLimit;
  private final Duration maxRetryDelay;

  private final Tally tally = new Tally();
  private final Object lifecycle = new Object();
  private final CountDownLatch closing = new CountDownLatch(1);
  private boolean prepareTried;
  private volatile @Nullable Thread thread;

  private volatile @Nullable String downBecause = "not started";
  private volatile StreamGroup.@Nullable Backlog backlog;
  private long nextBacklogNanos = System.nanoTime();

  private LiveConsumer(Builder builder) {
    this.link = new RedisLink(builder.uri, builder.client);
    this.streams = builder.streams;
    String name = builder.consumerName;
    this.named = name != null;
    this.consumer = Consumer.from(builder.group, name != null ? name : randomName());
    this.groupStart = builder.groupStart;
    this.decoder = builder.decoder;
    this.batchSize = builder.batchSize;
    this.blockTime = builder.blockTime;
    this.rereadDelay = builder.rereadDelay;
    this.rereadLimit = builder.rereadLimit;
    this.maxRetryDelay = builder.maxRetryDelay;
  }

  private static String randomName() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown";
    }
    return host + "-" + UUID.randomUUID();
  }

  /**
   * Starts a consumer's settings.
   *
   * @param uri where Redis is, with whatever it takes to get in (user, password, TLS, database,
   *     Sentinel); not to be changed afterwards. Nothing of it but hosts, ports and the database is
   *     ever logged
   * @return a builder
   */
  public static Builder builder(RedisURI uri) {
    return new Builder(uri);
  }

  /**
   * Makes the consumer group on each stream that lacks it, and the streams that are not there. If
   * Redis cannot be reached this is logged, and done by {@link #start}'s thread as soon as it can
   * be; a group that is made then begins at its stream's beginning, so nothing is left out.
   *
   * @throws InvalidSettingException if a key holds something else than a stream (names it), or
   *     Redis refuses the user, the password or the database
   * @throws IllegalStateException if this consumer is closed
   */
  @Override
  public void prepare() {
    synchronized (lifecycle) {
      checkOpen();
      if (thread != null) {
        return;
      }
      try (StreamGroup group = StreamGroup.open(link, streams, consumer, blockTime)) {
        group.ensure(groupStart);
      } catch (InvalidSettingException e) {
        throw e;
      } catch (TradesyncException e) {
        downBecause = e.getMessage();
        LOG.warn("the live path of {} will start later: {}", streams, e.getMessage());
      }
      prepareTried = true;
    }
  }

  /**
   * Begins to deliver, on a thread of its own; calls {@link #prepare} first if nobody did. Returns
   * at once, or after the attempt to prepare.
   *
   * @param intake where to deliver; usually an engine
   * @throws InvalidSettingException as {@link #prepare}
   * @throws IllegalStateException if this consumer was started before or is closed
   */
  @Override
  public void start(LiveIntake intake) {
    synchronized (lifecycle) {
      checkOpen();
      if (thread != null) {
        throw new IllegalStateException("this consumer was started before");
      }
      if (!prepareTried) {
        prepare();
      }
      Thread delivering =
          new Thread(() -> deliverUntilClosed(intake), "tradesync-live-" + consumer.getGroup());
      delivering.setDaemon(true);
      thread = delivering;
      delivering.start();
    }
  }

  private void checkOpen() {
    if (isClosing()) {
      throw new IllegalStateException("this consumer is closed");
    }
  }

  /**
   * Tells how this consumer is doing. Asks nobody, so it answers at once also while Redis is gone.
   *
   * @return its state and counts
   */
  public LiveHealth health() {
    String reason = downBecause;
    StreamGroup.Backlog known = backlog;
    Duration oldest = null;
    if (known != null && known.oldestPendingMillis() != null) {
      long age = System.currentTimeMillis() - known.oldestPendingMillis();
      oldest = Duration.ofMillis(Math.max(0, age));
    }
    return new LiveHealth(
        reason == null,
        reason,
        tally.consumed.get(),
        tally.malformed.get(),
        tally.trimmed.get(),
        tally.unanswered.get(),
        known == null ? null : known.pending(),
        oldest,
        known == null ? null : known.lag());
  }

  /**
   * Stops; waits for the delivery under way and for a read that waits for entries, which can take
   * the block time, and closes the connections. A client that was given stays open. Called from the
   * delivering thread, it does not wait. Can be called twice.
   */
  @Override
  public void close() {
    closing.countDown();
    if (Thread.currentThread() == thread) {
      return;
    }
    synchronized (lifecycle) {
      Thread delivering = thread;
      if (delivering != null) {
        join(delivering);
      }
      link.close();
      downBecause = "closed";
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void deliverUntilClosed(LiveIntake intake) {
    Backoff backoff = new Backoff(maxRetryDelay);
    while (!isClosing()) {
      try (StreamGroup group = StreamGroup.open(link, streams, consumer, blockTime)) {
        deliver(group, intake, backoff);
      } catch (RuntimeException | Error e) {
        down(e);
        pause(backoff.next());
      }
    }
    link.close();
    downBecause = "closed";
  }

  private void deliver(StreamGroup group, LiveIntake intake, Backoff backoff) {
    if (group.ensure(StreamGroup.BEGINNING) > 0) {
      LOG.warn(
          "group {} of {} was not there; reading from the beginning", consumer.getGroup(), streams);
    }
    Delivery delivery =
        new Delivery(
            group, decoder, intake, tally, rereadDelay, rereadLimit, WAITING_READS * batchSize);
    while (!isClosing()) {
      Duration idle = delivery.idleTime(blockTime);
      if (delivery.isFull()) {
        pause(idle);
        delivery.deliver(List.of());
      } else {
        delivery.deliver(group.read(batchSize, idle));
      }
      up();
      backoff.reset();
      observe(group);
    }
    if (!named) {
      leave(group);
    }
  }

  // Nobody else will use the random name; left in the group it would stay there for ever.
  private static void leave(StreamGroup group) {
    try {
      group.leave();
    } catch (TradesyncException e) {
      LOG.debug("the consumer stays in its group", e);
    }
  }

  private void observe(StreamGroup group) {
    long now = System.nanoTime();
    if (now - nextBacklogNanos >= 0) {
      backlog = group.backlog();
      nextBacklogNanos = now + BACKLOG_AGE_NANOS;
    }
  }

  private void up() {
    if (downBecause != null) {
      downBecause = null;
      LOG.info("the live path of {} is up", streams);
    }
  }

  private void down(Throwable failure) {
    boolean known = failure instanceof TradesyncException;
    String reason = known ? String.valueOf(failure.getMessage()) : failure.toString();
    if (reason.equals(downBecause)) {
      LOG.debug("the live path of {} is still down", streams, failure);
    } else if (known) {
      LOG.warn("the live path of {} is down and keeps trying: {}", streams, reason);
    } else {
      LOG.error("the live path of {} is down and keeps trying", streams, failure);
    }
    downBecause = reason;
  }

  private void pause(Duration time) {
    try {
      if (closing.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.debug("closing");
      }
    } catch (InterruptedException e) {
      // Only close() ends this thread.
      LOG.debug("interrupted while pausing", e);
    }
  }

  /**
   * Collects a consumer's settings. Not thread-safe; what is built does not change with it, so it
   * can be used again.
   */
  public static final class Builder {

    /** The consumer group, unless set. */
    public static final String DEFAULT_GROUP = "tradesync";

    /** Where a new group begins, unless set: before the stream's first entry. */
    public static final String DEFAULT_GROUP_START = StreamGroup.BEGINNING;

    /** Entries a read, unless set. */
    public static final int DEFAULT_BATCH_SIZE = 500;

    /** The most entries a read. */
    public static final int MAX_BATCH_SIZE = 100_000;

    /** How long a read waits for entries, unless set. */
    public static final Duration DEFAULT_BLOCK_TIME = Duration.ofSeconds(2);

    /** The longest time that a read may wait. */
    public static final Duration MAX_BLOCK_TIME = Duration.ofMinutes(1);

    /** The pause before a hint is asked again, unless set. */
    public static final Duration DEFAULT_REREAD_DELAY = Duration.ofMillis(500);

    /** How long a hint is asked again, unless set. */
    public static final Duration DEFAULT_REREAD_LIMIT = Duration.ofSeconds(10);

    /** The longest pause between two attempts while something is down, unless set. */
    public static final Duration DEFAULT_MAX_RETRY_DELAY = Duration.ofSeconds(5);

    private static final Pattern ENTRY_ID = Pattern.compile("\\$|[0-9]{1,20}(-[0-9]{1,20})?");

    private final RedisURI uri;
    private @Nullable RedisClient client;
    private List<String> streams = List.of();
    private String group = DEFAULT_GROUP;
    private @Nullable String consumerName;
    private String groupStart = DEFAULT_GROUP_START;
    private EntryDecoder decoder = EntryDecoder.trades();
    private int batchSize = DEFAULT_BATCH_SIZE;
    private Duration blockTime = DEFAULT_BLOCK_TIME;
    private Duration rereadDelay = DEFAULT_REREAD_DELAY;
    private Duration rereadLimit = DEFAULT_REREAD_LIMIT;
    private Duration maxRetryDelay = DEFAULT_MAX_RETRY_DELAY;

    private Builder(RedisURI uri) {
      this.uri = Settings.required("redisUri", uri);
    }

    /**
     * Sets a client of the caller's own, whose threads and options are then used; it is never
     * closed here. Without it the consumer makes one and closes it.
     *
     * @param value the client; its command timeout, if it sets one, must be longer than the block
     *     time
     * @return this builder
     */
    public Builder client(RedisClient value) {
      this.client = Settings.required("client", value);
      return this;
    }

    /**
     * Sets the streams. Required.
     *
     * @param keys the streams' keys, each once; at least one
     * @return this builder
     * @throws InvalidSettingException if there is no key, or one is empty or there twice
     */
    public Builder streams(String... keys) {
      this.streams = Settings.keys("streams", List.of(keys));
      return this;
    }

    /**
     * Sets the consumer group. Consumers of one group share the entries; each group gets all.
     *
     * @param value the group; {@link #DEFAULT_GROUP} by default
     * @return this builder
     * @throws InvalidSettingException if the value is empty
     */
    public Builder group(String value) {
      this.group = Settings.text("group", value);
      return this;
    }

    /**
     * Sets this consumer's name in the group. Give each consumer a name that it keeps over restarts
     * and that no other one has at the same time: what it had read and not acknowledged when its
     * process died is kept for this name.
     *
     * @param value the name; by default the host's name and a random part, new each time
     * @return this builder
     * @throws InvalidSettingException if the value is empty
     */
    public Builder consumerName(String value) {
      this.consumerName = Settings.text("consumerName", value);
      return this;
    }

    /**
     * Sets after which entry a group begins that {@link LiveConsumer#prepare} makes. A group that
     * is there already goes on from where it stands, and one that is made later, because Redis
     * could not be reached or lost it, begins at the beginning.
     *
     * @param entryId an entry's id; {@code 0} for the beginning, which is the default, or {@code $}
     *     to leave out what is in the stream now
     * @return this builder
     * @throws InvalidSettingException if the value is no entry's id
     */
    public Builder groupStart(String entryId) {
      if (!ENTRY_ID.matcher(entryId).matches()) {
        throw new InvalidSettingException(
            "groupStart", entryId, "must be the id of a stream entry, 0 or $");
      }
      this.groupStart = entryId;
      return this;
    }

    /**
     * Sets what an entry means.
     *
     * @param value the decoder; {@link EntryDecoder#trades} by default
     * @return this builder
     */
    public Builder decoder(EntryDecoder value) {
      this.decoder = Settings.required("decoder", value);
      return this;
    }

    /**
     * Sets how many entries are read at once, and so how many trades are offered to the engine in
     * one call.
     *
     * @param value entries of each stream, from 1 to {@link #MAX_BATCH_SIZE}; {@link
     *     #DEFAULT_BATCH_SIZE} by default
     * @return this builder
     * @throws InvalidSettingException if the value is out of range
     */
    public Builder batchSize(int value) {
      if (value < 1 || value > MAX_BATCH_SIZE) {
        throw new InvalidSettingException(
            "batchSize", value, "must be from 1 to " + MAX_BATCH_SIZE);
      }
      this.batchSize = value;
      return this;
    }

    /**
     * Sets how long a read waits for entries before it is repeated. Entries that come while it
     * waits are delivered at once.
     *
     * @param value from 1 ms to {@link #MAX_BLOCK_TIME}; {@link #DEFAULT_BLOCK_TIME} by default
     * @return this builder
     * @throws InvalidSettingException if the value is out of range
     */
    public Builder blockTime(Duration value) {
      this.blockTime = Settings.between("blockTime", value, Duration.ofMillis(1), MAX_BLOCK_TIME);
      return this;
    }

    /**
     * Sets the pause before hints are asked again whose trades the source did not show yet.
     *
     * @param value at least 1 ms; {@link #DEFAULT_REREAD_DELAY} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 1 ms
     */
    public Builder rereadDelay(Duration value) {
      this.rereadDelay = Settings.between("rereadDelay", value, Duration.ofMillis(1), null);
      return this;
    }

    /**
     * Sets how long a hint is asked again. After that it is acknowledged all the same; a trade that
     * the source shows still later is found by the next comparison.
     *
     * @param value not negative; zero to ask once; {@link #DEFAULT_REREAD_LIMIT} by default
     * @return this builder
     * @throws InvalidSettingException if the value is negative
     */
    public Builder rereadLimit(Duration value) {
      this.rereadLimit = Settings.between("rereadLimit", value, Duration.ZERO, null);
      return this;
    }

    /**
     * Sets the longest pause between two attempts while Redis or the intake is down; pauses begin
     * at 100 ms and double.
     *
     * @param value at least 100 ms; {@link #DEFAULT_MAX_RETRY_DELAY} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 100 ms
     */
    public Builder maxRetryDelay(Duration value) {
      this.maxRetryDelay =
          Settings.between("maxRetryDelay", value, Duration.ofMillis(Backoff.FIRST_MILLIS), null);
      return this;
    }

    /**
     * Makes the consumer; connects to nothing yet.
     *
     * @return a new consumer
     * @throws InvalidSettingException if no stream was set
     */
    public LiveConsumer build() {
      Settings.keys("streams", streams);
      return new LiveConsumer(this);
    }
  }
}
