package io.tradesync.inmemory;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.LogState.Row;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.TradeFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Entries of a log in memory. */
record InMemoryLogEntries(LogState state) implements LogEntries {

  @Override
  public List<LogEntry> page(List<KeyRange> ranges, int limit) {
    synchronized (state.lock) {
      return ranges.stream()
          .flatMap(range -> state.in(range).entrySet().stream())
          .limit(limit)
          .map(e -> entry(e.getKey(), e.getValue()))
          .toList();
    }
  }

  @Override
  public List<LogDigest> digests(KeyRange range, long bucketSeconds) {
    synchronized (state.lock) {
      Map<Long, LogDigest> buckets = new TreeMap<>();
      state
          .in(range)
          .forEach(
              (key, row) -> {
                long bucket = (key.epochSecond() - range.after().epochSecond()) / bucketSeconds;
                LogDigest one = digest(bucket, row);
                buckets.merge(bucket, one, LogDigest::plus);
              });
      buckets.values().removeIf(digest -> digest.processed() == 0 && digest.errors() == 0);
      return List.copyOf(buckets.values());
    }
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    synchronized (state.lock) {
      return state.in(range).entrySet().stream()
          .filter(entry -> entry.getValue().status() != EntryStatus.RETRACTED)
          .map(Map.Entry::getKey)
          .findFirst();
    }
  }

  @Override
  public Optional<TradeKey> lastProcessed(KeyRange range) {
    synchronized (state.lock) {
      return state.in(range).descendingMap().entrySet().stream()
          .filter(entry -> entry.getValue().status() == EntryStatus.PROCESSED)
          .map(Map.Entry::getKey)
          .findFirst();
    }
  }

  @Override
  public void markFailed(List<TradeFailure> failures, String runId, int parkAfter) {
    synchronized (state.lock) {
      for (TradeFailure failure : failures) {
        Row row = state.rows.get(failure.key());
        boolean held = row != null && row.status() == EntryStatus.PROCESSED;
        if (held && row != null && row.fingerprint() == failure.fingerprint()) {
          continue;
        }
        state.mark(failure.key().epochSecond(), state.markThrough);
        boolean same = row != null && row.reason() != null && row.failed() == failure.fingerprint();
        int dataFailures =
            (same && row != null ? row.dataFailures() : 0)
                + (failure.ofData() && !runId.isEmpty() ? 1 : 0);
        state.rows.put(
            failure.key(),
            new Row(
                held ? EntryStatus.PROCESSED : EntryStatus.ERROR,
                held && row != null ? row.fingerprint() : failure.fingerprint(),
                row == null ? 1 : row.attempts() + 1,
                dataFailures,
                dataFailures >= parkAfter,
                failure.fingerprint(),
                state.clock.instant(),
                failure.reason(),
                runId));
      }
    }
  }

  @Override
  public long releaseParked(KeyRange range) {
    synchronized (state.lock) {
      long released = 0;
      for (Map.Entry<TradeKey, Row> entry : state.in(range).entrySet()) {
        if (entry.getValue().parked()) {
          entry.setValue(entry.getValue().released());
          released++;
        }
      }
      return released;
    }
  }

  @Override
  public List<FailedTrade> failed(TradeKey after, int limit) {
    synchronized (state.lock) {
      return state.rows.tailMap(after, false).entrySet().stream()
          .filter(entry -> entry.getValue().reason() != null)
          .limit(limit)
          .map(
              entry -> {
                Row row = entry.getValue();
                String reason = row.reason() == null ? "" : row.reason();
                return new FailedTrade(
                    entry.getKey(), reason, row.attempts(), row.at(), row.runId(), row.parked());
              })
          .toList();
    }
  }

  @Override
  public List<LogDigest> digests(List<KeyRange> ranges) {
    synchronized (state.lock) {
      List<LogDigest> digests = new ArrayList<>();
      for (KeyRange range : ranges) {
        int place = digests.size();
        digests.add(
            state.in(range).values().stream()
                .map(row -> digest(place, row))
                .reduce(new LogDigest(place, 0, 0, 0), LogDigest::plus));
      }
      return digests;
    }
  }

  @Override
  public List<LogEntry> find(List<TradeKey> keys) {
    synchronized (state.lock) {
      List<LogEntry> found = new ArrayList<>();
      for (TradeKey key : keys) {
        Row row = state.rows.get(key);
        if (row != null) {
          found.add(entry(key, row));
        }
      }
      return found;
    }
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    synchronized (state.lock) {
      return state.in(range).descendingMap().entrySet().stream()
          .filter(entry -> entry.getValue().status() != EntryStatus.RETRACTED)
          .map(Map.Entry::getKey)
          .findFirst();
    }
  }

  private static LogEntry entry(TradeKey key, Row row) {
    return new LogEntry(key, row.status(), row.fingerprint(), row.parked() ? row.failed() : null);
  }

  private static LogDigest digest(long bucket, Row row) {
    return switch (row.status()) {
      case PROCESSED -> new LogDigest(bucket, 1, row.fingerprint(), 0);
      case ERROR -> new LogDigest(bucket, 0, 0, 1);
      case RETRACTED -> new LogDigest(bucket, 0, 0, 0);
    };
  }
}
