package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import java.util.List;
import java.util.Optional;

/** The entries of a log whose sink joins its transactions: spares asking for hand-outs. */
record EntriesWithoutHandOuts(LogEntries entries) implements LogEntries {

  @Override
  public List<LogEntry> page(List<KeyRange> ranges, int limit) {
    return entries.page(ranges, limit);
  }

  @Override
  public List<LogEntry> find(List<TradeKey> keys) {
    return entries.find(keys);
  }

  @Override
  public List<LogDigest> digests(KeyRange range, long bucketSeconds) {
    return entries.digests(range, bucketSeconds);
  }

  @Override
  public List<LogDigest> digests(List<KeyRange> ranges) {
    return entries.digests(ranges);
  }

  @Override
  public long errors(List<KeyRange> ranges) {
    return entries.errors(ranges);
  }

  @Override
  public long accepted(List<KeyRange> ranges) {
    return entries.accepted(ranges);
  }

  @Override
  public List<TradeKey> retriable(KeyRange range, int limit) {
    return entries.retriable(range, limit);
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    return entries.first(range);
  }

  @Override
  public Optional<TradeKey> firstProcessed(KeyRange range) {
    return entries.firstProcessed(range);
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    return entries.last(range);
  }

  @Override
  public Optional<TradeKey> lastProcessed(KeyRange range) {
    return entries.lastProcessed(range);
  }
}
