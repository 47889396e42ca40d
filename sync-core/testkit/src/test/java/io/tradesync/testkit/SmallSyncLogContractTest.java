package io.tradesync.testkit;

import io.tradesync.spi.log.SyncLog;
import java.time.Clock;

class SmallSyncLogContractTest extends SyncLogContract {

  @Override
  protected SyncLog emptyLog() {
    return new SmallSyncLog(Clock.systemUTC());
  }
}
