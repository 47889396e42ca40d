package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#lease}.
 *
 * <ul>
 *   <li>One run at a time holds the lease and the second learns which.
 *   <li>A run that asks again for its lease gets the same token.
 *   <li>A released lease cannot be renewed or used.
 *   <li>An audit does not exclude a run.
 *   <li>A lease that is not renewed ends and its holder commits nothing.
 *   <li>A takeover waits for a batch under way.
 * </ul>
 */
public abstract class RunLeaseContract extends LogContract {

  @Test
  void oneRunAtATimeHoldsTheLeaseAndTheSecondLearnsWhich() {
    FencingToken token = log.lease().acquire(LeaseKind.RUN, "r1", LONG);

    assertThatThrownBy(() -> log.lease().acquire(LeaseKind.RUN, "r2", LONG))
        .isInstanceOfSatisfying(
            SyncAlreadyRunningException.class, e -> assertThat(e.runId()).isEqualTo("r1"));
    assertThat(log.lease().renew(token, LONG)).isTrue();
    log.lease().release(token);
    assertThat(log.lease().acquire(LeaseKind.RUN, "r3", LONG).number())
        .isGreaterThan(token.number());
  }

  @Test
  void aRunThatAsksAgainForItsLeaseGetsTheSameToken() throws Exception {
    FencingToken token = log.lease().acquire(LeaseKind.RUN, "r1", LONG);

    assertThat(log.lease().acquire(LeaseKind.RUN, "r1", LONG)).isEqualTo(token);
    assertThat(log.lease().renew(token, LONG)).isTrue();
    assertThat(log.<Boolean>transact(token, transaction -> true)).isTrue();
  }

  /** A heartbeat that was under way when its run ended must not bring the lease back. */
  @Test
  void aReleasedLeaseCannotBeRenewedOrUsed() {
    FencingToken token = log.lease().acquire(LeaseKind.RUN, "r1", LONG);
    log.lease().release(token);

    assertThat(log.lease().renew(token, LONG)).isFalse();
    assertThatThrownBy(() -> log.<Boolean>transact(token, transaction -> true))
        .isInstanceOf(LeaseLostException.class);
    assertThat(log.lease().acquire(LeaseKind.RUN, "r2", LONG).number())
        .isGreaterThan(token.number());
  }

  @Test
  void anAuditDoesNotExcludeARun() {
    FencingToken audit = log.lease().acquire(LeaseKind.AUDIT, "a", LONG);

    assertThat(log.lease().acquire(LeaseKind.RUN, "r", LONG).runId()).isEqualTo("r");
    assertThatThrownBy(() -> log.lease().acquire(LeaseKind.AUDIT, "b", LONG))
        .isInstanceOf(SyncAlreadyRunningException.class);
    assertThat(log.lease().renew(audit, LONG)).isTrue();
  }

  @Test
  void aLeaseThatIsNotRenewedEndsAndItsHolderCommitsNothing() throws Exception {
    FencingToken old = log.lease().acquire(LeaseKind.RUN, "r1", Duration.ofMillis(50));
    FencingToken taken = takeOver("r2");

    assertThat(taken.number()).isGreaterThan(old.number());
    assertThat(log.lease().renew(old, LONG)).isFalse();
    log.lease().release(old);
    assertThatThrownBy(
            () ->
                log.transact(
                    old,
                    transaction ->
                        transaction.claim(request(ClaimMode.NEW, "r1", trade("a", T, 1)))))
        .isInstanceOf(LeaseLostException.class);
    assertThat(entries()).isEmpty();
    assertThat(
            log.transact(
                    taken,
                    transaction ->
                        transaction.claim(request(ClaimMode.NEW, "r2", trade("a", T, 1))))
                .changes())
        .hasSize(1);
  }

  @Test
  void aTakeoverWaitsForABatchUnderWay() throws Exception {
    FencingToken old = log.lease().acquire(LeaseKind.RUN, "r1", Duration.ofMillis(50));
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Claim> batch =
        async(
            () ->
                log.transact(
                    old,
                    transaction -> {
                      inside.countDown();
                      commit.await();
                      return transaction.claim(request(ClaimMode.NEW, "r1", trade("a", T, 1)));
                    }));
    assertThat(inside.await(20, SECONDS)).isTrue();
    CompletableFuture<Integer> seen =
        async(
            () -> {
              FencingToken ignored = takeOver("r2");
              return entries().size();
            });
    commit.countDown();

    assertThat(batch.get(10, SECONDS).changes()).hasSize(1);
    assertThat(seen.get(20, SECONDS)).isEqualTo(1);
  }

  private FencingToken takeOver(String runId) {
    return await()
        .ignoreExceptionsInstanceOf(SyncAlreadyRunningException.class)
        .until(() -> log.lease().acquire(LeaseKind.RUN, runId, LONG), token -> true);
  }
}
