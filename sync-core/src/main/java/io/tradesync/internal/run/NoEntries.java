package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import java.util.List;

/** Reads no entry of a log, for a force that looks at the source alone. */
record NoEntries() implements LogEntries {

  @Override
  public List<LogEntry> page(List<KeyRange> ranges, int limit) {
    return List.of();
  }

  @Override
  public List<LogEntry> find(List<TradeKey> keys) {
    return List.of();
  }
}
