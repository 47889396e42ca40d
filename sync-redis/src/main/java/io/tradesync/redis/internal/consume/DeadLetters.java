package io.tradesync.redis.internal.consume;

import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.RedisErrors;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.StreamWriter;
import io.tradesync.redis.internal.client.Trimming;
import io.tradesync.redis.internal.format.OneLine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes entries that are given up to a stream of their own, with the reason. Thread-safe. */
final class DeadLetters implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  static final String STREAM = "dead.stream";
  static final String ID = "dead.id";
  static final String GROUP = "dead.group";
  static final String REASON = "dead.reason";
  static final String DELIVERIES = "dead.deliveries";
  static final String BYTES = "dead.bytes";

  private static final int SHOWN_CHARACTERS = 300;

  /** Enough for any trade; of a longer value only the beginning is kept. */
  private static final int KEPT_CHARACTERS = 10_000;

  private final StreamWriter writer;
  private final String group;
  private final FeedCounters counters;

  /** An entry that is given up. */
  record Letter(StreamEntry entry, String reason) {
    Letter {
      reason = OneLine.of(reason, SHOWN_CHARACTERS);
    }

    @Override
    public String toString() {
      return entry + ": " + reason;
    }
  }

  DeadLetters(RedisLink link, ConsumerSettings settings, FeedCounters counters) {
    this.writer =
        new StreamWriter(
            link, settings.deadLetterStream(), new Trimming(settings.maxDeadLetters(), null));
    this.group = settings.group();
    this.counters = counters;
  }

  /**
   * Writes letters; their entries can be acknowledged afterwards. If the stream cannot be written
   * to, because the key holds something else, the user lacks the right, or Redis is full, the
   * letters are only logged, so that they hold up nothing.
   *
   * @throws TradesyncException if Redis cannot be reached
   */
  void add(List<Letter> letters) {
    try {
      writer.add(letters.stream().map(this::body).toList());
      counters.deadLetters.addAndGet(letters.size());
    } catch (TradesyncException e) {
      boolean refused =
          e instanceof InvalidSettingException || RedisErrors.code(e).equals(RedisErrors.FULL);
      if (!refused) {
        throw e;
      }
      LOG.error(
          "{} dead letters cannot be written ({}); the first is {}",
          letters.size(),
          e.getMessage(),
          letters.get(0));
    }
  }

  private Map<String, String> body(Letter letter) {
    StreamEntry entry = letter.entry();
    Map<String, String> body = new LinkedHashMap<>();
    body.put(STREAM, entry.stream());
    body.put(ID, entry.id());
    body.put(GROUP, group);
    body.put(REASON, letter.reason());
    body.put(DELIVERIES, Long.toString(entry.deliveries()));
    body.put(BYTES, Long.toString(entry.bytes()));
    if (entry.body() != null) {
      entry.body().forEach((field, value) -> body.putIfAbsent(field, cut(value)));
    }
    return body;
  }

  private static String cut(String value) {
    return value.length() <= KEPT_CHARACTERS ? value : value.substring(0, KEPT_CHARACTERS) + "…";
  }

  @Override
  public void close() {
    writer.close();
  }
}
