package io.tradesync.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tradesync.EngineFixture;
import io.tradesync.InvalidSettingException;
import io.tradesync.SampleTrades;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SinksTest {

  private static final Predicate<Trade> OF_POOL = trade -> trade.poolId().equals("wanted");

  private final EngineFixture fixture = new EngineFixture();
  private final List<TradeChange> received = new ArrayList<>();
  private Set<SinkCapability> capabilities = EnumSet.allOf(SinkCapability.class);

  private final AnalyticsSink inner =
      new AnalyticsSink() {
        @Override
        public void write(TradeBatch batch) {
          received.addAll(batch.changes());
        }

        @Override
        public Set<SinkCapability> capabilities() {
          return capabilities;
        }
      };

  private static Trade trade(String id, long second, String pool) {
    return Trade.builder(id, second, 1, pool).build();
  }

  private void write(TradeChange... changes) throws Exception {
    Sinks.filter(OF_POOL, inner).write(new TradeBatch("s", "k", false, List.of(changes)));
  }

  @Test
  void aTradeThatIsNotWantedIsNotInserted() throws Exception {
    TradeChange wanted = new TradeChange.Insert(trade("a", 1, "wanted"), 5);
    write(wanted, new TradeChange.Insert(trade("b", 2, "other"), 6));

    assertThat(received).containsExactly(wanted);
  }

  @Test
  void aBatchOfWhichNothingIsWantedIsNotSent() throws Exception {
    write(new TradeChange.Insert(trade("b", 2, "other"), 6));

    assertThat(received).isEmpty();
  }

  @Test
  void aReplacementThatIsNotWantedRetractsTheOldKeyWithTheSameRevision() throws Exception {
    TradeKey old = new TradeKey(9, "a");
    TradeChange retract = new TradeChange.Retract(new TradeKey(3, "c"), 7);
    write(new TradeChange.Replace(old, trade("a", 1, "other"), 8), retract);

    assertThat(received).containsExactly(retract, new TradeChange.Retract(old, 8));
  }

  @Test
  void aReplacementThatIsWantedGoesOn() throws Exception {
    TradeChange change = new TradeChange.Replace(new TradeKey(9, "a"), trade("a", 1, "wanted"), 8);
    write(change);

    assertThat(received).containsExactly(change);
  }

  @Test
  void badTradesAreNamedByTheKeysOfTheBatch() {
    AnalyticsSink refusing =
        batch -> {
          throw new BadTradesException(Map.of(new TradeKey(9, "a"), "no"));
        };
    TradeBatch batch =
        new TradeBatch(
            "s",
            "k",
            false,
            List.of(new TradeChange.Replace(new TradeKey(9, "a"), trade("a", 1, "other"), 8)));

    assertThatExceptionOfType(BadTradesException.class)
        .isThrownBy(() -> Sinks.filter(OF_POOL, refusing).write(batch))
        .satisfies(e -> assertThat(e.reasons()).isEqualTo(Map.of(new TradeKey(1, "a"), "no")));
  }

  @Test
  void withoutRetractionsThereAreNoReplacements() {
    capabilities = EnumSet.of(SinkCapability.INSERT, SinkCapability.REPLACE);

    assertThat(Sinks.filter(OF_POOL, inner).capabilities()).containsExactly(SinkCapability.INSERT);
  }

  /** What is filtered is processed: no gap, through changes, moves and vanished trades. */
  @Test
  void aFilteredSinkHoldsExactlyTheWantedTrades() {
    fixture.source.put(
        trade("a", 1_000, "wanted"),
        trade("b", 1_001, "other"),
        trade("c", 1_002, "wanted"),
        trade("d", 1_003, "other"),
        trade("e", 1_004, "wanted"));
    AnalyticsSink sink = Sinks.filter(OF_POOL, fixture.sink);
    assertThat(sink).isInstanceOf(TransactionalSink.class);
    SyncEngine engine = fixture.builder().sink(sink).orphanGrace(Duration.ZERO).build();
    assertThat(engine.run().processed()).isEqualTo(5);
    assertHeld();

    fixture.source.put(
        trade("a", 1_000, "other"), trade("b", 1_001, "wanted"), trade("c", 1_500, "other"));
    fixture.source.remove("d");
    fixture.source.remove("e");
    assertThat(engine.run().errors()).isZero();

    assertHeld();
    assertThat(engine.health().isHealthy()).isTrue();
    assertThat(engine.run().isComplete()).isTrue();
  }

  private void assertHeld() {
    assertThat(fixture.sink.held.trades())
        .isEqualTo(fixture.source.trades().stream().filter(OF_POOL).toList());
  }

  @Test
  void theOldestEntryIsNotTakenForDroppedBecauseItWasFiltered() throws Exception {
    List<Optional<TradeKey>> asked = new ArrayList<>();
    TransactionalSink<String> dropping =
        new TransactionalSink<>() {
          @Override
          public Class<String> transactionType() {
            return String.class;
          }

          @Override
          public void write(TradeBatch batch, String transaction) {}

          @Override
          public long countDeferred(String transaction) {
            return 7;
          }

          @Override
          public Retention retention(Optional<TradeKey> oldestProcessed, String transaction)
              throws Exception {
            asked.add(oldestProcessed);
            return TransactionalSink.super.retention(oldestProcessed, transaction);
          }
        };
    @SuppressWarnings("unchecked")
    TransactionalSink<String> filter = (TransactionalSink<String>) Sinks.filter(OF_POOL, dropping);

    assertThat(filter.retention(Optional.of(new TradeKey(1, "a")), "t").since()).isEmpty();

    assertThat(asked).containsExactly(Optional.empty());
    assertThat(filter.countDeferred("t")).isEqualTo(7);
  }

  /** A filter that forgets a method of its sink changes what the sink does. */
  @Test
  void everyMethodOfASinkIsPassedOn() {
    assertThat(JoiningFilter.class).hasSuperclass(ForwardingSink.class);
    assertPassesOn(PlainFilter.class, AnalyticsSink.class);
    assertPassesOn(ForwardingSink.class, AnalyticsSink.class);
    assertPassesOn(ForwardingSink.class, TransactionalSink.class);
  }

  private static void assertPassesOn(Class<?> wrapper, Class<?> type) {
    for (Method method : type.getDeclaredMethods()) {
      if (!method.isSynthetic() && !method.getName().equals("write")) {
        assertThat(wrapper.getDeclaredMethods())
            .extracting(Method::getName)
            .contains(method.getName());
      }
    }
  }

  // What a sink declares

  @Test
  void aSinkWithoutInsertsIsRefusedByName() {
    for (Set<SinkCapability> wrong :
        new Set[] {null, Set.of(), EnumSet.of(SinkCapability.REPLACE)}) {
      capabilities = wrong;
      assertThatExceptionOfType(InvalidSettingException.class)
          .isThrownBy(() -> fixture.builder().sink(inner).build())
          .withMessageContaining(inner.getClass().getName())
          .withMessageContaining("INSERT");
      assertThatExceptionOfType(InvalidSettingException.class)
          .isThrownBy(() -> fixture.builder().sink(Sinks.filter(OF_POOL, inner)).build())
          .withMessageContaining(inner.getClass().getName())
          .withMessageContaining("INSERT");
    }
  }

  @Test
  void theLogSaysWhatASinkThatDeclaresInsertsOnlyWillSee() {
    assertThat(linesOfABuild(EnumSet.of(SinkCapability.INSERT)))
        .singleElement()
        .asString()
        .contains(inner.getClass().getName(), "inserts only", "gaps that no run closes", "twice");
    assertThat(linesOfABuild(EnumSet.allOf(SinkCapability.class))).isEmpty();
  }

  private List<String> linesOfABuild(Set<SinkCapability> declared) {
    capabilities = declared;
    Logger logger = (Logger) LoggerFactory.getLogger("io.tradesync.internal.write");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Level before = logger.getLevel();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
    try {
      fixture.builder().sink(inner).build().close();
    } finally {
      logger.setLevel(before);
      logger.detachAppender(lines);
    }
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void aRunThatLeavesAGapIsNotComplete() {
    capabilities = EnumSet.of(SinkCapability.INSERT);
    fixture.source.putAll(SampleTrades.trades(3, 1));
    SyncEngine engine = fixture.builder().sink(inner).build();
    assertThat(engine.run().isComplete()).isTrue();
    Trade first = fixture.source.trades().get(0);
    fixture.source.put(trade(first.id(), first.epochSecond(), "changed"));

    SyncResult result = engine.run();

    assertThat(result.success()).isTrue();
    assertThat(result.isComplete()).isFalse();
  }

  @Test
  void aRunWithFailedTradesIsNotComplete() {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    fixture.sink.hook =
        batch -> {
          throw new IllegalStateException("no");
        };

    assertThat(fixture.builder().build().run().isComplete()).isFalse();
  }
}
