package io.tradesync.redis;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.redis.internal.client.Backoff;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.SettingChecks;
import io.tradesync.redis.internal.consume.ConsumerSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects and checks the settings of a {@link LiveConsumer}. Each setter refuses a value out of
 * its range with an {@link InvalidSettingException}. Not thread-safe; may be used again, since a
 * consumer does not change with its builder.
 */
public final class LiveConsumerBuilder {

  /** The default name of the service, as the log has it. */
  public static final String DEFAULT_SERVICE = "analytics";

  /** The default position of a new group: before the stream's first entry. */
  public static final String DEFAULT_GROUP_START = "0";

  /** The default number of entries in one read. */
  public static final int DEFAULT_BATCH_SIZE = 500;

  /** The largest number of entries in one read. */
  public static final int MAX_BATCH_SIZE = 100_000;

  /** The default size of the largest entry that is delivered: 16 MiB. */
  public static final int DEFAULT_MAX_ENTRY_BYTES = 16 << 20;

  /** The default time that a read waits for entries. */
  public static final Duration DEFAULT_BLOCK_TIME = Duration.ofSeconds(2);

  /** The longest time that a read may wait for entries. */
  public static final Duration MAX_BLOCK_TIME = Duration.ofMinutes(1);

  /** The default pause before a hint is asked again. */
  public static final Duration DEFAULT_REREAD_DELAY = Duration.ofMillis(500);

  /** The default time for which a hint is asked again. */
  public static final Duration DEFAULT_REREAD_LIMIT = Duration.ofSeconds(10);

  /** The default interval at which streams are looked for that match a pattern. */
  public static final Duration DEFAULT_DISCOVERY_INTERVAL = Duration.ofSeconds(30);

  /** The default time after which an idle entry is claimed. */
  public static final Duration DEFAULT_CLAIM_AFTER = Duration.ofMinutes(1);

  /** The default time after which the name of an idle consumer is removed from the group. */
  public static final Duration DEFAULT_REMOVE_CONSUMERS_AFTER = Duration.ofHours(1);

  /** The default number of attempts for an entry. */
  public static final int DEFAULT_DELIVERY_LIMIT = 10;

  /** The default stream of dead letters. */
  public static final String DEFAULT_DEAD_LETTER_STREAM = "tradesync:dead-letters";

  /** The default number of dead letters that are kept at least. */
  public static final long DEFAULT_MAX_DEAD_LETTERS = 10_000;

  /** The default for the longest pause between two attempts. */
  public static final Duration DEFAULT_MAX_RETRY_DELAY = Duration.ofSeconds(5);

  private static final Pattern ENTRY_ID = Pattern.compile("\\$|[0-9]{1,20}(-[0-9]{1,20})?");

  private final RedisURI uri;
  private @Nullable RedisClient client;
  private List<String> streams = List.of();
  private List<String> patterns = List.of();
  private Duration discoveryInterval = DEFAULT_DISCOVERY_INTERVAL;
  private String service = DEFAULT_SERVICE;
  private @Nullable String group;
  private @Nullable String consumerName;
  private String groupStart = DEFAULT_GROUP_START;
  private EntryDecoder decoder = EntryDecoder.trades();
  private int batchSize = DEFAULT_BATCH_SIZE;
  private int maxEntryBytes = DEFAULT_MAX_ENTRY_BYTES;
  private Duration blockTime = DEFAULT_BLOCK_TIME;
  private Duration rereadDelay = DEFAULT_REREAD_DELAY;
  private Duration rereadLimit = DEFAULT_REREAD_LIMIT;
  private Duration claimAfter = DEFAULT_CLAIM_AFTER;
  private Duration removeConsumersAfter = DEFAULT_REMOVE_CONSUMERS_AFTER;
  private int deliveryLimit = DEFAULT_DELIVERY_LIMIT;
  private String deadLetterStream = DEFAULT_DEAD_LETTER_STREAM;
  private long maxDeadLetters = DEFAULT_MAX_DEAD_LETTERS;
  private Duration maxRetryDelay = DEFAULT_MAX_RETRY_DELAY;

  LiveConsumerBuilder(RedisURI uri) {
    this.uri = SettingChecks.required("redisUri", uri);
  }

  /**
   * Uses the caller's client with its threads and options. The consumer never closes it. By default
   * the consumer creates a client and closes it.
   *
   * @param value a client whose command timeout, if it sets one, is longer than the block time
   */
  public LiveConsumerBuilder client(RedisClient value) {
    this.client = SettingChecks.required("client", value);
    return this;
  }

  /**
   * Sets the keys of the streams. Required, unless there are patterns.
   *
   * @param keys at least one; none empty and none twice
   */
  public LiveConsumerBuilder streams(String... keys) {
    this.streams = SettingChecks.keys("streams", List.of(keys));
    return this;
  }

  /**
   * Sets patterns of keys, such as {@code chain:*:trades}, with the syntax of the Redis command
   * KEYS. Every stream is read whose key matches one of them, also a stream that appears later. The
   * dead-letter stream never matches.
   *
   * @param values at least one; none empty and none twice
   */
  public LiveConsumerBuilder streamPatterns(String... values) {
    this.patterns = SettingChecks.keys("streamPatterns", List.of(values));
    return this;
  }

  /**
   * Sets how often the consumer looks for streams that match a pattern. Each time Redis goes
   * through all keys of the database.
   *
   * @param value at least 100 ms; {@link #DEFAULT_DISCOVERY_INTERVAL} by default
   */
  public LiveConsumerBuilder discoveryInterval(Duration value) {
    this.discoveryInterval =
        SettingChecks.between("discoveryInterval", value, Duration.ofMillis(100), null);
    return this;
  }

  /**
   * Sets the name of the service for which trades are written, as the log has it. It is the default
   * group, and the names of all consumers of the service begin with it. A consumer whose name does
   * not is one of another service: it is reported, and what it takes from the group is a loss.
   *
   * @param value not empty; {@link #DEFAULT_SERVICE} by default
   */
  public LiveConsumerBuilder service(String value) {
    this.service = SettingChecks.text("service", value);
    return this;
  }

  /**
   * Sets the consumer group. The consumers of one group share the entries; each group gets all of
   * them. So two services must not have the same group.
   *
   * @param value not empty; the name of the service by default
   */
  public LiveConsumerBuilder group(String value) {
    this.group = SettingChecks.text("group", value);
    return this;
  }

  /**
   * Sets this consumer's name in the group. The service's name is put before it, unless it begins
   * with that. Give each consumer a name that it keeps over restarts and that no other consumer has
   * at the same time. Entries that it had read and not acknowledged when its process died are then
   * delivered again at its next start, and not only after another consumer claims them. A consumer
   * that is closed removes its name, if it has acknowledged all of its entries.
   *
   * @param value not empty; by default the host's name and a random part, new each time
   */
  public LiveConsumerBuilder consumerName(String value) {
    this.consumerName = SettingChecks.text("consumerName", value);
    return this;
  }

  /**
   * Sets the entry after which a group begins that {@link LiveConsumer#prepare} creates. A group
   * that exists continues at its position. A group that is created later, because Redis could not
   * be reached or lost it, begins at the beginning.
   *
   * @param entryId the id of an entry; {@code 0} for the beginning, which is the default; or {@code
   *     $} to leave out the entries that are in the stream now
   */
  public LiveConsumerBuilder groupStart(String entryId) {
    if (!ENTRY_ID.matcher(entryId).matches()) {
      throw new InvalidSettingException(
          "groupStart", entryId, "must be the id of a stream entry, 0 or $");
    }
    this.groupStart = entryId;
    return this;
  }

  /** Sets the decoder of entries; {@link EntryDecoder#trades} by default. */
  public LiveConsumerBuilder decoder(EntryDecoder value) {
    this.decoder = SettingChecks.required("decoder", value);
    return this;
  }

  /**
   * Sets the number of entries in one read. Reads of large entries are smaller. If there is a
   * backlog, two such batches are read ahead and offered to the engine in one call.
   *
   * @param value entries of each stream, from 1 to {@link #MAX_BATCH_SIZE}; {@link
   *     #DEFAULT_BATCH_SIZE} by default
   */
  public LiveConsumerBuilder batchSize(int value) {
    if (value < 1 || value > MAX_BATCH_SIZE) {
      throw new InvalidSettingException("batchSize", value, "must be from 1 to " + MAX_BATCH_SIZE);
    }
    this.batchSize = value;
    return this;
  }

  /**
   * Sets the size of the largest entry that is delivered. A larger one is moved to the dead-letter
   * stream with its size and the first 1,000 characters of each field, and a run is requested. A
   * read keeps at most 16 MiB of entries in memory, or one entry of this size.
   *
   * @param bytes of the names and values of all fields, at least 1; {@link
   *     #DEFAULT_MAX_ENTRY_BYTES} by default
   */
  public LiveConsumerBuilder maxEntryBytes(int bytes) {
    if (bytes < 1) {
      throw new InvalidSettingException("maxEntryBytes", bytes, "must be at least 1");
    }
    this.maxEntryBytes = bytes;
    return this;
  }

  /**
   * Sets how long a read waits for entries before it is repeated. Entries that arrive meanwhile are
   * delivered at once.
   *
   * @param value from 1 ms to {@link #MAX_BLOCK_TIME}; {@link #DEFAULT_BLOCK_TIME} by default
   */
  public LiveConsumerBuilder blockTime(Duration value) {
    this.blockTime =
        SettingChecks.between("blockTime", value, Duration.ofMillis(1), MAX_BLOCK_TIME);
    return this;
  }

  /**
   * Sets the pause before hints are asked again whose trades the source does not show yet.
   *
   * @param value at least 1 ms; {@link #DEFAULT_REREAD_DELAY} by default
   */
  public LiveConsumerBuilder rereadDelay(Duration value) {
    this.rereadDelay = SettingChecks.between("rereadDelay", value, Duration.ofMillis(1), null);
    return this;
  }

  /**
   * Sets how long a hint is asked again. Afterwards it is acknowledged, and a run is requested,
   * which finds the trade wherever it is. The same time passes between the two runs that answer a
   * loss of stream data.
   *
   * @param value not negative; zero to ask once; {@link #DEFAULT_REREAD_LIMIT} by default
   */
  public LiveConsumerBuilder rereadLimit(Duration value) {
    this.rereadLimit = SettingChecks.between("rereadLimit", value, Duration.ZERO, null);
    return this;
  }

  /**
   * Sets the time after which this consumer claims an entry that another consumer was given, has
   * not acknowledged, and has not asked for since. It must be longer than {@link #rereadLimit}, for
   * which entries of waiting hints are held, and longer than a write may take. If two consumers
   * deliver the same entry, it still counts once.
   *
   * @param value at least 100 ms; {@link #DEFAULT_CLAIM_AFTER} by default
   */
  public LiveConsumerBuilder claimAfter(Duration value) {
    this.claimAfter = SettingChecks.between("claimAfter", value, Duration.ofMillis(100), null);
    return this;
  }

  /**
   * Sets the time after which this consumer removes the name of another one from the group, if that
   * one has asked for nothing since, and nothing is pending for it. A consumer whose name was
   * removed gets it back when it reads again.
   *
   * @param value at least 100 ms; {@link #DEFAULT_REMOVE_CONSUMERS_AFTER} by default
   */
  public LiveConsumerBuilder removeConsumersAfter(Duration value) {
    this.removeConsumersAfter =
        SettingChecks.between("removeConsumersAfter", value, Duration.ofMillis(100), null);
    return this;
  }

  /**
   * Sets how often an entry is tried before it is moved to the dead-letter stream. An attempt that
   * failed because a side of the engine was unavailable does not count.
   *
   * @param value at least 1; {@link #DEFAULT_DELIVERY_LIMIT} by default
   */
  public LiveConsumerBuilder deliveryLimit(int value) {
    if (value < 1) {
      throw new InvalidSettingException("deliveryLimit", value, "must be at least 1");
    }
    this.deliveryLimit = value;
    return this;
  }

  /**
   * Sets the stream to which entries are moved that are malformed or fail too often.
   *
   * @param key not empty; {@link #DEFAULT_DEAD_LETTER_STREAM} by default
   */
  public LiveConsumerBuilder deadLetterStream(String key) {
    this.deadLetterStream = SettingChecks.text("deadLetterStream", key);
    return this;
  }

  /**
   * Sets how many dead letters are kept at least. Older ones are removed, some of them later than
   * possible.
   *
   * @param entries at least 1; {@link #DEFAULT_MAX_DEAD_LETTERS} by default
   */
  public LiveConsumerBuilder maxDeadLetters(long entries) {
    if (entries < 1) {
      throw new InvalidSettingException("maxDeadLetters", entries, "must be at least 1");
    }
    this.maxDeadLetters = entries;
    return this;
  }

  /**
   * Sets the longest pause between two attempts while Redis or the live writer is down. Pauses
   * begin at 100 ms and double.
   *
   * @param value at least 100 ms; {@link #DEFAULT_MAX_RETRY_DELAY} by default
   */
  public LiveConsumerBuilder maxRetryDelay(Duration value) {
    this.maxRetryDelay =
        SettingChecks.between(
            "maxRetryDelay", value, Duration.ofMillis(Backoff.FIRST_MILLIS), null);
    return this;
  }

  /**
   * Creates the consumer, which connects later.
   *
   * @throws InvalidSettingException if there is neither a stream nor a pattern, if entries would be
   *     claimed while their hints wait, or if dead letters would be read as entries
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
    return new LiveConsumer(new RedisLink(uri, client), settings());
  }

  private ConsumerSettings settings() {
    return new ConsumerSettings(
        streams,
        patterns,
        discoveryInterval,
        Consumer.from(group != null ? group : service, nameInGroup()),
        service,
        removeConsumersAfter,
        groupStart,
        decoder,
        batchSize,
        maxEntryBytes,
        blockTime,
        rereadDelay,
        rereadLimit,
        claimAfter,
        deliveryLimit,
        deadLetterStream,
        maxDeadLetters,
        maxRetryDelay);
  }

  private String nameInGroup() {
    String name = consumerName != null ? consumerName : randomName();
    return name.startsWith(service) ? name : service + "-" + name;
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
}
