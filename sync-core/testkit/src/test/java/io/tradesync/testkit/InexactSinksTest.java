package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Trade;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each wrong sink fails in a test of the contract whose name says why; right sinks pass all. */
class InexactSinksTest {

  /** Keeps rows in memory; by id and right, unless a test changes it. */
  private static class Rows implements AnalyticsSink {
    final List<Trade> held = new ArrayList<>();

    @Override
    public void write(TradeBatch batch) {
      batch.changes().forEach(this::apply);
    }

    void apply(TradeChange change) {
      boolean isRetraction = change.after().isEmpty();
      held.removeIf(
          trade ->
              isRetraction
                  ? trade.key().equals(change.key())
                  : trade.id().equals(change.key().id()));
      change.after().ifPresent(held::add);
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return EnumSet.allOf(SinkCapability.class);
    }
  }

  private static class ByRevision extends Rows {
    final Map<String, Long> applied = new HashMap<>();

    @Override
    void apply(TradeChange change) {
      if (isNewer(change, applied.getOrDefault(change.key().id(), 0L))) {
        applied.put(change.key().id(), change.revision());
        super.apply(change);
      }
    }

    boolean isNewer(TradeChange change, long last) {
      return change.revision() > last;
    }
  }

  private interface ExactnessTest {
    void run(SinkExactnessContract contract) throws Exception;
  }

  private static final List<ExactnessTest> ALL =
      List.of(
          SinkExactnessContract::contentThatGoesBackAndForthEndsAsTheSourceHasIt,
          SinkExactnessContract::aTradeThatMovesAwayAndBackIsHeldOnceAtItsKey,
          SinkExactnessContract::aTradeThatIsGoneAndBackIsHeldAndOneThatIsGoneIsNot,
          SinkExactnessContract::aTradeWhoseAnswerWasLostAndThatVanishedIsNotHeld,
          SinkExactnessContract::aTradeWhoseAnswerWasLostAndThatMovedIsHeldAtItsNewKeyOnly,
          SinkExactnessContract::aLiveTradeWhoseAnswersWereLostAtTwoKeysIsHeldAtNoneOnceItVanished,
          SinkExactnessContract::tradesWhoseAnswersWereLostAreHeldOnceIfTheirBatchesAreCutElsewhere,
          SinkExactnessContract::whatArrivesAgainLateAndOutOfOrderChangesNothing);

  private static void play(Rows rows, boolean goesByRevision, ExactnessTest test) throws Exception {
    AnalyticsSinkContract contract =
        new AnalyticsSinkContract() {
          @Override
          protected AnalyticsSink emptySink() {
            return rows;
          }

          @Override
          protected Collection<Trade> held() {
            return rows.held;
          }

          @Override
          protected boolean goesByRevision() {
            return goesByRevision;
          }
        };
    contract.make();
    SinkExactnessContract part = new SinkExactnessContract(contract) {};
    part.useSink();
    test.run(part);
  }

  private static void assertFails(Rows sink, ExactnessTest test) {
    assertThatThrownBy(() -> play(sink, true, test)).isInstanceOf(AssertionError.class);
  }

  @Test
  void aSinkByIdAndOneByRevisionPass() {
    for (ExactnessTest test : ALL) {
      assertThatCode(() -> play(new Rows(), false, test)).doesNotThrowAnyException();
      assertThatCode(() -> play(new ByRevision(), true, test)).doesNotThrowAnyException();
    }
  }

  @Test
  void aSinkThatDiscardsWhatItHasSeenOfAKeyFailsWhenContentGoesBackAndForth() {
    Set<String> seen = new HashSet<>();
    assertFails(
        new Rows() {
          @Override
          void apply(TradeChange change) {
            String known = change.key() + " " + change.after().map(Trade::fingerprint);
            if (seen.add(known)) {
              super.apply(change);
            }
          }
        },
        SinkExactnessContract::contentThatGoesBackAndForthEndsAsTheSourceHasIt);
  }

  @Test
  void aSinkThatDiscardsKnownBatchKeysOnlyFailsWhenChangesArriveOutOfOrder() {
    Set<String> seen = new HashSet<>();
    assertFails(
        new Rows() {
          @Override
          public void write(TradeBatch batch) {
            if (seen.add(batch.idempotencyKey())) {
              super.write(batch);
            }
          }
        },
        SinkExactnessContract::whatArrivesAgainLateAndOutOfOrderChangesNothing);
  }

  @Test
  void aSinkThatDiscardsKnownBatchKeysAndCountsFailsWhenBatchesAreCutElsewhere() {
    Set<String> seen = new HashSet<>();
    assertFails(
        new Rows() {
          @Override
          public void write(TradeBatch batch) {
            if (seen.add(batch.idempotencyKey())) {
              batch.changes().forEach(change -> change.after().ifPresent(held::add));
            }
          }
        },
        SinkExactnessContract::tradesWhoseAnswersWereLostAreHeldOnceIfTheirBatchesAreCutElsewhere);
  }

  /** As one does that hands its changes to another thread and returns. */
  @Test
  void aSinkThatWritesAfterItReturnedFailsWhenContentGoesBackAndForth() {
    List<TradeChange> later = new ArrayList<>();
    assertFails(
        new Rows() {
          @Override
          public void write(TradeBatch batch) {
            later.forEach(this::apply);
            later.clear();
            later.addAll(batch.changes());
          }
        },
        SinkExactnessContract::contentThatGoesBackAndForthEndsAsTheSourceHasIt);
  }

  @Test
  void aSinkThatIgnoresARetractFailsWhenATradeIsGone() {
    List<ExactnessTest> failing =
        List.of(
            SinkExactnessContract::aTradeThatIsGoneAndBackIsHeldAndOneThatIsGoneIsNot,
            SinkExactnessContract::aTradeWhoseAnswerWasLostAndThatVanishedIsNotHeld);
    for (ExactnessTest test : failing) {
      assertFails(
          new Rows() {
            @Override
            void apply(TradeChange change) {
              if (change.after().isPresent()) {
                super.apply(change);
              }
            }
          },
          test);
    }
  }

  @Test
  void aSinkThatKeepsTheOldKeyOfAReplaceFailsWhenATradeMoves() {
    List<ExactnessTest> failing =
        List.of(
            SinkExactnessContract::aTradeThatMovesAwayAndBackIsHeldOnceAtItsKey,
            SinkExactnessContract::aTradeWhoseAnswerWasLostAndThatMovedIsHeldAtItsNewKeyOnly);
    for (ExactnessTest test : failing) {
      assertFails(
          new Rows() {
            @Override
            void apply(TradeChange change) {
              held.removeIf(trade -> trade.key().equals(change.key()));
              change.after().ifPresent(held::add);
            }
          },
          test);
    }
  }

  @Test
  void aSinkThatAppliesAnOlderRevisionFailsWhenChangesArriveOutOfOrder() {
    assertFails(
        new ByRevision() {
          @Override
          boolean isNewer(TradeChange change, long last) {
            return change.revision() != last;
          }
        },
        SinkExactnessContract::whatArrivesAgainLateAndOutOfOrderChangesNothing);
  }
}
