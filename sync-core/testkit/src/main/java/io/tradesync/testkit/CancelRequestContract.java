package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.RunLease;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link RunLease#requestCancel} of a log that passes requests on.
 *
 * <ul>
 *   <li>A holder that is asked to stop learns it, and the next holder does not.
 * </ul>
 */
public abstract class CancelRequestContract extends LogContract {

  @Test
  void aHolderThatIsAskedToStopLearnsItAndTheNextHolderDoesNot() {
    FencingToken token = log.lease().acquire(LeaseKind.RUN, "r1", LONG);

    assertThat(log.lease().requestCancel("r2")).isFalse();
    assertThat(log.lease().isCancelRequested(token)).isFalse();
    assertThat(log.lease().requestCancel("r1")).isTrue();
    assertThat(log.lease().requestCancel("r1")).isTrue();
    assertThat(log.lease().isCancelRequested(token)).isTrue();
    assertThat(log.lease().renew(token, LONG)).isTrue();
    assertThat(log.lease().isCancelRequested(token)).isTrue();

    log.lease().release(token);

    assertThat(log.lease().requestCancel("r1")).isFalse();
    FencingToken next = log.lease().acquire(LeaseKind.RUN, "r3", LONG);
    assertThat(log.lease().isCancelRequested(next)).isFalse();
  }
}
