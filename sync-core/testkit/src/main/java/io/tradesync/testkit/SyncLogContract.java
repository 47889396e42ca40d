package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.log.ScopeRecord;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.Verification;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The required part of what {@link SyncLog} promises, as tests. To prove a log, extend this class
 * and say how to make an empty one. If the log also remembers what was verified and records its
 * scope, extend {@link CompleteSyncLogContract} instead.
 *
 * <p>The rules are named by {@link TransactionContract}, {@link ClaimContract}, {@link
 * RevisionContract}, {@link LogEntriesContract}, {@link FailedTradesContract}, {@link
 * OrphanTrackerContract}, {@link RunHistoryContract}, {@link RunLeaseContract}, and here:
 *
 * <ul>
 *   <li>Optional views are declared by the contract that is extended.
 * </ul>
 *
 * <p>A failure says which rule was broken, what the log was asked and answered, and what was
 * expected.
 */
public abstract class SyncLogContract {

  /** The second at which the trades of these tests begin. */
  protected static final long T = LogContract.T;

  protected SyncLogContract() {}

  /**
   * Makes an empty log; called before each test.
   *
   * @return a log that {@link SyncLog#prepare()} was not called on yet
   * @throws Exception to fail the test
   */
  protected abstract SyncLog emptyLog() throws Exception;

  @Test
  void optionalViewsAreDeclaredByTheContractThatIsExtended() throws Exception {
    SyncLog log = emptyLog();
    boolean isComplete = this instanceof CompleteSyncLogContract;

    assertThat(log.verification() != Verification.NONE)
        .as("%s remembers what was verified, so its test extends CompleteSyncLogContract", log)
        .isEqualTo(isComplete);
    assertThat(log.recordsHandOuts())
        .as("%s records hand-outs, so its test extends CompleteSyncLogContract", log)
        .isEqualTo(isComplete);
    assertThat(log.scope() != ScopeRecord.NONE)
        .as("%s records its scope, so its test extends CompleteSyncLogContract", log)
        .isEqualTo(isComplete);
  }

  @Nested
  class Transactions extends TransactionContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return SyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Claims extends ClaimContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return SyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Revisions extends RevisionContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return SyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Entries extends LogEntriesContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return SyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Failures extends FailedTradesContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return SyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Orphans extends OrphanTrackerContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return SyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Runs extends RunHistoryContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return SyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Leases extends RunLeaseContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return SyncLogContract.this.emptyLog();
    }
  }
}
