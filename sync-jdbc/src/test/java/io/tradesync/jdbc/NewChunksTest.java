package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.sql.Connection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions that meet in a chunk that does not exist yet: the second one waits for the first.
 */
class NewChunksTest {

  private static final long T = 1_754_438_400L;
  private static final int HOUR = 3_600;

  private final StoreFixture store = onConcurrentTimescale();

  private static StoreFixture onConcurrentTimescale() {
    PostgresServer ignored = PostgresServer.concurrentTimescale();
    return StoreFixture.onTimescale();
  }

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
    store.execute("select set_chunk_time_interval('analytics_trades', interval '1 hour')");
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** Few rows are inserted by a statement, many are copied. */
  @ParameterizedTest
  @ValueSource(ints = {1, 200})
  void twoTransactionsThatMakeTheSameChunksInKeyOrderDoNotDeadlock(int trades) throws Exception {
    CompletableFuture<Boolean> second;
    try (Connection first = store.database.dataSource().getConnection()) {
      first.setAutoCommit(false);
      write(first, hour("a", 0, trades));
      second =
          ConcurrentTask.run(
              () ->
                  store.jdbi.inTransaction(
                      handle -> {
                        write(
                            handle.getConnection(),
                            Stream.of(hour("b", 0, trades), hour("b", 1, trades))
                                .flatMap(List::stream)
                                .toList());
                        return true;
                      }));
      while (store.count("select count(*) from pg_locks where not granted") == 0) {
        assertThat(second).isNotDone();
      }
      write(first, hour("a", 1, trades));
      first.commit();
    }
    assertThat(second.get()).isTrue();
    assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(4L * trades);
    store.assertCandlesEqualTheirTrades();
  }

  private void write(Connection transaction, List<Trade> trades) throws Exception {
    store.sink.write(
        new TradeBatch(
            "analytics",
            "key",
            false,
            trades.stream().<TradeChange>map(TradeChange.Insert::new).toList()),
        transaction);
  }

  private static List<Trade> hour(String name, int hour, int trades) {
    return IntStream.range(0, trades)
        .mapToObj(i -> trade(name + i, T + (long) hour * HOUR + i, 3, 4))
        .sorted(Comparator.comparing(Trade::key))
        .toList();
  }

  /** Each batch covers several hours, none of which has a chunk. */
  @Test
  void severalWorkersFillNewChunksWithoutADeadlock() {
    List<Exception> failures = new CopyOnWriteArrayList<>();
    ForwardingSink<Connection> sink =
        new ForwardingSink<>(store.sink) {
          @Override
          public void write(TradeBatch batch, Connection transaction) throws Exception {
            try {
              super.write(batch, transaction);
            } catch (Exception e) {
              failures.add(e);
              throw e;
            }
          }
        };
    InMemoryTradeSource source = new InMemoryTradeSource();
    for (int i = 0; i < 1_000; i++) {
      source.put(trade("t" + i, T + 600L * i, 3, 4));
    }
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(source)
            .log(store.log)
            .sink(sink)
            .batchSize(20)
            .parallelism(4)
            .build()) {
      SyncResult result = engine.run();
      assertThat(result.success()).as(result.message()).isTrue();
      assertThat(result.processed()).isEqualTo(1_000);
    }
    assertThat(store.count("select count(*) from show_chunks('analytics_trades')")).isEqualTo(167);
    store.assertCandlesEqualTheirTrades();
    assertThat(failures).isEmpty();
  }
}
