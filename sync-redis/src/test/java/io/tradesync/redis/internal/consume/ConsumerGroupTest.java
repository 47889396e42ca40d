package io.tradesync.redis.internal.consume;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisURI;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.tradesync.redis.EntryDecoder;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.redis.internal.client.RedisLink;
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
  private final ConsumerGroup group =
      ConsumerGroup.open(
          link,
          null,
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
              SECOND));

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
}
