package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.KillArgs;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a consumer does with the entries behind those that are being written. */
class ReadAheadTest {

  private static final int BATCH = 10;

  private final TestStream stream = new TestStream(RedisServer.get());
  private final TradePublisher publisher = stream.publisher();
  private final RecordingWriter liveWriter = new RecordingWriter();
  private final AtomicInteger decoded = new AtomicInteger();
  private final EntryDecoder decoder =
      (key, id, body) -> {
        decoded.incrementAndGet();
        return EntryDecoder.trades().decode(key, id, body);
      };

  @AfterEach
  void close() {
    publisher.close();
    stream.close();
  }

  private LiveConsumer consumer(String name) {
    return stream.consumer(name).decoder(decoder).batchSize(BATCH).build();
  }

  private void awaitDecoded(int entries) {
    await().until(() -> decoded.get() >= entries);
  }

  @Test
  void theNextTwoReadsAreDecodedWhileTheWriterWritesAndNoMore() {
    List<Integer> ahead = new CopyOnWriteArrayList<>();
    liveWriter.beforeIngest =
        trades -> {
          int read = liveWriter.trades().size() + trades.size();
          awaitDecoded(Math.min(65, read + 2 * BATCH));
          ahead.add(decoded.get() - read);
        };
    publisher.publish(range(0, 65));
    try (LiveConsumer consumer = consumer("one")) {
      consumer.start(liveWriter);
      await().until(() -> liveWriter.trades().size() == 65 && stream.pending() == 0);
    }
    assertThat(liveWriter.trades()).containsExactlyElementsOf(range(0, 65));
    assertThat(ahead).containsExactly(20, 20, 15, 0);
  }

  @Test
  void whatWasReadAheadOfAFailureIsWrittenAfterItInItsOrder() {
    AtomicInteger failures = new AtomicInteger(3);
    liveWriter.beforeIngest =
        trades -> {
          awaitDecoded(3 * BATCH);
          if (failures.getAndDecrement() > 0) {
            throw SideUnavailableException.unreachable(Side.STORE, "gone for a test", null);
          }
        };
    publisher.publish(range(0, 65));
    try (LiveConsumer consumer = consumer("one")) {
      consumer.start(liveWriter);
      await().until(() -> liveWriter.trades().size() == 65 && stream.pending() == 0);
    }
    assertThat(liveWriter.trades()).containsExactlyElementsOf(range(0, 65));
    assertThat(stream.dead()).isEmpty();
  }

  @Test
  void whatWasReadAheadAndNotWrittenIsWrittenByTheNextConsumer() {
    CountDownLatch never = new CountDownLatch(1);
    liveWriter.beforeIngest =
        trades -> {
          awaitDecoded(3 * BATCH);
          awaitInterrupt(never);
        };
    publisher.publish(range(0, 65));
    LiveConsumer killed = consumer("one");
    killed.start(liveWriter);
    awaitDecoded(3 * BATCH);
    killed.close(Duration.ofMillis(1));
    assertThat(stream.pending()).isEqualTo(3 * BATCH);
    RecordingWriter next = new RecordingWriter();
    try (LiveConsumer consumer = consumer("one")) {
      consumer.start(next);
      await().until(() -> next.trades().size() == 65 && stream.pending() == 0);
    }
    assertThat(next.trades()).containsExactlyInAnyOrderElementsOf(range(0, 65));
  }

  private static void awaitInterrupt(CountDownLatch never) {
    try {
      never.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Test
  void aConnectionThatIsLostWhileTheWriterWritesLosesNothing() {
    AtomicInteger writes = new AtomicInteger();
    liveWriter.beforeIngest =
        trades -> {
          if (writes.incrementAndGet() == 1) {
            awaitDecoded(3 * BATCH);
            stream.redis().clientKill(KillArgs.Builder.typeNormal().skipme());
          }
        };
    publisher.publish(range(0, 65));
    try (LiveConsumer consumer = consumer("one")) {
      consumer.start(liveWriter);
      await().until(() -> liveWriter.trades().containsAll(range(0, 65)) && stream.pending() == 0);
    }
  }

  @Test
  void theWriterMayCloseItWhileEntriesAreReadAhead() {
    LiveConsumer consumer = consumer("one");
    liveWriter.beforeIngest = trades -> consumer.close();
    publisher.publish(range(0, 65));
    consumer.start(liveWriter);
    await().until(() -> "closed".equals(consumer.health().reason()));
    List<Trade> written = liveWriter.trades();
    assertThat(written).containsExactlyElementsOf(range(0, written.size()));
    assertThat(stream.pending()).isZero();
  }
}
