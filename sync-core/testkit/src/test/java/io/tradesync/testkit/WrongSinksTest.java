package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeChange;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Sinks that hide a failure fail in a test of the kit whose name says why. */
class WrongSinksTest {

  /** A store that fails or waits once when it is told to. */
  private static final class Store {
    private final Map<TradeKey, Trade> rows = new TreeMap<>();
    private Throwable next;
    private CountDownLatch stalled = new CountDownLatch(0);

    synchronized void put(Trade trade) throws Throwable {
      Throwable failure = next;
      next = null;
      if (failure != null) {
        throw failure;
      }
      rows.put(trade.key(), trade);
    }

    void await() throws InterruptedException {
      stalled.await();
    }
  }

  private interface Writing {
    void write(Store store, Trade trade) throws Throwable;
  }

  private static final class Contract extends AnalyticsSinkContract {
    private final Store store = new Store();
    private final Writing writing;

    Contract(Writing writing) {
      this.writing = writing;
    }

    static SinkFailureContract of(Writing writing) throws Exception {
      Contract contract = new Contract(writing);
      contract.make();
      SinkFailureContract failures = contract.new Failures();
      failures.useSink();
      return failures;
    }

    @Override
    protected AnalyticsSink emptySink() {
      return batch -> {
        for (TradeChange change : batch.changes()) {
          try {
            writing.write(store, change.after().orElseThrow());
          } catch (Exception | Error e) {
            throw e;
          } catch (Throwable e) {
            throw new IllegalStateException(e);
          }
        }
      };
    }

    @Override
    protected Collection<Trade> held() {
      return store.rows.values();
    }

    @Override
    protected boolean failNextWrite(Throwable failure) {
      store.next = failure;
      return true;
    }

    @Override
    protected boolean stall() {
      store.stalled = new CountDownLatch(1);
      return true;
    }

    @Override
    protected void resume() {
      store.stalled.countDown();
    }
  }

  private static void correct(Store store, Trade trade) throws Throwable {
    store.await();
    store.put(trade);
  }

  @Test
  void aSinkThatHidesNothingPasses() throws Exception {
    SinkFailureContract failures = Contract.of(WrongSinksTest::correct);

    assertThatCode(
            () -> {
              failures.anSqlExceptionOfItsStoreIsNotSwallowed();
              failures.aConnectionFailureOfItsStoreIsNotSwallowed();
              failures.aStackOverflowOfItsStoreIsNotSwallowed();
              failures.aLinkageErrorOfItsStoreIsNotSwallowed();
              failures.anAssertionErrorOfItsStoreIsNotSwallowed();
              failures.aFailureOfTheLogsTransactionIsNotIgnored();
              failures.aWriteReturnsSoonAfterItsThreadIsInterrupted();
            })
        .doesNotThrowAnyException();
  }

  @Test
  void aSinkThatSwallowsAnSqlExceptionFails() throws Exception {
    SinkFailureContract failures =
        Contract.of(
            (store, trade) -> {
              try {
                store.put(trade);
              } catch (SQLException e) {
                // Ignore duplicates.
              }
            });

    assertThatThrownBy(failures::anSqlExceptionOfItsStoreIsNotSwallowed)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("duplicate key")
        .hasMessageContaining("due is that the sink throws, but it returned");
  }

  @Test
  void aSinkThatSwallowsAnErrorFails() throws Exception {
    SinkFailureContract failures =
        Contract.of(
            (store, trade) -> {
              try {
                store.put(trade);
              } catch (Error e) {
                // As a catch of Throwable does that logs only.
              }
            });

    assertThatThrownBy(failures::aStackOverflowOfItsStoreIsNotSwallowed)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("StackOverflowError");
    assertThatThrownBy(failures::aLinkageErrorOfItsStoreIsNotSwallowed)
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(failures::anAssertionErrorOfItsStoreIsNotSwallowed)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aSinkThatHangsFails() throws Exception {
    SinkFailureContract failures =
        Contract.of(
            (store, trade) -> {
              boolean waits = true;
              while (waits) {
                try {
                  store.await();
                  waits = false;
                } catch (InterruptedException e) {
                  // Waits on.
                }
              }
              store.put(trade);
            });

    assertThatThrownBy(failures::aWriteReturnsSoonAfterItsThreadIsInterrupted)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the write has not returned");
  }
}
