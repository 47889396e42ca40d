package io.tradesync.redis.internal.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisURI;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.tradesync.redis.EntryDecoder;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.loss.GroupLedger;
import io.tradesync.redis.internal.loss.Loss;
import io.tradesync.redis.internal.loss.LossKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A name never takes entries with it unnoticed. */
class ConsumerGroupTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final String stream = "test-" + UUID.randomUUID();
  private final RedisLink link = new RedisLink(RedisURI.create(RedisServer.get().uri()), null);
  private final ConsumerSettings settings =
      new ConsumerSettings(
          List.of(stream),
          List.of(),
          SECOND,
          Consumer.from("group", "analytics-one"),
          "analytics",
          SECOND,
          "0",
          EntryDecoder.trades(),
          1,
          1_000,
          SECOND,
          SECOND,
          SECOND,
          SECOND,
          1,
          "dead",
          1,
          SECOND);
  private final ConsumerGroup group = ConsumerGroup.open(link, null, settings);

  @AfterEach
  void close() {
    group.close();
    link.close();
  }

  private void giveEntryTo(String name) {
    group.ensure(stream, "0");
    group.call(redis -> redis.xadd(stream, Map.of("id", "any")));
    group.call(
        redis ->
            redis.xreadgroup(
                Consumer.from("group", name),
                XReadArgs.Builder.count(1),
                StreamOffset.lastConsumed(stream)));
  }

  @Test
  void entriesThatWereGivenToANameJustBeforeItIsRemovedAreALoss() {
    giveEntryTo("analytics-two");

    assertThat(group.remove(stream, "analytics-two"))
        .hasValueSatisfying(
            loss -> {
              assertThat(loss.kind()).isEqualTo(LossKind.SKIPPED);
              assertThat(loss.reason()).contains("1 pending entries", stream);
            });
  }

  @Test
  void aNameWithoutEntriesIsRemovedWithoutALoss() {
    group.ensure(stream, "0");
    group.call(
        redis -> redis.xgroupCreateconsumer(stream, Consumer.from("group", "analytics-two")));

    assertThat(group.remove(stream, "analytics-two")).isEmpty();
    assertThat(group.others(stream)).isEmpty();
  }

  @Test
  void aConsumerDoesNotLeaveWhileEntriesWaitForIt() {
    giveEntryTo("analytics-one");

    assertThat(group.leave(stream)).isEmpty();
    assertThat(group.call(redis -> redis.xpending(stream, "group")).getCount()).isEqualTo(1);
  }

  @Test
  void anyOfTheNamesMayHoldEntries() {
    giveEntryTo("other");

    assertThat(group.others(stream))
        .singleElement()
        .satisfies(
            member -> {
              assertThat(member.name()).isEqualTo("other");
              assertThat(member.pending()).isEqualTo(1);
            });
    assertThat(group.remove(stream, "other")).map(Loss::kind).contains(LossKind.SKIPPED);
  }

  /** Under load, time passes between a look at the group and one at its consumers. */
  @Test
  void aConsumerThatReadLongBeforeTheOthersAreLookedAtExplainsTheReading() {
    GroupLedger ledger = new GroupLedger();
    group.ensure(stream, "0");
    ledger.groupCreated(stream, group.state(stream));
    giveEntryTo("analytics-two");
    GroupLedger.Change change =
        ledger.look(stream, group.state(stream), 0, System.nanoTime()).orElseThrow();

    await().until(() -> group.others(stream).get(0).idle().compareTo(SECOND) > 0);

    OtherConsumers others = new OtherConsumers(group, settings, new FeedCounters());
    assertThat(others.lossBy(stream, change)).isEmpty();
  }

  @Test
  void oneThatHasNotReadSinceTheLastLookExplainsNothing() {
    GroupLedger ledger = new GroupLedger();
    giveEntryTo("analytics-two");
    await().until(() -> group.others(stream).get(0).idle().compareTo(SECOND) > 0);
    assertThat(ledger.look(stream, group.state(stream), 0, System.nanoTime())).isEmpty();
    group.call(redis -> redis.xadd(stream, Map.of("id", "skipped")));
    group.call(redis -> redis.xgroupSetid(StreamOffset.from(stream, "$"), "group"));
    GroupLedger.Change change =
        ledger.look(stream, group.state(stream), 0, System.nanoTime()).orElseThrow();

    OtherConsumers others = new OtherConsumers(group, settings, new FeedCounters());
    assertThat(others.lossBy(stream, change))
        .hasValueSatisfying(loss -> assertThat(loss.kind()).isEqualTo(LossKind.SKIPPED));
  }
}
