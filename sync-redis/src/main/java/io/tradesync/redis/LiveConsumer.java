package io.tradesync.redis;

import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.consume.ConsumerSettings;
import io.tradesync.redis.internal.consume.FeedReaders;
import io.tradesync.redis.internal.consume.PauseControl;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.LiveWriter;
import java.time.Duration;
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
 * <p>The consumer acknowledges an entry after its trade is committed. So each entry is delivered at
 * least once, and the engine ensures that it counts once. Entries that a consumer was given and did
 * not acknowledge are delivered again to the next consumer of the same name, or, after a time, to
 * any other consumer of the group.
 *
 * <ul>
 *   <li>The whole trades of a read are written in one call. The hints of a read are answered by one
 *       reading of the source. A hint whose trade the source does not show yet is asked again until
 *       a limit; after that the consumer requests a run.
 *   <li>While the engine writes, the consumer reads and decodes at most two batches ahead, and only
 *       if there is a backlog and no hint waits. It reads nothing while the engine fails, or while
 *       many hints wait.
 *   <li>Malformed entries are moved to a dead-letter stream at once. Entries that keep failing
 *       although no side is unavailable are moved there as well, and a run is requested for them.
 *   <li>Lost stream data (trimmed before they were delivered, a stream or group that is gone or
 *       went back, another or a restarted Redis, a group that somebody else moved) are noticed,
 *       counted and answered with a run. A group that is gone is created again and reads from the
 *       beginning.
 *   <li>While Redis or a side of the engine is unavailable, the consumer keeps trying with growing
 *       pauses, and {@link #health()} says why it is down.
 * </ul>
 *
 * <p>The URI names the server, TLS, user and password, the database's number, and Sentinels. It may
 * also name any node of a cluster; each stream is then read from the node that holds it.
 *
 * <p>Thread-safe. Reads on one daemon thread over one connection, and delivers on the same thread,
 * or on a second one while it reads ahead; in a cluster each stream has its own. Deliveries follow
 * each other.
 */
public final class LiveConsumer implements LiveFeed {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConsumer.class);

  private final FeedReaders readers;
  private final PauseControl pause = new PauseControl();
  private final Object lifecycle = new Object();
  private boolean prepareTried;
  private boolean prepared;
  private boolean started;

  LiveConsumer(RedisLink link, ConsumerSettings settings) {
    this.readers = new FeedReaders(link, settings, pause);
  }

  /**
   * Starts the settings of a consumer.
   *
   * @param uri names Redis and holds what is needed to connect (user, password, TLS, database,
   *     Sentinels); do not change it afterwards. Only hosts, ports and the database are ever logged
   */
  public static LiveConsumerBuilder builder(RedisURI uri) {
    return new LiveConsumerBuilder(uri);
  }

  /**
   * Creates the consumer group on each stream that lacks it, and each stream that does not exist.
   * If Redis cannot be reached, this is logged and done later, after {@link #start}; a group that
   * is created then begins at the beginning of its stream, and a run is requested, so that no trade
   * is left out.
   *
   * <p>A stream that cannot be used, because its key holds something else or the user lacks a right
   * on it, is logged and left out. It is tried again after {@link #start}, while the others go on,
   * and {@link #health} shows it as a channel that is down.
   *
   * @throws InvalidSettingException if Redis refuses the user, the password or the database
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
        readers.prepare();
        prepared = true;
      } catch (InvalidSettingException e) {
        throw e;
      } catch (TradesyncException e) {
        LOG.warn("the live feed will start later: {}", e.getMessage());
      }
      prepareTried = true;
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidSettingException as {@link #prepare}
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
      readers.start(liveWriter);
    }
  }

  private void checkOpen() {
    if (pause.isClosed()) {
      throw new IllegalStateException("this consumer is closed");
    }
  }

  /**
   * Stops reading until {@link #resume}, and waits until every entry that was read is delivered.
   * Afterwards the live writer is not called, and other entries stay in the streams. If a delivery
   * calls this method itself, the method does not wait, and entries that were read ahead are still
   * delivered. The position, the connection and health are kept. May be called before {@link
   * #start} and again.
   */
  public void pause() {
    pause.pause();
    if (!readers.isOwnThread()) {
      pause.awaitDeliveries();
    }
  }

  /** Continues after a {@link #pause}. May be called again. */
  public void resume() {
    pause.resume();
  }

  /**
   * {@inheritDoc}
   *
   * <p>The counters of a consumer are:
   *
   * <ul>
   *   <li>{@code consumed}: entries that were acknowledged after their trades were committed
   *   <li>{@code malformed}: entries that made no sense
   *   <li>{@code deadLetters}: entries moved to the dead-letter stream, which are the malformed
   *       ones and those that failed too often
   *   <li>{@code trimmed}: entries that were gone from their stream while they were pending
   *   <li>{@code unanswered}: hints whose trade the source did not show in time
   *   <li>{@code claimed}: entries taken over from other consumers of the group
   *   <li>{@code foreignConsumers}: consumers of other services that were seen in the group
   * </ul>
   *
   * <p>The kinds of losses are {@code trimmed}, {@code gone}, {@code replaced}, {@code restarted}
   * and {@code skipped}. The backlog is that of the whole group, some seconds old; while Redis is
   * unavailable it is the last known one.
   */
  @Override
  public FeedHealth health() {
    return readers.health();
  }

  /**
   * {@inheritDoc}
   *
   * <p>A read that waits for entries ends after the block time. A client that was given stays open.
   */
  @Override
  public void close(Duration timeout) {
    pause.close();
    if (!readers.isOwnThread()) {
      readers.close(timeout);
    }
  }
}
