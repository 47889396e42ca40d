package io.tradesync.testkit;

import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.log.SyncLog;

class InMemorySyncLogContractTest extends CompleteSyncLogContract {

  @Override
  protected SyncLog emptyLog() {
    return new InMemorySyncLog();
  }
}
