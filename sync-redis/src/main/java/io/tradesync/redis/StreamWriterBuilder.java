package io.tradesync.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.SettingChecks;
import io.tradesync.redis.internal.client.Trimming;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all writers of a stream share.
 *
 * @param <B> the builder's own type
 */
abstract sealed class StreamWriterBuilder<B extends StreamWriterBuilder<B>>
    permits TradePublisher.Builder, RedisStreamSink.Builder {

  private final RedisURI uri;
  private @Nullable RedisClient client;
  private String stream;
  private @Nullable Long maxLength;
  private @Nullable Duration maxAge;

  StreamWriterBuilder(RedisURI uri, String defaultStream) {
    this.uri = SettingChecks.required("redisUri", uri);
    this.stream = defaultStream;
  }

  abstract B self();

  /**
   * Uses the caller's client with its threads and options, and never closes it. By default a client
   * is created, and closed with what is built.
   */
  public B client(RedisClient value) {
    this.client = SettingChecks.required("client", value);
    return self();
  }

  /**
   * Sets the stream's key; the class says which one is the default.
   *
   * @throws InvalidSettingException if the key is empty
   */
  public B stream(String key) {
    this.stream = SettingChecks.text("stream", key);
    return self();
  }

  /**
   * Sets how many entries the stream keeps at least. Older ones are removed, consumed or not, some
   * of them later than possible. By default no entry is removed.
   *
   * @param entries at least 1
   * @throws InvalidSettingException if the value is below 1
   */
  public B maxLength(long entries) {
    this.maxLength = new Trimming(entries, null).maxLength();
    return self();
  }

  /**
   * Sets how long the stream keeps entries at least, by this machine's clock. Older ones are
   * removed, consumed or not, some of them later than possible. By default no entry is removed.
   * Needs Redis 6.2 or newer.
   *
   * @param value at least 1 ms
   * @throws InvalidSettingException if the value is below 1 ms
   */
  public B maxAge(Duration value) {
    this.maxAge = new Trimming(null, value).maxAge();
    return self();
  }

  RedisLink link() {
    return new RedisLink(uri, client);
  }

  String stream() {
    return stream;
  }

  /** Refuses a length together with an age. */
  Trimming trimming() {
    return new Trimming(maxLength, maxAge);
  }
}
