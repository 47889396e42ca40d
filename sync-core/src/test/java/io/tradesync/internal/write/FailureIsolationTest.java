package io.tradesync.internal.write;

import static io.tradesync.SampleTrades.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchException;

import io.tradesync.SampleTrades;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FailureIsolationTest {

  private static final int BATCH_SIZE = 50;

  private final InMemoryWritePath path = new InMemoryWritePath();
  private final List<Trade> trades = SampleTrades.trades(BATCH_SIZE, 1);

  /** Isolates the failure of a first attempt at all trades. */
  private BatchResult isolate() {
    BatchAttempt attempt = path.attempt(trades);
    Exception failure = catchException(attempt::call);
    assertThat(failure).isNotNull();
    path.log.transactions.set(0);
    return path.isolation().isolate(attempt, failure);
  }

  private TradeKey key(int place) {
    return trades.get(place).key();
  }

  static IntStream places() {
    return IntStream.range(0, BATCH_SIZE);
  }

  @ParameterizedTest
  @MethodSource("places")
  void aBadTradeIsFoundByHalving(int place) {
    path.refuse(Set.of(key(place)));

    BatchResult result = isolate();

    assertThat(result.failed())
        .singleElement()
        .isEqualTo(
            new FailedRepair(
                new Repair.Write(trades.get(place)), "bad trade", FailureKind.UNKNOWN));
    assertThat(result.outcome().written()).hasSize(BATCH_SIZE - 1).doesNotContain(key(place));
    // Six halvings, the suspect alone, and the rest in one go.
    assertThat(path.log.transactions).hasValueLessThanOrEqualTo(8);
  }

  @Test
  void allBadTradesAreFound() {
    Set<TradeKey> bad = Set.of(key(0), key(1), key(24), key(25), key(49));
    path.refuse(bad);

    BatchResult result = isolate();

    assertThat(result.outcome().failed()).containsExactlyInAnyOrderElementsOf(bad);
    assertThat(path.sink.held.writes()).isEqualTo(BATCH_SIZE - bad.size());
  }

  @Test
  void aFailureThatPassedBlamesNoTrade() {
    path.sink.hook =
        batch -> {
          if (batch.changes().size() == BATCH_SIZE) {
            throw new IllegalArgumentException("too many");
          }
        };

    assertThat(isolate().failed()).isEmpty();
    assertThat(path.sink.held.writes()).isEqualTo(BATCH_SIZE);
  }

  @Test
  void badTradesThatTheSinkNamesCostOneTransaction() {
    path.sink.hook =
        batch -> {
          if (batch.changes().size() == BATCH_SIZE) {
            throw new BadTradesException(Map.of(key(3), "no\nprice", key(7), "no pool"));
          }
        };

    BatchResult result = isolate();

    assertThat(result.failed())
        .extracting(FailedRepair::reason)
        .containsExactly("no price", "no pool");
    assertThat(path.log.transactions).hasValue(1);
  }

  @Test
  void aConnectionFailureWhileHalvingFailsThatHalfOnly() {
    path.sink.hook =
        batch -> {
          if (batch.changes().size() == BATCH_SIZE) {
            throw new IllegalArgumentException("bad trade");
          }
          if (batch.changes().get(0).key().equals(key(0))) {
            throw new IOException("reset");
          }
        };

    BatchResult result = isolate();

    assertThat(result.outcome().failed()).isEqualTo(keys(trades.subList(0, BATCH_SIZE / 2)));
    assertThat(result.outcome().written())
        .isEqualTo(keys(trades.subList(BATCH_SIZE / 2, BATCH_SIZE)));
  }

  @Test
  void aSideThatDoesNotAnswerIsGone() {
    path.sink.hook =
        batch -> {
          throw new IOException("reset");
        };
    path.sink.probe = path.sink.hook;

    assertThatThrownBy(this::isolate).hasMessage("the sink is not available: reset");
  }

  @Test
  void aLostLeaseAndAnUnavailableSourceAreNoFailuresOfTheBatch() {
    BatchAttempt attempt = path.attempt(trades);
    Exception lost = new LeaseLostException(new FencingToken(LeaseKind.RUN, "r", 1));
    Exception gone = SideUnavailableException.unreachable(Side.SOURCE, "refused", null);

    assertThatThrownBy(() -> path.isolation().isolate(attempt, lost)).isSameAs(lost);
    assertThatThrownBy(() -> path.isolation().isolate(attempt, gone)).isSameAs(gone);
  }

  @Test
  void anInterruptIsNoFailureOfTheBatch() {
    path.sink.hook =
        batch -> {
          throw new InterruptedException();
        };

    assertThatThrownBy(this::isolate)
        .isInstanceOf(TradesyncException.class)
        .hasMessage("interrupted while writing 50 trades");
    assertThat(Thread.interrupted()).isTrue();
  }
}
