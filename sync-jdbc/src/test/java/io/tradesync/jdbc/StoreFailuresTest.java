package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.IngestResult;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a run and the live path do about failures of a store in PostgreSQL. */
class StoreFailuresTest {

  private static final long T = 1_754_400_000L;

  private final StoreFixture store = new StoreFixture();
  private final InMemoryTradeSource source = new InMemoryTradeSource();

  @AfterEach
  void drop() {
    store.database.close();
  }

  private SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(source)
        .log(store.log)
        .sink(store.sink)
        .retryDelay(Duration.ofMillis(1));
  }

  private static Trade trade(String id, long second) {
    return StoreFixture.trade(id, second, 3, 5);
  }

  /** An id that does not compress, so that no index of PostgreSQL can hold it. */
  private static String idOfLength(int length) {
    return new Random(7)
        .ints(length, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  @Test
  void anIdThatTheStoreCannotIndexCostsItsTradeOnly() {
    source.putAll(List.of(trade("a", T), trade(idOfLength(2_690), T + 1), trade("c", T + 2)));
    try (SyncEngine engine = builder().build()) {
      SyncResult result = engine.run();

      assertThat(result.success()).isTrue();
      assertThat(result.message()).isEqualTo("Sync completed with errors: 2/3 trades processed");
      assertThat(store.trades()).extracting(Trade::id).containsExactly("a", "c");
      assertThat(engine.health().gaps().total()).isEqualTo(1);
    }
  }

  @Test
  void aLiveTradeThatTheStoreCannotIndexStopsNoOther() {
    Trade bad = trade(idOfLength(2_690), T + 1);
    try (SyncEngine engine = builder().build()) {
      IngestResult result = engine.ingest(List.of(trade("a", T), bad, trade("c", T + 2)));

      assertThat(result.written()).extracting(TradeKey::id).containsExactly("a", "c");
      assertThat(result.failed()).containsExactly(bad.key());
    }
  }
}
