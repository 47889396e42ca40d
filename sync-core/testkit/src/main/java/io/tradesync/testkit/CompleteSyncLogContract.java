package io.tradesync.testkit;

import io.tradesync.spi.log.SyncLog;
import org.junit.jupiter.api.Nested;

/**
 * All of what {@link SyncLog} promises, as tests: for a log that records hand-outs, remembers what
 * was verified, offers snapshots and work outside transactions, tracks ids for a limited time,
 * records its scope, passes requests to stop on, and keeps rows outside the key order.
 *
 * <p>The rules beside those of {@link SyncLogContract} are named by {@link VerificationContract},
 * {@link SnapshotContract}, {@link WorkOutsideContract}, {@link HandOutContract}, {@link
 * RetractedIdsContract}, {@link CancelRequestContract}, {@link TrackedIdsContract}, {@link
 * ScopeRecordContract} and {@link OutsideRowsContract}.
 */
public abstract class CompleteSyncLogContract extends SyncLogContract {

  protected CompleteSyncLogContract() {}

  @Nested
  class Remembered extends VerificationContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Snapshots extends SnapshotContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class OutsideTransactions extends WorkOutsideContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class HandOuts extends HandOutContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class RetractedIds extends RetractedIdsContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class CancelRequests extends CancelRequestContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Ids extends TrackedIdsContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class RecordedScope extends ScopeRecordContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }

  @Nested
  class Outside extends OutsideRowsContract {
    @Override
    protected SyncLog emptyLog() throws Exception {
      return CompleteSyncLogContract.this.emptyLog();
    }
  }
}
