package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.spi.IngestResult;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IngestTest {

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  private static TradeKey key(String id, long second) {
    return new TradeKey(second, id);
  }

  @Test
  void newTradesAreWrittenAndKnownOnesAreNot() {
    IngestResult first = engine.ingest(List.of(trade("b", T0), trade("a", T0)));
    assertThat(first.written()).containsExactly(key("a", T0), key("b", T0));
    IngestResult second = engine.ingest(List.of(trade("b", T0), trade("c", T0)));
    assertThat(second)
        .isEqualTo(
            new IngestResult(
                List.of(key("c", T0)), List.of(key("b", T0)), List.of(), List.of(), List.of()));
    assertThat(fixture.sink.held.writes()).isEqualTo(3);
    assertThat(fixture.sink.attempts.get(0).forced()).isFalse();
    assertThat(engine.runs(10)).isEmpty();
  }

  @Test
  void aTradeThatComesTwiceInOneCallIsWrittenOnce() {
    IngestResult result = engine.ingest(List.of(trade("a", T0), trade("a", T0)));
    assertThat(result.written()).containsExactly(key("a", T0));
    assertThat(result.known()).isEmpty();
    assertThat(fixture.sink.held.writes()).isEqualTo(1);
  }

  @Test
  void nothingComesOfNothing() {
    assertThat(engine.ingest(List.of()).written()).isEmpty();
    assertThat(fixture.sink.attempts).isEmpty();
  }

  @Test
  void manyTradesAreWrittenInTransactionsOfManyBatchesInTheirOrder() {
    List<Trade> trades = new ArrayList<>(SampleTrades.trades(2_230, 1));
    Collections.shuffle(trades, new Random(1));
    assertThat(engine.ingest(trades).written()).hasSize(2_230).isSorted();
    assertThat(fixture.sink.attempts)
        .extracting(batch -> batch.changes().size())
        .containsExactly(1_000, 1_000, 230);
    assertThat(fixture.sink.attempts.stream().flatMap(b -> EngineFixture.keys(b).stream()).toList())
        .isSorted();
  }

  @Test
  void aBadTradeAmongManyCostsItsOwnBatchOnly() {
    List<Trade> trades = SampleTrades.trades(230, 1);
    TradeKey bad = trades.get(120).key();
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).contains(bad)) {
            throw new IllegalArgumentException("no");
          }
        };
    IngestResult result = engine.ingest(trades);
    assertThat(result.failed()).containsExactly(bad);
    assertThat(result.written()).hasSize(229).isSorted();
    assertThat(fixture.sink.attempts)
        .extracting(batch -> batch.changes().size())
        .startsWith(230, 50, 50, 50)
        .endsWith(50, 30);
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).hasSize(1);
  }

  @Test
  void withoutGroupCommitEachBatchHasItsOwnTransaction() {
    SyncEngine single = fixture.builder().groupCommit(1).build();
    assertThat(single.ingest(SampleTrades.trades(230, 1)).written()).hasSize(230);
    assertThat(fixture.sink.attempts)
        .extracting(batch -> batch.changes().size())
        .containsExactly(50, 50, 50, 50, 30);
  }

  @Test
  void whatTheScopeLeavesOutIsNotWritten() {
    SyncEngine narrow = fixture.builder().scope(Scope.since(Instant.ofEpochSecond(T0))).build();
    IngestResult result = narrow.ingest(List.of(trade("old", T0 - 1), trade("new", T0)));
    assertThat(result.outOfScope()).containsExactly(key("old", T0 - 1));
    assertThat(result.written()).containsExactly(key("new", T0));
    assertThat(fixture.sink.held.trades()).hasSize(1);
  }

  @Test
  void whatTheSinkRefusesIsMarkedAndTheRestIsWritten() {
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).contains(key("b", T0))) {
            throw new IllegalArgumentException("no");
          }
        };
    IngestResult result = engine.ingest(List.of(trade("a", T0), trade("b", T0), trade("c", T0)));
    assertThat(result.failed()).containsExactly(key("b", T0));
    assertThat(result.written()).containsExactly(key("a", T0), key("c", T0));
    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(failed -> assertThat(failed.runId()).isEmpty());
    fixture.sink.hook = batch -> {};
    assertThat(engine.ingest(List.of(trade("b", T0))).written()).hasSize(1);
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void whereASideIsGoneNothingIsMarked() {
    InterceptingSink.Hook gone =
        batch -> {
          throw new IOException("connection refused");
        };
    fixture.sink.hook = gone;
    fixture.sink.probe = gone;
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> engine.ingest(SampleTrades.trades(3, 1)))
        .satisfies(e -> assertThat(e.side()).isEqualTo(Side.SINK));
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    fixture.sink.hook = batch -> {};
    assertThat(engine.ingest(SampleTrades.trades(3, 1)).written()).hasSize(3);
  }

  @Test
  void theSourceDecidesWhereATradeContradictsTheLog() {
    Trade before = trade("a", T0, "1");
    Trade after = trade("a", T0, "2");
    fixture.source.put(before);
    engine.ingest(List.of(before));

    // An old message: the source confirms what the store holds.
    IngestResult stale = engine.ingest(List.of(after));
    assertThat(stale.known()).containsExactly(key("a", T0));
    assertThat(stale.written()).isEmpty();
    assertThat(fixture.sink.held.trades()).containsExactly(before);

    fixture.source.put(after);
    IngestResult fresh = engine.ingest(List.of(after));
    assertThat(fresh.written()).containsExactly(key("a", T0));
    assertThat(SampleTrades.withoutRevisions(fixture.sink.attempts.get(1).changes()))
        .containsExactly(new TradeChange.Replace(key("a", T0), after));
    assertThat(fixture.sink.held.trades()).containsExactly(after);

    // What the source has is written, whatever the message said.
    fixture.source.put(trade("a", T0, "3"));
    engine.ingest(List.of(before));
    assertThat(fixture.sink.held.trades()).containsExactly(trade("a", T0, "3"));
  }

  @Test
  void whatTheSourceDoesNotConfirmStaysUnsettled() {
    engine.ingest(List.of(trade("a", T0, "1")));
    IngestResult result = engine.ingest(List.of(trade("a", T0, "2"), trade("b", T0)));
    assertThat(result.disputed()).containsExactly(key("a", T0));
    assertThat(result.written()).containsExactly(key("b", T0));
    assertThat(fixture.sink.held.trades()).contains(trade("a", T0, "1"));
  }

  @Test
  void whatTheSourceHasOutsideTheScopeIsNotWritten() {
    SyncEngine narrow = fixture.builder().scope(Scope.since(Instant.ofEpochSecond(T0))).build();
    narrow.ingest(List.of(trade("a", T0, "1")));
    fixture.source.put(trade("a", T0 - 1, "2"));
    IngestResult result = narrow.ingest(List.of(trade("a", T0, "2")));
    assertThat(result.disputed()).containsExactly(key("a", T0));
    assertThat(fixture.sink.held.trades()).containsExactly(trade("a", T0, "1"));
  }

  @Test
  void aSinkThatOnlyInsertsLeavesAContradictionUnsettled() {
    SyncEngine inserting = fixture.builder().sink(batch -> {}).build();
    inserting.ingest(List.of(trade("a", T0, "1")));
    fixture.source.put(trade("a", T0, "2"));
    IngestResult result = inserting.ingest(List.of(trade("a", T0, "2")));
    assertThat(result.disputed()).containsExactly(key("a", T0));
    assertThat(inserting.health().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
  }

  private static EnumSet<SinkCapability> sinkCanAll() {
    return EnumSet.allOf(SinkCapability.class);
  }

  @Test
  void aRetractedTradeComesBackIfTheSourceHasIt() throws Exception {
    Trade trade = trade("a", T0);
    fixture.source.put(trade);
    engine.ingest(List.of(trade));
    ClaimRequest retraction =
        new ClaimRequest(List.of(), List.of(trade.key()), ClaimMode.REPAIR, sinkCanAll(), "r");
    assertThat(fixture.log.transact(null, t -> t.claim(retraction)).changes()).hasSize(1);
    fixture.source.remove("a");
    assertThat(engine.ingest(List.of(trade)).disputed()).containsExactly(trade.key());
    fixture.source.put(trade);
    assertThat(engine.ingest(List.of(trade)).written()).containsExactly(trade.key());
    assertThat(engine.health().isHealthy()).isTrue();
  }
}
