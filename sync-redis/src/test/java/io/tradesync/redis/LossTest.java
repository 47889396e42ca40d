package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.XTrimArgs;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.redis.internal.format.TradeFields;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stream data that are lost are noticed, counted, and answered with a run. */
public class LossTest {

  private final RedisServer server = RedisServer.startPrivate();
  private final TestStream stream = new TestStream(server);
  private final TradePublisher publisher = stream.publisher();
  private final RecordingWriter liveWriter = new RecordingWriter();
  private CapturedLog log;
  private LiveConsumer consumer;

  /** Without counters more counts as lost than here; see LossDetectorTest. */
  @BeforeEach
  void needCountersOfEntries() {
    stream.assumeCountersOfEntries();
  }

  @BeforeEach
  void capture() {
    log = new CapturedLog();
  }

  @AfterEach
  void close() {
    if (consumer != null) {
      consumer.close();
    }
    publisher.close();
    stream.close();
    server.close();
    if (log != null) {
      log.close();
    }
  }

  private void start() {
    start(settings -> settings);
  }

  private void start(UnaryOperator<LiveConsumerBuilder> settings) {
    consumer = settings.apply(stream.consumer("one")).build();
    consumer.start(liveWriter);
  }

  private void awaitAll(List<Trade> trades) {
    Set<Trade> wanted = new HashSet<>(trades);
    await().untilAsserted(() -> assertThat(new HashSet<>(liveWriter.trades())).isEqualTo(wanted));
  }

  private void consumeAndClose(List<Trade> trades) {
    start();
    publisher.publish(trades);
    awaitAll(trades);
    consumer.close();
    assertThat(consumer.health().totalLosses()).isZero();
    assertThat(liveWriter.requestedRuns).isEmpty();
  }

  private void awaitLoss(String kind, String reason) {
    await().until(() -> !liveWriter.requestedRuns.isEmpty());
    assertThat(liveWriter.requestedRuns.get(0)).contains(reason);
    assertThat(consumer.health().totalLosses()).isEqualTo(1);
    assertThat(consumer.health().losses()).containsEntry(kind, 1L);
    assertThat(log.warnings())
        .filteredOn(line -> line.contains("stream data may be lost"))
        .singleElement()
        .asString()
        .contains(reason);
  }

  private void assertNoLoss() {
    assertThat(consumer.health().totalLosses()).isZero();
    assertThat(liveWriter.requestedRuns).isEmpty();
  }

  @Test
  void entriesTrimmedByLengthWhileNobodyConsumed() {
    consumeAndClose(range(0, 10));
    publisher.publish(range(10, 50));
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(15));
    start();
    awaitAll(concat(range(0, 10), range(35, 50)));
    awaitLoss("trimmed", "25 entries after");
  }

  @Test
  void entriesTrimmedByIdWhileNobodyConsumed() {
    consumeAndClose(range(0, 10));
    publisher.publish(range(10, 30));
    String id = publisher.publish(nth(30));
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.minId(id));
    start();
    awaitAll(concat(range(0, 10), range(30, 31)));
    awaitLoss("trimmed", "20 entries after");
  }

  @Test
  void everythingTrimmedWhileNobodyConsumed() {
    consumeAndClose(range(0, 10));
    publisher.publish(range(10, 30));
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(0));
    start();
    awaitLoss("trimmed", "20 entries after");
    publisher.publish(range(30, 35));
    awaitAll(concat(range(0, 10), range(30, 35)));
    assertThat(consumer.health().totalLosses()).isEqualTo(1);
  }

  @Test
  void entriesTrimmedWhileTheConsumerIsBehind() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    liveWriter.beforeIngest =
        trades -> {
          entered.countDown();
          RecordingWriter.awaitLatch(leave);
        };
    publisher.publish(range(0, 100));
    start(settings -> settings.batchSize(10));
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
    await().until(() -> stream.pending() == 30);
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(20));
    leave.countDown();
    awaitAll(concat(range(0, 30), range(80, 100)));
    awaitLoss("trimmed", "50 entries after");
  }

  /** If the consumer died after it had read past a loss, no other one would notice the loss. */
  @Test
  void aLossIsAnsweredBeforeTheGroupIsReadPastIt() {
    consumeAndClose(range(0, 10));
    publisher.publish(range(10, 100));
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(20));
    List<Long> pendingThen = new CopyOnWriteArrayList<>();
    liveWriter.beforeRun = () -> pendingThen.add(stream.pending());
    start(settings -> settings.batchSize(10));
    awaitAll(concat(range(0, 10), range(80, 100)));
    awaitLoss("trimmed", "70 entries after");
    assertThat(pendingThen).containsExactly(0L);
  }

  @Test
  void aLossIsAnsweredBeforeReadingAheadOfAWriteThatTakesLong() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    CountDownLatch leaveFirst = new CountDownLatch(1);
    CountDownLatch leaveSecond = new CountDownLatch(1);
    liveWriter.beforeIngest =
        trades -> {
          if (first.getCount() > 0) {
            first.countDown();
            RecordingWriter.awaitLatch(leaveFirst);
          } else {
            second.countDown();
            RecordingWriter.awaitLatch(leaveSecond);
          }
        };
    publisher.publish(range(0, 100));
    start(settings -> settings.batchSize(10));
    assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
    await().until(() -> stream.pending() == 30);
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(20));
    leaveFirst.countDown();
    assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
    awaitLoss("trimmed", "50 entries after");
    leaveSecond.countDown();
    awaitAll(concat(range(0, 30), range(80, 100)));
  }

  @Test
  void aBurstLargerThanTheStreamWhileTheConsumerWaits() {
    start();
    publisher.publish(nth(0));
    awaitAll(range(0, 1));
    stream.redis().multi();
    range(1, 101)
        .forEach(
            trade ->
                stream
                    .redis()
                    .xadd(stream.key, XAddArgs.Builder.maxlen(10), TradeFields.write(trade)));
    stream.redis().exec();
    awaitAll(concat(range(0, 1), range(91, 101)));
    awaitLoss("trimmed", "90 entries after");
  }

  @Test
  void whatIsTrimmedAfterItWasConsumedIsNoLoss() {
    consumeAndClose(range(0, 10));
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(0));
    publisher.publish(range(10, 20));
    start();
    awaitAll(range(0, 20));
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(3));
    publisher.publish(range(20, 30));
    awaitAll(range(0, 30));
    assertNoLoss();
  }

  @Test
  void aStreamThatWasTrimmedBeforeTheGroupWasMadeIsNoLoss() {
    publisher.publish(range(0, 100));
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(10));
    start();
    awaitAll(range(90, 100));
    publisher.publish(range(100, 110));
    awaitAll(range(90, 110));
    assertNoLoss();
  }

  @Test
  void entriesTrimmedBeforeANewGroupReadAnyOfThem() {
    consumer = stream.consumer("one").build();
    consumer.prepare();
    publisher.publish(range(0, 100));
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(10));
    consumer.start(liveWriter);
    awaitAll(range(90, 100));
    awaitLoss("trimmed", "90 entries after 0-0");
  }

  @Test
  void pendingEntriesTrimmedBeforeTheyWereReadAgain() {
    liveWriter.beforeIngest =
        trades -> {
          throw new IllegalStateException("not yet");
        };
    publisher.publish(range(0, 5));
    start();
    await().until(() -> stream.pending() == 5);
    consumer.close();
    liveWriter.beforeIngest = trades -> {};
    stream.redis().xtrim(stream.key, XTrimArgs.Builder.maxlen(2));
    start();
    awaitAll(range(3, 5));
    awaitLoss("trimmed", "3 entries were trimmed away unread");
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
    assertThat(consumer.health().counter("trimmed")).isEqualTo(3);
  }

  @Test
  void everythingFlushed() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    stream.redis().flushall();
    publisher.publish(range(5, 10));
    awaitAll(range(0, 10));
    awaitLoss("gone", "group " + TestStream.GROUP + " of stream " + stream.key + " was gone");
  }

  @Test
  void aStreamThatWasDeleted() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    stream.redis().del(stream.key);
    awaitLoss("gone", "was gone");
    publisher.publish(range(5, 10));
    awaitAll(range(0, 10));
  }

  @Test
  void aGroupThatWasDestroyed() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    stream.redis().xgroupDestroy(stream.key, TestStream.GROUP);
    awaitLoss("gone", "was gone");
  }

  @Test
  void aGroupThatWasCreatedAgainFromTheBeginning() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    consumer.pause();
    stream.redis().multi();
    stream.redis().xgroupDestroy(stream.key, TestStream.GROUP);
    stream.redis().xgroupCreate(StreamOffset.from(stream.key, "0"), TestStream.GROUP);
    stream.redis().exec();
    consumer.resume();
    awaitLoss("replaced", "went back");
    await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(10));
  }

  @Test
  void aStreamThatIsAnOlderOneAsAfterAFailoverToAStaleReplica() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
    byte[] old = stream.redis().dump(stream.key);
    publisher.publish(range(5, 10));
    awaitAll(range(0, 10));
    stream.redis().restore(stream.key, old, RestoreArgs.Builder.ttl(0).replace());
    publisher.publish(range(10, 15));
    awaitAll(range(0, 15));
    awaitLoss("replaced", "went back");
  }

  @Test
  void aStreamThatWasCreatedAgainAndConsumed() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    consumer.pause();
    stream.redis().multi();
    stream.redis().del(stream.key);
    stream.redis().xadd(stream.key, TradeFields.write(nth(5)));
    stream.redis().xgroupCreate(StreamOffset.from(stream.key, "$"), TestStream.GROUP);
    stream.redis().exec();
    consumer.resume();
    awaitLoss("replaced", "is another one than before");
  }

  @Test
  void aRestartOfRedis() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    server.restart();
    awaitLoss("restarted", "is another one, or was restarted");
    publishSurely(range(5, 10));
    awaitAll(range(0, 10));
  }

  @Test
  void aRestartOfRedisWithoutItsData() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    server.restartEmpty();
    await().untilAsserted(() -> assertThat(consumer.health().totalLosses()).isEqualTo(2));
    assertThat(consumer.health().losses()).containsEntry("restarted", 1L).containsEntry("gone", 1L);
    assertThat(liveWriter.requestedRuns).isNotEmpty();
    publishSurely(range(5, 10));
    awaitAll(range(0, 10));
  }

  @Test
  void aConnectionThatIsLostAloneIsNoLoss() {
    start();
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    long killed = stream.redis().clientKill(KillArgs.Builder.typeNormal().skipme());
    assertThat(killed).isPositive();
    await().until(() -> log.lines().stream().filter(line -> line.contains("is up")).count() == 2);
    publishSurely(range(5, 10));
    awaitAll(range(0, 10));
    assertNoLoss();
  }

  @Test
  void aSecondRunFollowsForWhatWasNotVisibleYet() {
    start(settings -> settings.rereadLimit(Duration.ofMillis(300)));
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    stream.redis().xgroupDestroy(stream.key, TestStream.GROUP);
    await().untilAsserted(() -> assertThat(liveWriter.requestedRuns).hasSize(2));
    assertThat(liveWriter.requestedRuns.get(0)).contains("was gone");
    assertThat(liveWriter.requestedRuns.get(1)).contains("visible only now");
    assertThat(consumer.health().totalLosses()).isEqualTo(1);
  }

  @Test
  void withoutRedisAtTheStartARunClosesWhatTheStreamMayLack() {
    server.stop();
    start();
    assertThat(consumer.health().up()).isFalse();
    server.start();
    await().untilAsserted(() -> assertThat(liveWriter.requestedRuns).hasSize(1));
    assertThat(consumer.health().totalLosses()).isZero();
  }

  // The publisher's connection may be the one that a restart broke.
  private void publishSurely(List<Trade> trades) {
    await().ignoreExceptions().until(() -> !publisher.publish(trades).isEmpty());
  }

  private static List<Trade> concat(List<Trade> first, List<Trade> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
