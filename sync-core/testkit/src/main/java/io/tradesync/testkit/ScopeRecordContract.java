package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.log.SyncLog;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#scope} of a log that records it.
 *
 * <ul>
 *   <li>The baseline is kept or replaced as asked.
 * </ul>
 */
public abstract class ScopeRecordContract extends LogContract {

  @Test
  void theBaselineIsKeptOrReplacedAsAsked() {
    assertThat(log.scope().keepBaseline(T)).isEqualTo(T);
    assertThat(log.scope().keepBaseline(T + 1)).isEqualTo(T);
    log.scope().setBaseline(T + 2);
    assertThat(log.scope().keepBaseline(T)).isEqualTo(T + 2);
  }
}
