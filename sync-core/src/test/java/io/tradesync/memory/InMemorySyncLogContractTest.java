package io.tradesync.memory;

import io.tradesync.spi.SyncLog;
import io.tradesync.testkit.SyncLogContract;

class InMemorySyncLogContractTest extends SyncLogContract {

  @Override
  protected SyncLog emptyLog() {
    return new InMemorySyncLog();
  }
}
