package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.tradesync.Trade;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** Checks that no failure of a sink's own store is hidden from the engine. */
abstract class SinkFailureContract extends SinkContractPart {

  private static final int SECONDS_TO_RETURN = 10;

  SinkFailureContract(AnalyticsSinkContract contract) {
    super(contract);
  }

  private TradeBatch inserts(List<Trade> trades) {
    return batch(false, trades.stream().map(TradeChange.Insert::new).toList());
  }

  /** One test if the contract can arrange the failure, otherwise none: no test passes unchecked. */
  private static Stream<DynamicTest> testIf(boolean isArranged, String name, Executable test) {
    return isArranged ? Stream.of(dynamicTest(name, test)) : Stream.empty();
  }

  private Stream<DynamicTest> isThrown(Throwable failure) throws Exception {
    return testIf(contract.failNextWrite(failure), failure.toString(), () -> assertThrown(failure));
  }

  private void assertThrown(Throwable failure) throws Exception {
    List<Trade> trades = trades(5);
    TradeBatch batch = inserts(trades);
    Throwable thrown = catchThrowable(() -> write(batch));
    assertThat(thrown)
        .as(
            "the sink's store threw %s at a write of %d trades; due is that the sink throws, but it"
                + " returned, and the engine records the trades as processed",
            failure, trades.size())
        .isNotNull();
    write(batch);
    assertHeld(trades);
  }

  @TestFactory
  Stream<DynamicTest> anSqlExceptionOfItsStoreIsNotSwallowed() throws Exception {
    return isThrown(new SQLException("duplicate key", "23505"));
  }

  @TestFactory
  Stream<DynamicTest> aConnectionFailureOfItsStoreIsNotSwallowed() throws Exception {
    return isThrown(new IOException("connection reset"));
  }

  @TestFactory
  Stream<DynamicTest> aStackOverflowOfItsStoreIsNotSwallowed() throws Exception {
    return isThrown(new StackOverflowError());
  }

  @TestFactory
  Stream<DynamicTest> aLinkageErrorOfItsStoreIsNotSwallowed() throws Exception {
    return isThrown(new NoClassDefFoundError("a/B"));
  }

  @TestFactory
  Stream<DynamicTest> anAssertionErrorOfItsStoreIsNotSwallowed() throws Exception {
    return isThrown(new AssertionError("negative"));
  }

  @TestFactory
  Stream<DynamicTest> aRuntimeExceptionOfItsStoreIsNotSwallowed() throws Exception {
    return isThrown(new IllegalStateException("no rows"));
  }

  /** As code throws it that checks no exceptions: Kotlin, Scala, or Lombok's sneaky throws. */
  @TestFactory
  Stream<DynamicTest> aThrowableThatIsNoExceptionIsNotSwallowed() throws Exception {
    return isThrown(new Throwable("neither an exception nor an error"));
  }

  @TestFactory
  Stream<DynamicTest> anOutOfMemoryErrorOfItsStoreIsNotSwallowed() throws Exception {
    return isThrown(new OutOfMemoryError("Java heap space"));
  }

  /** A database rolls a transaction back after an error, whatever the sink makes of the error. */
  @Test
  void aFailureOfTheLogsTransactionIsNotIgnored() throws Exception {
    if (!(sink instanceof TransactionalSink<?>)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(2);
    insert(trades.subList(0, 1));
    Throwable thrown = catchThrowable(() -> write(inserts(trades)));
    if (thrown == null) {
      assertThat(contract.held())
          .as("the write of %s returned, so it is due to be held", trades.get(1).key())
          .contains(contract.kept(trades.get(1)));
    } else {
      assertThat(thrown)
          .as("a trade that is there already was inserted; due is what the database says about it")
          .hasMessageNotContaining("the sink ignored a failure");
    }
  }

  @TestFactory
  Stream<DynamicTest> aWriteReturnsSoonAfterItsThreadIsInterrupted() throws Exception {
    return testIf(contract.stall(), "the store does not answer", this::assertInterruptible);
  }

  private void assertInterruptible() throws Exception {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    TradeBatch batch = inserts(trades(3));
    Thread writer = new Thread(() -> end.complete(catchThrowable(() -> write(batch))), "writer");
    writer.setDaemon(true);
    try {
      writer.start();
      awaitWaiting(writer);
      writer.interrupt();
      Throwable thrown = end.get(SECONDS_TO_RETURN, SECONDS);
      assertThat(thrown)
          .as(
              "the sink's store did not answer, and the thread was interrupted; due is an"
                  + " exception")
          .isNotNull();
    } catch (TimeoutException e) {
      throw new AssertionError(
          "the sink's store did not answer, and the thread was interrupted; due is an exception"
              + " within "
              + SECONDS_TO_RETURN
              + " s, but the write has not returned",
          e);
    } finally {
      contract.resume();
    }
  }

  private static void awaitWaiting(Thread writer) throws InterruptedException {
    // A thread that waits for a socket stays runnable.
    long end = System.nanoTime() + SECONDS.toNanos(SECONDS_TO_RETURN);
    while (writer.getState() == Thread.State.RUNNABLE && System.nanoTime() < end) {
      Thread.sleep(10);
    }
  }
}
