package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Trade;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.SyncLog;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#transact}: commit, rollback, and claims that meet.
 *
 * <ul>
 *   <li>What the work throws is thrown and rolls everything back.
 *   <li>The handle is of the type that the log declares.
 *   <li>Of two claims at once one waits and sees what the other committed.
 *   <li>A claim that waited for one that was rolled back gets the trade.
 *   <li>A failure that the log does not know has no kind.
 * </ul>
 */
public abstract class TransactionContract extends LogContract {

  @Test
  void whatTheWorkThrowsIsThrownAndRollsEverythingBack() {
    Trade a = trade("a", T, 1);

    assertThatThrownBy(
            () ->
                log.transact(
                    null,
                    transaction -> {
                      transaction.claim(request(ClaimMode.NEW, "r", a));
                      throw new IOException("boom");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("boom");
    assertThat(entries()).isEmpty();
  }

  @Test
  void theHandleIsOfTheTypeThatTheLogDeclares() throws Exception {
    Object handle = log.transact(null, transaction -> transaction.handle());

    assertThat(handle).isInstanceOf(log.transactionType());
  }

  @Test
  void ofTwoClaimsAtOnceOneWaitsAndSeesWhatTheOtherCommitted() throws Exception {
    Trade a = trade("a", T, 1);
    CountDownLatch claimed = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Claim> first =
        async(
            () ->
                log.transact(
                    null,
                    transaction -> {
                      Claim claim = transaction.claim(request(ClaimMode.NEW, "r", a));
                      claimed.countDown();
                      commit.await();
                      return claim;
                    }));
    assertThat(claimed.await(20, SECONDS)).isTrue();
    CompletableFuture<Claim> second = async(() -> claim(ClaimMode.NEW, a));

    assertThat(second).isNotDone();
    commit.countDown();

    assertThat(first.get(10, SECONDS).changes()).hasSize(1);
    assertThat(second.get(10, SECONDS).known()).containsExactly(a);
  }

  @Test
  void aClaimThatWaitedForOneThatWasRolledBackGetsTheTrade() throws Exception {
    Trade a = trade("a", T, 1);
    CountDownLatch claimed = new CountDownLatch(1);
    CountDownLatch fail = new CountDownLatch(1);
    CompletableFuture<Object> first =
        async(
            () ->
                log.transact(
                    null,
                    transaction -> {
                      Claim ignored = transaction.claim(request(ClaimMode.NEW, "r", a));
                      claimed.countDown();
                      fail.await();
                      throw new IOException("boom");
                    }));
    assertThat(claimed.await(20, SECONDS)).isTrue();
    CompletableFuture<Claim> second = async(() -> claim(ClaimMode.NEW, a));
    fail.countDown();

    assertThat(second.get(10, SECONDS).changes()).hasSize(1);
    assertThat(first).failsWithin(20, SECONDS);
  }

  @Test
  void aFailureThatTheLogDoesNotKnowHasNoKind() throws Exception {
    log.probe();
    assertThat(log.classify(new IllegalStateException("no kind of mine"))).isEmpty();
  }
}
