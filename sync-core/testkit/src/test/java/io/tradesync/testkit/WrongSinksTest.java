package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeChange;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
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
          } catch (Throwable e) {
            throwSneakily(e);
          }
        }
      };
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void throwSneakily(Throwable failure) throws E {
      throw (E) failure;
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

  /** Runs the one test that a contract has for what its subclass can arrange. */
  private static void play(Stream<DynamicTest> tests) throws Throwable {
    List<DynamicTest> all = tests.toList();
    assertThat(all).hasSize(1);
    all.get(0).getExecutable().execute();
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
              play(failures.anSqlExceptionOfItsStoreIsNotSwallowed());
              play(failures.aConnectionFailureOfItsStoreIsNotSwallowed());
              play(failures.aStackOverflowOfItsStoreIsNotSwallowed());
              play(failures.aLinkageErrorOfItsStoreIsNotSwallowed());
              play(failures.anAssertionErrorOfItsStoreIsNotSwallowed());
              play(failures.aRuntimeExceptionOfItsStoreIsNotSwallowed());
              play(failures.aThrowableThatIsNoExceptionIsNotSwallowed());
              play(failures.anOutOfMemoryErrorOfItsStoreIsNotSwallowed());
              failures.aFailureOfTheLogsTransactionIsNotIgnored();
              play(failures.aWriteReturnsSoonAfterItsThreadIsInterrupted());
            })
        .doesNotThrowAnyException();
  }

  @Test
  void aContractThatCanArrangeNoFailureHasNoTestOfIt() throws Exception {
    AnalyticsSinkContract contract = new InMemorySinkContractTest();
    contract.make();
    SinkFailureContract failures = contract.new Failures();
    failures.useSink();

    assertThat(failures.anSqlExceptionOfItsStoreIsNotSwallowed()).isEmpty();
    assertThat(failures.aConnectionFailureOfItsStoreIsNotSwallowed()).isEmpty();
    assertThat(failures.aStackOverflowOfItsStoreIsNotSwallowed()).isEmpty();
    assertThat(failures.aLinkageErrorOfItsStoreIsNotSwallowed()).isEmpty();
    assertThat(failures.anAssertionErrorOfItsStoreIsNotSwallowed()).isEmpty();
    assertThat(failures.aRuntimeExceptionOfItsStoreIsNotSwallowed()).isEmpty();
    assertThat(failures.aThrowableThatIsNoExceptionIsNotSwallowed()).isEmpty();
    assertThat(failures.anOutOfMemoryErrorOfItsStoreIsNotSwallowed()).isEmpty();
    assertThat(failures.aWriteReturnsSoonAfterItsThreadIsInterrupted()).isEmpty();
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

    assertThatThrownBy(() -> play(failures.anSqlExceptionOfItsStoreIsNotSwallowed()))
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

    assertThatThrownBy(() -> play(failures.aStackOverflowOfItsStoreIsNotSwallowed()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("StackOverflowError");
    assertThatThrownBy(() -> play(failures.aLinkageErrorOfItsStoreIsNotSwallowed()))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> play(failures.anAssertionErrorOfItsStoreIsNotSwallowed()))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> play(failures.anOutOfMemoryErrorOfItsStoreIsNotSwallowed()))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aSinkThatSwallowsWhatIsNeitherAnExceptionNorAnErrorFails() throws Throwable {
    SinkFailureContract failures =
        Contract.of(
            (store, trade) -> {
              try {
                store.put(trade);
              } catch (Exception | Error e) {
                throw e;
              } catch (Throwable e) {
                // As the end of a future does that is not asked how it ended.
              }
            });

    play(failures.anSqlExceptionOfItsStoreIsNotSwallowed());
    assertThatThrownBy(() -> play(failures.aThrowableThatIsNoExceptionIsNotSwallowed()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("neither an exception nor an error")
        .hasMessageContaining("due is that the sink throws, but it returned");
  }

  @Test
  void aSinkThatIgnoresExceptionsOfItsOwnCodeFails() throws Exception {
    SinkFailureContract failures =
        Contract.of(
            (store, trade) -> {
              try {
                store.put(trade);
              } catch (RuntimeException e) {
                // As a loop does that goes on with the next trade.
              }
            });

    assertThatThrownBy(() -> play(failures.aRuntimeExceptionOfItsStoreIsNotSwallowed()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no rows");
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

    assertThatThrownBy(() -> play(failures.aWriteReturnsSoonAfterItsThreadIsInterrupted()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the write has not returned");
  }
}
