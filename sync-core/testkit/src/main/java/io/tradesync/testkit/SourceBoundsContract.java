package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.spi.SourceDigest;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Checks bounds and counts, pools, and calls from several threads. */
abstract class SourceBoundsContract extends SourceContractPart {

  SourceBoundsContract(TradeSourceContract contract) {
    super(contract);
  }

  @Test
  void anEmptySourceHasNothing() throws Exception {
    KeyRange hour = KeyRange.seconds(T, T + 3_600);

    source.probe();
    assertThat(trades(KeyRange.all())).isEmpty();
    assertThat(source.first(KeyRange.all())).isEmpty();
    assertThat(source.last(KeyRange.all())).isEmpty();
    assertThat(source.count(KeyRange.all())).isZero();
    assertThat(source.digests(hour, 60)).isEmpty();
    assertThat(keys(List.of(hour))).isEmpty();
    assertThat(source.countWithoutKey()).isZero();
    assertThat(source.digests(List.of(hour, KeyRange.from(T + 3_600))))
        .containsExactly(new SourceDigest(0, 0, 0), new SourceDigest(1, 0, 0));
    assertThat(source.withPools(List.of())).isEmpty();
  }

  @Test
  void poolsAreNoPartOfTheContentAndKeepTheOrder() throws Exception {
    List<Trade> arrived = List.of(trade("b", T), trade("a", T + 1), trade("c", T - 1));
    put(List.of(trade("x", T)));

    assertThat(source.withPools(arrived)).isEqualTo(arrived);
  }

  @Test
  void moreThanAPageIsCountedAndItsLastKeyFound() throws Exception {
    List<Trade> trades = putRandom(2_100, 300);

    assertThat(source.count(KeyRange.all())).isEqualTo(2_100);
    assertThat(source.first(KeyRange.all())).contains(trades.get(0).key());
    assertThat(source.last(KeyRange.all())).contains(trades.get(2_099).key());
    assertThat(source.countWithoutKey()).isZero();
  }

  @Test
  void everyCallSeesTheSourceAsItIsAtThatMoment() throws Exception {
    KeyRange second = KeyRange.seconds(T, T + 1);
    for (int i = 1; i <= 3; i++) {
      put(List.of(trade("t" + i, T)));
      assertThat(source.count(second)).isEqualTo(i);
      assertThat(trades(second)).hasSize(i);
    }
    remove("t2");
    put(List.of(trade("t2", T + 5)));

    assertThat(trades(KeyRange.all()))
        .containsExactly(trade("t1", T), trade("t3", T), trade("t2", T + 5));
    assertThat(source.byIds(List.of("t2")).rows()).containsExactly(trade("t2", T + 5));
    assertThat(keys(List.of(second))).hasSize(2);
    assertThat(source.digests(second, 1)).extracting(SourceDigest::count).containsExactly(2L);
  }

  @Test
  void manyThreadsCanAskAtOnce() throws Exception {
    List<Trade> trades = putRandom(100, 10);
    List<SourceDigest> digests = source.digests(KeyRange.seconds(T, T + 10), 3);
    Callable<Boolean> ask =
        () -> {
          for (int i = 0; i < 5; i++) {
            assertThat(trades(KeyRange.all())).isEqualTo(trades);
            assertThat(keys(List.of(KeyRange.all()))).hasSize(100);
            assertThat(source.digests(KeyRange.seconds(T, T + 10), 3)).isEqualTo(digests);
            assertThat(source.digests(List.of(KeyRange.all()))).hasSize(1);
            assertThat(source.byIds(List.of(trades.get(i).id())).rows())
                .containsExactly(trades.get(i));
          }
          return true;
        };
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (Future<Boolean> asked : threads.invokeAll(Collections.nCopies(8, ask))) {
        assertThat(asked.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatItCannotTellIsEmptyAndNeverNull() {
    source
        .finality()
        .ifPresent(
            finality ->
                assertThat(finality.epochSecond().orElse(0))
                    .as("seconds, not milliseconds")
                    .isLessThan(100_000_000_000L));
    assertThat(source.classify(new IllegalStateException("no kind of mine"))).isEmpty();
  }
}
