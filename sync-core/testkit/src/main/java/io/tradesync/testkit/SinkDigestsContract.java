package io.tradesync.testkit;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.AggregateFindings;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.HeldTrade;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Checks that the digests of a sink tell what it holds, if it offers any. */
abstract class SinkDigestsContract extends SinkContractPart {

  private static final KeyRange RANGE = KeyRange.seconds(T - 7, T + 1_000);
  private static final long WIDTH = 4;

  SinkDigestsContract(AnalyticsSinkContract contract) {
    super(contract);
  }

  /** Reads by the digests of a sink, in a transaction of the log. */
  private interface Reading {
    <T> void read(SinkDigests<T> digests, T transaction) throws Exception;
  }

  private void read(Reading reading) throws Exception {
    if (contract.sink instanceof TransactionalSink<?> joining) {
      read(joining, reading);
    }
  }

  private <T> void read(TransactionalSink<T> joining, Reading reading) throws Exception {
    Optional<SinkDigests<T>> digests = joining.digests(Optional.of(List.of()));
    assertThat(joining.digests(Optional.of(List.of())).isPresent())
        .as("always offers digests, or never")
        .isEqualTo(digests.isPresent());
    if (digests.isPresent()) {
      boolean ignored =
          log.transact(
              null,
              transaction -> {
                reading.read(digests.get(), joining.transactionType().cast(transaction.handle()));
                return true;
              });
    }
  }

  @Test
  void aSinkThatHoldsNothingHasNoDigests() throws Exception {
    if (!(contract.sink instanceof TransactionalSink<?>)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    read(
        new Reading() {
          @Override
          public <T> void read(SinkDigests<T> digests, T transaction) throws Exception {
            assertThat(digests.firstSecond(KeyRange.all(), transaction)).isEmpty();
            assertThat(digests.digests(RANGE, WIDTH, transaction)).isEmpty();
            assertThat(digests.trades(RANGE, RANGE.after(), 10, transaction)).isEmpty();
            assertThat(digests.aggregates(RANGE, WIDTH, transaction))
                .isEqualTo(AggregateFindings.NONE);
          }
        });
  }

  @Test
  void digestsTellWhatWasInserted() throws Exception {
    List<Trade> trades = new ArrayList<>(trades(30));
    trades.add(Trade.builder("without price", T, 1, "pool").quantity(BigDecimal.ONE).build());
    trades.add(
        Trade.builder("decimals", T + 5, 1, "pool")
            .price(new BigDecimal("0.1200"))
            .quantity(new BigDecimal("-3000.5"))
            .build());
    trades.removeIf(trade -> !contract.canHold(trade));
    insert(trades);

    assertDigestsOf(trades);
  }

  @Test
  void digestsTellWhatWasReplacedAndRetracted() throws Exception {
    if (!can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = new ArrayList<>(trades(30));
    insert(trades);
    Trade other = trade(trades.get(3).id(), trades.get(3).epochSecond(), 1_000);
    Trade moved = trade(trades.get(4).id(), T + 500, 2_000);
    write(
        replace(other),
        new TradeChange.Replace(trades.get(4).key(), moved),
        new TradeChange.Retract(trades.get(5).key()));
    trades.subList(3, 6).clear();
    trades.addAll(List.of(other, moved));

    assertDigestsOf(trades);
  }

  private void assertDigestsOf(Collection<Trade> trades) throws Exception {
    completeDeferred();
    List<HeldTrade> rows =
        trades.stream()
            .map(contract::kept)
            .map(trade -> new HeldTrade(trade.key(), trade.fingerprint(), true))
            .sorted(Comparator.comparing(HeldTrade::key))
            .toList();
    read(
        new Reading() {
          @Override
          public <T> void read(SinkDigests<T> digests, T transaction) throws Exception {
            assertThat(byStart(digests.digests(RANGE, WIDTH, transaction)))
                .isEqualTo(digests(rows));
            assertThat(pages(digests, transaction)).isEqualTo(rows);
            KeyRange second = KeyRange.seconds(T + 1, T + 2);
            assertThat(digests.trades(second, second.after(), 100, transaction))
                .isEqualTo(rows.stream().filter(row -> second.contains(row.key())).toList());
            List<TradeKey> keys = rows.stream().map(HeldTrade::key).skip(2).toList();
            List<TradeKey> asked = new ArrayList<>(keys);
            asked.add(new TradeKey(T, "nobody"));
            assertThat(digests.trades(asked, transaction))
                .containsExactlyInAnyOrderElementsOf(rows.subList(2, rows.size()));
            OptionalLong first = digests.firstSecond(RANGE, transaction);
            assertThat(first.orElseThrow())
                .isBetween(RANGE.after().epochSecond(), rows.get(0).key().epochSecond());
            assertThat(digests.firstSecond(KeyRange.from(T + 999), transaction)).isEmpty();
            assertThat(digests.aggregates(RANGE, WIDTH, transaction).differing()).isEmpty();
            digests.prepareRepair(RANGE, transaction);
          }
        });
    // A repair where nothing is damaged changes nothing.
    completeDeferred();
    assertHeld(trades);
  }

  private static <T> List<HeldTrade> pages(SinkDigests<T> digests, T transaction) throws Exception {
    List<HeldTrade> rows = new ArrayList<>();
    TradeKey after = RANGE.after();
    List<HeldTrade> page;
    do {
      page = digests.trades(RANGE, after, 7, transaction);
      rows.addAll(page);
      after = page.isEmpty() ? after : page.get(page.size() - 1).key();
    } while (page.size() == 7);
    return rows;
  }

  private static Map<Long, HeldDigest> byStart(List<HeldDigest> digests) {
    return digests.stream().collect(toMap(HeldDigest::startEpochSecond, digest -> digest));
  }

  private static Map<Long, HeldDigest> digests(List<HeldTrade> rows) {
    Map<Long, HeldDigest> digests = new TreeMap<>();
    rows.stream()
        .collect(groupingBy(row -> Math.floorDiv(row.key().epochSecond(), WIDTH) * WIDTH))
        .forEach(
            (start, of) ->
                digests.put(
                    start,
                    new HeldDigest(
                        start, of.size(), of.stream().mapToLong(HeldTrade::fingerprint).sum(), 0)));
    return digests;
  }
}
