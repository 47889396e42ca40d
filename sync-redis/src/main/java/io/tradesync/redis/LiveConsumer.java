package io.tradesync.redis;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.Backoff;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.ServerInfo;
import io.tradesync.redis.internal.client.SettingChecks;
import io.tradesync.redis.internal.client.Trimming;
import io.tradesync.redis.internal.consume.ConsumerSettings;
import io.tradesync.redis.internal.consume.DeadLetters;
import io.tradesync.redis.internal.consume.FeedCounters;
import io.tradesync.redis.internal.consume.PauseControl;
import io.tradesync.redis.internal.consume.ConsumerGroup;
import io.tradesync.redis.internal.consume.StreamReader;
import io.tradesync.redis.internal.loss.LossDetector;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.LiveWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
 * it went away is delivered to the next one of the same name, or, after a time, to any other one of
 * the group.
 *
 * <ul>
 *   <li>Whole trades that were read are ingested in one call; hints are answered by one reading of
 *       the source. A hint whose trade the source does not show yet is asked again until a limit;
 *       then a run is asked for.
 *   <li>While a batch is written, at most two more are read ahead, and only of a backlog and while
 *       no hint waits. Nothing more is read while the liveWriter fails, or while many hints wait.
 *   <li>Malformed entries are moved to a dead-letter stream at once; so are entries that keep
 *       failing although both sides are there, and for those a run is asked for.
 *   <li>Stream data that were lost (trimmed away before they were delivered, a stream or a group
 *       that is gone or went back, another or a restarted Redis) are noticed, counted, and answered
 *       with a run; a group that is gone is made anew and reads from the beginning.
 *   <li>While Redis or a side of the engine is gone, it keeps trying, with growing pauses, and
 *       {@link #health()} says why it is down. It never gives up by itself.
 * </ul>
 *
 * <p>The URI says how to get in: TLS, user and password, the database's number, Sentinels. It may
 * also name any node of a cluster, whose streams are then read from the nodes that hold them.
 *
 * <p>Thread-safe. Delivers on one daemon thread over one connection of its own; in a cluster on one
 * for each stream.
 */
public final class LiveConsumer implements LiveFeed {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConsumer.class);
  private static final String CLOSED = "closed";

  private final RedisLink link;
  private final ConsumerSettings settings;

  private final FeedCounters counters = new FeedCounters();
  private final LossDetector watch = new LossDetector();
  private final PauseControl gate = new PauseControl();
  private final DeadLetters deadLetters;
  private final Map<String, StreamReader> readers = new ConcurrentHashMap<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final Object lifecycle = new Object();
  private boolean prepareTried;
  private boolean prepared;
  private volatile boolean started;
  private volatile @Nullable String downBecause = "not started";

  private LiveConsumer(Builder builder) {
    this.link = new RedisLink(builder.uri, builder.client);
    String name = builder.consumerName;
    this.settings =
        new ConsumerSettings(
            builder.streams,
            builder.patterns,
            builder.discoveryInterval,
            Consumer.from(builder.group, name != null ? name : randomName()),
            name != null,
            builder.groupStart,
            builder.decoder,
            builder.batchSize,
            builder.blockTime,
            builder.rereadDelay,
            builder.rereadLimit,
            builder.claimAfter,
            builder.deliveryLimit,
            builder.deadLetterStream,
            builder.maxRetryDelay);
    this.deadLetters =
        new DeadLetters(
            link,
            builder.deadLetterStream,
            new Trimming(builder.maxDeadLetters, null),
            builder.group,
            counters);
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
   *     Sentinels), or any node of a cluster; not to be changed afterwards. Nothing of it but
   *     hosts, ports and the database is ever logged
   * @return a builder
   */
  public static Builder builder(RedisURI uri) {
    return new Builder(uri);
  }

  /**
   * Makes the consumer group on each stream that lacks it, and the streams that are not there. If
   * Redis cannot be reached this is logged, and done by {@link #start}'s thread as soon as it can
   * be; a group that is made then begins at its stream's beginning, and a run is asked for, so
   * nothing is left out.
   *
   * @throws InvalidSettingException if a key holds something else than a stream (names it), or
   *     Redis refuses the user, the password or the database
   * @throws IllegalStateException if this consumer is closed
   */
  @Override
  public void prepare() {
    synchronized (lifecycle) {
      checkOpen();
      if (started || prepared) {
        return;
      }
      try {
        prepareStreams();
        prepared = true;
      } catch (InvalidSettingException e) {
        throw e;
      } catch (TradesyncException e) {
        downBecause = e.getMessage();
        LOG.warn("the live feed of {} will start later: {}", names(), e.getMessage());
      }
      prepareTried = true;
    }
  }

  private void prepareStreams() {
    try (ConsumerGroup any = open(null)) {
      ServerInfo server = any.server();
      Set<String> streams = new LinkedHashSet<>(settings.streams());
      streams.addAll(server.cluster() ? findInCluster() : find(any));
      for (String stream : streams) {
        if (server.cluster()) {
          try (ConsumerGroup node = open(stream)) {
            prepare(node, stream);
          }
        } else {
          prepare(any, stream);
        }
      }
    }
  }

  private ConsumerGroup open(@Nullable String routedBy) {
    return ConsumerGroup.open(link, routedBy, settings.consumer(), settings.blockTime());
  }

  private void prepare(ConsumerGroup group, String stream) {
    watch.connected(stream, group.server().identity());
    if (group.ensure(stream, settings.groupStart())) {
      watch.groupMade(stream, group.state(stream));
    }
  }

  private Set<String> find(ConsumerGroup group) {
    Set<String> found = group.find(settings.patterns());
    found.remove(settings.deadLetters());
    return found;
  }

  private Set<String> findInCluster() {
    Set<String> found = new LinkedHashSet<>();
    if (!settings.patterns().isEmpty()) {
      for (ConsumerGroup master : ConsumerGroup.openMasters(link, settings.consumer())) {
        try (master) {
          found.addAll(find(master));
        }
      }
    }
    return found;
  }

  /**
   * Begins to deliver, on a thread of its own; calls {@link #prepare} first if nobody did. Returns
   * at once, or after the attempt to prepare.
   *
   * @param liveWriter where to deliver; usually an engine
   * @throws InvalidSettingException as {@link #prepare}
   * @throws IllegalStateException if this consumer was started before or is closed
   */
  @Override
  public void start(LiveWriter liveWriter) {
    synchronized (lifecycle) {
      checkOpen();
      if (started) {
        throw new IllegalStateException("this consumer was started before");
      }
      if (!prepareTried) {
        prepare();
      }
      started = true;
      launch("", () -> deliverUntilClosed(liveWriter));
    }
  }

  private void launch(String suffix, Runnable work) {
    Thread thread = new Thread(work, "tradesync-live-" + settings.consumer().getGroup() + suffix);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void checkOpen() {
    if (gate.isClosed()) {
      throw new IllegalStateException("this consumer is closed");
    }
  }

  /**
   * Stops to read until {@link #resume}, and waits until what was read is delivered; afterwards
   * nothing reaches the liveWriter, and what was not delivered stays in the streams. A delivery
   * that calls this itself does not wait, and what was read ahead of it still follows. The
   * position, the connection and health are kept. Can be called before {@link #start}, and twice.
   */
  public void pause() {
    gate.pause();
    if (!isOwnThread()) {
      gate.awaitEmpty();
    }
  }

  /** Goes on after a {@link #pause}. Can be called twice. */
  public void resume() {
    gate.resume();
  }

  /**
   * This consumer's state. The counters are its own: {@code consumed} (entries acknowledged after
   * their trades were committed), {@code malformed} (entries that made no sense), {@code
   * deadLetters} (entries moved to the dead-letter stream: malformed ones, and those that failed
   * too often), {@code trimmed} (entries that were gone from their stream before this consumer
   * could read them again), {@code unanswered} (hints whose trade the source did not show in time),
   * {@code claimed} (entries taken over from other consumers). Losses are {@code trimmed}, {@code
   * gone}, {@code replaced} or {@code restarted}. The backlog is the whole group's, some seconds
   * old, or as old as the last answer of Redis.
   */
  @Override
  public FeedHealth health() {
    List<FeedHealth.Channel> channels = new ArrayList<>();
    String reason = downBecause;
    Long pending = null;
    Long oldest = null;
    Long lag = null;
    boolean lagKnown = true;
    for (StreamReader reader : readers.values()) {
      String readerDown = reader.downBecause();
      reason = reason != null ? reason : readerDown;
      reader.streams().forEach(stream -> channels.add(new FeedHealth.Channel(stream, readerDown)));
      ConsumerGroup.Backlog backlog = reader.backlog();
      if (backlog == null) {
        continue;
      }
      pending = (pending == null ? 0 : pending) + backlog.pending();
      Long since = backlog.oldestPendingMillis();
      oldest =
          since == null ? oldest : oldest == null ? since : Long.valueOf(Math.min(oldest, since));
      lagKnown &= backlog.lag() != null;
      lag = (lag == null ? 0 : lag) + (backlog.lag() == null ? 0 : backlog.lag());
    }
    return new FeedHealth(
        "streams " + String.join(", ", names()),
        reason,
        gate.isPaused(),
        channels,
        new FeedHealth.Backlog(
            lagKnown ? lag : null,
            pending,
            oldest == null
                ? null
                : Duration.ofMillis(Math.max(0, System.currentTimeMillis() - oldest))),
        counters.counts(),
        counters.losses());
  }

  /**
   * Stops. A read that waits for entries ends after the block time; with a longer block time than
   * the timeout it is interrupted. A client that was given stays open.
   */
  @Override
  public void close(Duration timeout) {
    gate.close();
    if (isOwnThread()) {
      return;
    }
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    for (Thread thread : threads) {
      join(thread, Duration.ofNanos(deadlineNanos - System.nanoTime()));
    }
    if (threads.stream().anyMatch(Thread::isAlive)) {
      LOG.warn(
          "the live feed of {} did not stop within {}, so it is interrupted", names(), timeout);
      threads.forEach(Thread::interrupt);
      link.close(Duration.ZERO);
      downBecause = CLOSED;
    } else {
      end(Duration.ofNanos(deadlineNanos - System.nanoTime()));
    }
  }

  private boolean isOwnThread() {
    return threads.contains(Thread.currentThread());
  }

  private static void join(Thread thread, Duration atMost) {
    try {
      if (atMost.toMillis() > 0) {
        thread.join(atMost.toMillis());
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

  private void deliverUntilClosed(LiveWriter liveWriter) {
    Backoff backoff = new Backoff(settings.maxRetryDelay());
    boolean known = false;
    while (!known && !gate.isClosed()) {
      boolean cluster;
      try (ConsumerGroup any = open(null)) {
        cluster = any.server().cluster();
        known = true;
      } catch (TradesyncException e) {
        downBecause = e.getMessage();
        LOG.debug("the live feed of {} is still down", names(), e);
        gate.rest(backoff.next().toNanos());
        continue;
      }
      if (cluster) {
        serveCluster(liveWriter, backoff);
      } else {
        StreamReader reader = reader(null, liveWriter);
        readers.put("", reader);
        downBecause = null;
        reader.run();
      }
    }
    threads.stream()
        .filter(thread -> thread != Thread.currentThread())
        .forEach(thread -> join(thread, RedisLink.TIMEOUT));
    end(RedisLink.TIMEOUT);
  }

  /** Gives each stream a reader and a thread, also those that appear later. */
  private void serveCluster(LiveWriter liveWriter, Backoff backoff) {
    settings.streams().forEach(stream -> launchReader(stream, liveWriter));
    downBecause = null;
    while (!gate.isClosed()) {
      try {
        findInCluster().forEach(stream -> launchReader(stream, liveWriter));
        downBecause = null;
        backoff.reset();
        gate.rest(settings.discoveryInterval().toNanos());
      } catch (TradesyncException e) {
        downBecause = e.getMessage();
        gate.rest(backoff.next().toNanos());
      }
    }
  }

  private void launchReader(String stream, LiveWriter liveWriter) {
    if (!readers.containsKey(stream)) {
      StreamReader reader = reader(stream, liveWriter);
      readers.put(stream, reader);
      launch("-" + stream, reader::run);
    }
  }

  private StreamReader reader(@Nullable String only, LiveWriter liveWriter) {
    return new StreamReader(link, settings, only, liveWriter, gate, counters, watch, deadLetters);
  }

  private List<String> names() {
    List<String> names = new ArrayList<>(settings.streams());
    names.addAll(settings.patterns());
    return names;
  }

  /**
   * Collects a consumer's settings. Not thread-safe; what is built does not change with it, so it
   * can be used again.
   */
  public static final class Builder {

    /** The consumer group, unless set. */
    public static final String DEFAULT_GROUP = "tradesync";

    /** Where a new group begins, unless set: before the stream's first entry. */
    public static final String DEFAULT_GROUP_START = ConsumerGroup.BEGINNING;

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

    /** How often streams that match a pattern are looked for, unless set. */
    public static final Duration DEFAULT_DISCOVERY_INTERVAL = Duration.ofSeconds(30);

    /** How long an entry is left to a consumer that does not ask for it, unless set. */
    public static final Duration DEFAULT_CLAIM_AFTER = Duration.ofMinutes(1);

    /** How often an entry is tried, unless set. */
    public static final int DEFAULT_DELIVERY_LIMIT = 10;

    /** Where entries go that are given up, unless set. */
    public static final String DEFAULT_DEAD_LETTER_STREAM = "tradesync:dead-letters";

    /** How many dead letters are kept at least, unless set. */
    public static final long DEFAULT_MAX_DEAD_LETTERS = 10_000;

    /** The longest pause between two attempts while something is down, unless set. */
    public static final Duration DEFAULT_MAX_RETRY_DELAY = Duration.ofSeconds(5);

    private static final Pattern ENTRY_ID = Pattern.compile("\\$|[0-9]{1,20}(-[0-9]{1,20})?");

    private final RedisURI uri;
    private @Nullable RedisClient client;
    private List<String> streams = List.of();
    private List<String> patterns = List.of();
    private Duration discoveryInterval = DEFAULT_DISCOVERY_INTERVAL;
    private String group = DEFAULT_GROUP;
    private @Nullable String consumerName;
    private String groupStart = DEFAULT_GROUP_START;
    private EntryDecoder decoder = EntryDecoder.trades();
    private int batchSize = DEFAULT_BATCH_SIZE;
    private Duration blockTime = DEFAULT_BLOCK_TIME;
    private Duration rereadDelay = DEFAULT_REREAD_DELAY;
    private Duration rereadLimit = DEFAULT_REREAD_LIMIT;
    private Duration claimAfter = DEFAULT_CLAIM_AFTER;
    private int deliveryLimit = DEFAULT_DELIVERY_LIMIT;
    private String deadLetterStream = DEFAULT_DEAD_LETTER_STREAM;
    private long maxDeadLetters = DEFAULT_MAX_DEAD_LETTERS;
    private Duration maxRetryDelay = DEFAULT_MAX_RETRY_DELAY;

    private Builder(RedisURI uri) {
      this.uri = SettingChecks.required("redisUri", uri);
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
      this.client = SettingChecks.required("client", value);
      return this;
    }

    /**
     * Sets the streams. Required, unless there are patterns.
     *
     * @param keys the streams' keys, each once; at least one
     * @return this builder
     * @throws InvalidSettingException if there is no key, or one is empty or there twice
     */
    public Builder streams(String... keys) {
      this.streams = SettingChecks.keys("streams", List.of(keys));
      return this;
    }

    /**
     * Sets patterns of keys, such as {@code chain:*:trades}: every stream is read whose key matches
     * one, as in the Redis command KEYS, also one that appears later. The dead-letter stream never
     * matches.
     *
     * @param values the patterns, each once
     * @return this builder
     * @throws InvalidSettingException if there is none, or one is empty or there twice
     */
    public Builder streamPatterns(String... values) {
      this.patterns = SettingChecks.keys("streamPatterns", List.of(values));
      return this;
    }

    /**
     * Sets how often streams are looked for that match a pattern; each time all keys of the
     * database are gone through.
     *
     * @param value at least 100 ms; {@link #DEFAULT_DISCOVERY_INTERVAL} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 100 ms
     */
    public Builder discoveryInterval(Duration value) {
      this.discoveryInterval =
          SettingChecks.between("discoveryInterval", value, Duration.ofMillis(100), null);
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
      this.group = SettingChecks.text("group", value);
      return this;
    }

    /**
     * Sets this consumer's name in the group. Give each consumer a name that it keeps over restarts
     * and that no other one has at the same time: what it had read and not acknowledged when its
     * process died is then delivered again at its next start, not only when somebody claims it.
     *
     * @param value the name; by default the host's name and a random part, new each time
     * @return this builder
     * @throws InvalidSettingException if the value is empty
     */
    public Builder consumerName(String value) {
      this.consumerName = SettingChecks.text("consumerName", value);
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
      this.decoder = SettingChecks.required("decoder", value);
      return this;
    }

    /**
     * Sets how many entries are read at once. Of a backlog, two such batches are read ahead and
     * offered to the engine in one call.
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
      this.blockTime =
          SettingChecks.between("blockTime", value, Duration.ofMillis(1), MAX_BLOCK_TIME);
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
      this.rereadDelay = SettingChecks.between("rereadDelay", value, Duration.ofMillis(1), null);
      return this;
    }

    /**
     * Sets how long a hint is asked again. After that it is acknowledged all the same and a run is
     * asked for, which finds its trade wherever it is. A second run follows as long after a loss of
     * stream data.
     *
     * @param value not negative; zero to ask once; {@link #DEFAULT_REREAD_LIMIT} by default
     * @return this builder
     * @throws InvalidSettingException if the value is negative
     */
    public Builder rereadLimit(Duration value) {
      this.rereadLimit = SettingChecks.between("rereadLimit", value, Duration.ZERO, null);
      return this;
    }

    /**
     * Sets after how long this consumer takes over entries that another one was given, did not
     * acknowledge, and has not asked for since: that one is taken for dead. It must be longer than
     * {@link #rereadLimit}, while which entries are held, and than a write may take; an entry that
     * two consumers deliver does no harm.
     *
     * @param value at least 100 ms; {@link #DEFAULT_CLAIM_AFTER} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 100 ms
     */
    public Builder claimAfter(Duration value) {
      this.claimAfter = SettingChecks.between("claimAfter", value, Duration.ofMillis(100), null);
      return this;
    }

    /**
     * Sets how often an entry is tried before it is moved to the dead-letter stream. Attempts that
     * failed because a side of the engine was gone do not count.
     *
     * @param value at least 1; {@link #DEFAULT_DELIVERY_LIMIT} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 1
     */
    public Builder deliveryLimit(int value) {
      if (value < 1) {
        throw new InvalidSettingException("deliveryLimit", value, "must be at least 1");
      }
      this.deliveryLimit = value;
      return this;
    }

    /**
     * Sets where entries go that are given up: malformed ones, and those that fail too often.
     *
     * @param key the stream's key; {@link #DEFAULT_DEAD_LETTER_STREAM} by default
     * @return this builder
     * @throws InvalidSettingException if the value is empty
     */
    public Builder deadLetterStream(String key) {
      this.deadLetterStream = SettingChecks.text("deadLetterStream", key);
      return this;
    }

    /**
     * Sets how many dead letters are kept at least; older ones are removed, some later than they
     * could be.
     *
     * @param entries at least 1; {@link #DEFAULT_MAX_DEAD_LETTERS} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 1
     */
    public Builder maxDeadLetters(long entries) {
      if (entries < 1) {
        throw new InvalidSettingException("maxDeadLetters", entries, "must be at least 1");
      }
      this.maxDeadLetters = entries;
      return this;
    }

    /**
     * Sets the longest pause between two attempts while Redis or the liveWriter is down; pauses
     * begin at 100 ms and double.
     *
     * @param value at least 100 ms; {@link #DEFAULT_MAX_RETRY_DELAY} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 100 ms
     */
    public Builder maxRetryDelay(Duration value) {
      this.maxRetryDelay =
          SettingChecks.between(
              "maxRetryDelay", value, Duration.ofMillis(Backoff.FIRST_MILLIS), null);
      return this;
    }

    /**
     * Makes the consumer; connects to nothing yet.
     *
     * @return a new consumer
     * @throws InvalidSettingException if neither a stream nor a pattern was set, entries would be
     *     claimed while hints wait, or dead letters would be read as entries
     */
    public LiveConsumer build() {
      if (patterns.isEmpty()) {
        SettingChecks.keys("streams", streams);
      }
      if (claimAfter.compareTo(rereadLimit) <= 0) {
        throw new InvalidSettingException(
            "claimAfter", claimAfter, "must be longer than rereadLimit, " + rereadLimit);
      }
      if (streams.contains(deadLetterStream)) {
        throw new InvalidSettingException(
            "deadLetterStream", deadLetterStream, "must be none of the streams that are read");
      }
      return new LiveConsumer(this);
    }
  }
}
