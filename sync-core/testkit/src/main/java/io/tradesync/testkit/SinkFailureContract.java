package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tradesync.Trade;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Checks that no failure of a sink's own store is hidden from the engine. */
abstract class SinkFailureContract extends SinkContractPart {

  private static final int SECONDS_TO_RETURN = 10;

  SinkFailureContract(AnalyticsSinkContract contract) {
    super(contract);
  }

  private TradeBatch inserts(List<Trade> trades) {
    return batch(false, trades.stream().map(TradeChange.Insert::new).toList());
  }

  private void assertThrown(Throwable failure) throws Exception {
    if (!contract.failNextWrite(failure)) {
      return;
    }
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

  @Test
  void anSqlExceptionOfItsStoreIsNotSwallowed() throws Exception {
    assertThrown(new SQLException("duplicate key", "23505"));
  }

  @Test
  void aConnectionFailureOfItsStoreIsNotSwallowed() throws Exception {
    assertThrown(new IOException("connection reset"));
  }

  @Test
  void aStackOverflowOfItsStoreIsNotSwallowed() throws Exception {
    assertThrown(new StackOverflowError());
  }

  @Test
  void aLinkageErrorOfItsStoreIsNotSwallowed() throws Exception {
    assertThrown(new NoClassDefFoundError("a/B"));
  }

  @Test
  void anAssertionErrorOfItsStoreIsNotSwallowed() throws Exception {
    assertThrown(new AssertionError("negative"));
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

  @Test
  void aWriteReturnsSoonAfterItsThreadIsInterrupted() throws Exception {
    if (!contract.stall()) {
      return;
    }
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
              + " within %d s, but the write has not returned".formatted(SECONDS_TO_RETURN),
          e);
    } finally {
      contract.resume();
    }
  }

  private static void awaitWaiting(Thread writer) throws InterruptedException {
    while (writer.getState() == Thread.State.RUNNABLE || writer.getState() == Thread.State.NEW) {
      Thread.sleep(10);
    }
  }
}
