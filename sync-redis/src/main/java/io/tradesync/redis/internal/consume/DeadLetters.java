package io.tradesync.redis.internal.consume;

import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.MalformedEntryException;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.StreamWriter;
import io.tradesync.redis.internal.client.Trimming;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where entries go that are given up, each with what became of it. Thread-safe. */
public final class DeadLetters implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConsumer.class);

  static final String STREAM = "dead.stream";
  static final String ID = "dead.id";
  static final String GROUP = "dead.group";
  static final String REASON = "dead.reason";
  static final String DELIVERIES = "dead.deliveries";

  private static final int SHOWN_CHARACTERS = 300;

  /** Enough for any trade; what is longer is shown by its beginning. */
  private static final int KEPT_CHARACTERS = 10_000;

  private final StreamWriter writer;
  private final String group;
  private final FeedCounters counters;

  /** One of them. */
  record Letter(StreamEntry entry, String reason) {
    Letter {
      reason = MalformedEntryException.oneLine(reason, SHOWN_CHARACTERS);
    }

    @Override
    public String toString() {
      return entry + ": " + reason;
    }
  }

  public DeadLetters(
      RedisLink link, String stream, Trimming trimming, String group, FeedCounters counters) {
    this.writer = new StreamWriter(link, stream, trimming);
    this.group = group;
    this.counters = counters;
  }

  /**
   * Writes letters; those entries can then be acknowledged. A stream that cannot be written to,
   * because the key is something else, the user may not, or Redis is full, holds nobody up: that is
   * logged.
   *
   * @param letters what is given up
   * @throws TradesyncException if Redis cannot be reached
   */
  void add(List<Letter> letters) {
    try {
      writer.add(letters.stream().map(this::body).toList());
      counters.deadLetters.addAndGet(letters.size());
    } catch (TradesyncException e) {
      boolean refused =
          e instanceof InvalidSettingException || RedisLink.errorCode(e).equals("OOM");
      if (!refused) {
        throw e;
      }
      LOG.error(
          "{} dead letters cannot be kept ({}); the first is {}",
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
