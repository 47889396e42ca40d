package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lengths of candles that change while another process writes. */
class CandleLengthsTest {

  private static final long T = 1_754_400_000L;

  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
  }

  @AfterEach
  void drop() {
    store.close();
  }

  @Test
  void aStartThatKeepsOtherLengthsWaitsForTransactionsThatWriteCandles() throws Exception {
    ExecutorService starts = Executors.newSingleThreadExecutor();
    try (Connection writing = store.database.dataSource().getConnection()) {
      writing.setAutoCommit(false);
      store.sink.write(
          new TradeBatch(
              "analytics", "key", false, List.of(new TradeChange.Insert(trade("a", T, 10, 1)))),
          writing);
      TimescaleSink other = TimescaleSink.builder().bucketSeconds(60, 120).build();
      Future<?> start =
          starts.submit(
              () -> {
                store.prepare(other);
                return null;
              });
      while (store.count("select count(*) from pg_locks where not granted") == 0) {
        Thread.onSpinWait();
      }
      writing.commit();
      start.get();
      store.log.transact(
          null, transaction -> other.completeDeferred((Connection) transaction.handle()));
    } finally {
      starts.shutdown();
    }

    assertThat(store.count("select trades from trade_candles where bucket_seconds = 120"))
        .isEqualTo(1);
  }
}
