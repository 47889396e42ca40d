package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.StoredEntry;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Reads the entries of a log in memory. */
record InMemoryLogEntries(LogState state) implements LogEntries {

  @Override
  public List<LogEntry> page(List<KeyRange> ranges, int limit) {
    synchronized (state.lock) {
      return ranges.stream()
          .flatMap(range -> state.in(range).values().stream())
          .limit(limit)
          .map(StoredEntry::entry)
          .toList();
    }
  }

  @Override
  public List<LogEntry> find(List<TradeKey> keys) {
    synchronized (state.lock) {
      return keys.stream()
          .flatMap(key -> Stream.ofNullable(state.rows.get(key)).map(StoredEntry::entry))
          .toList();
    }
  }

  /** As the default, of one moment. */
  @Override
  public List<LogDigest> digests(KeyRange range, long bucketSeconds) {
    synchronized (state.lock) {
      return LogEntries.super.digests(range, bucketSeconds);
    }
  }

  /** As the default, of one moment. */
  @Override
  public List<LogDigest> digests(List<KeyRange> ranges) {
    synchronized (state.lock) {
      return LogEntries.super.digests(ranges);
    }
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    return last(range, entry -> entry.status() != EntryStatus.RETRACTED);
  }

  @Override
  public Optional<TradeKey> lastProcessed(KeyRange range) {
    return last(range, entry -> entry.status() == EntryStatus.PROCESSED);
  }

  private Optional<TradeKey> last(KeyRange range, Predicate<StoredEntry> counts) {
    synchronized (state.lock) {
      return state.in(range).descendingMap().values().stream()
          .filter(counts)
          .map(StoredEntry::key)
          .findFirst();
    }
  }

  @Override
  public List<HandOut> handOuts(List<KeyRange> ranges, int limit) {
    synchronized (state.lock) {
      return ranges.stream()
          .filter(range -> !range.isEmpty())
          .flatMap(
              range ->
                  state.handOuts.subMap(range.after(), false, range.upTo(), true).values().stream())
          .limit(limit)
          .toList();
    }
  }

  @Override
  public Optional<TradeKey> lastHandOut(KeyRange range) {
    synchronized (state.lock) {
      return range.isEmpty()
          ? Optional.empty()
          : Optional.ofNullable(state.handOuts.floorKey(range.upTo())).filter(range::contains);
    }
  }
}
