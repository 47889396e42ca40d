package io.tradesync.internal.write;

import static io.tradesync.SampleTrades.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.SampleTrades;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.TradeFailure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FailedTradeMarkerTest {

  private static final int BATCH_SIZE = 50;

  private final InMemoryWritePath path = new InMemoryWritePath();
  private final List<Trade> trades = SampleTrades.trades(BATCH_SIZE, 1);
  private final List<TradeFailure> marks = new ArrayList<>();

  /** A view that refuses to mark some trades. */
  private final class RefusingView implements FailedTrades {
    private final Set<TradeKey> refused;

    RefusingView(Set<TradeKey> refused) {
      this.refused = refused;
    }

    @Override
    public List<FailedTrade> markFailed(List<TradeFailure> failures, String runId, int parkAfter) {
      if (failures.stream().anyMatch(failure -> refused.contains(failure.key()))) {
        throw new IllegalArgumentException("row is too large");
      }
      marks.addAll(failures);
      return failures.stream()
          .map(f -> new FailedTrade(f.key(), f.reason(), 1, Instant.EPOCH, runId, false, null))
          .toList();
    }

    @Override
    public long releaseParked(KeyRange range) {
      return 0;
    }

    @Override
    public long accept(List<TradeKey> keys, String reason) {
      return 0;
    }

    @Override
    public List<FailedTrade> list(TradeKey after, int limit) {
      return List.of();
    }
  }

  private List<FailedTrade> mark(Set<TradeKey> refused, int batchSize) {
    List<FailedRepair> failed =
        InMemoryWritePath.repairs(trades).stream()
            .map(repair -> new FailedRepair(repair, "odd", FailureKind.UNKNOWN))
            .toList();
    return path.marker(new RefusingView(refused)).mark(failed, batchSize, path.context);
  }

  private List<TradeKey> keysOfMarks() {
    return marks.stream().map(TradeFailure::key).toList();
  }

  @Test
  void failedTradesAreMarkedInKeyOrder() {
    var ignored = mark(Set.of(), BATCH_SIZE);

    assertThat(marks).extracting(TradeFailure::key).isEqualTo(keys(trades));
  }

  @Test
  void aFailureOfUnknownKindBlamesTheTradeOnlyIfOthersDidNotFail() {
    var ignored = mark(Set.of(), BATCH_SIZE);
    ignored = mark(Set.of(), BATCH_SIZE + 1);

    assertThat(marks.subList(0, BATCH_SIZE)).noneMatch(TradeFailure::ofData);
    assertThat(marks.subList(BATCH_SIZE, 2 * BATCH_SIZE)).allMatch(TradeFailure::ofData);
  }

  @Test
  void aMarkThatCannotBeStoredCostsOnlyItself() {
    path.sink.kind = FailureKind.DATA;
    Set<TradeKey> refused = Set.of(trades.get(0).key(), trades.get(31).key());

    List<FailedTrade> marked = mark(refused, BATCH_SIZE);

    assertThat(marked).extracting(FailedTrade::key).isEqualTo(keysOfMarks());
    assertThat(marks)
        .extracting(TradeFailure::key)
        .hasSize(BATCH_SIZE - 2)
        .doesNotContainAnyElementsOf(refused);
  }

  @Test
  void aStoreThatIsGoneWhileMarkingIsUnavailable() {
    path.sink.kind = FailureKind.NETWORK;

    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> mark(Set.of(trades.get(7).key()), BATCH_SIZE))
        .satisfies(unavailable -> assertThat(unavailable.side()).isEqualTo(Side.STORE));
    assertThat(marks).isEmpty();
  }
}
