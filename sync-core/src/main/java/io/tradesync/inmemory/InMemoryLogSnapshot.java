package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the entries while nothing is committed. */
record InMemoryLogSnapshot(LogState state) implements LogSnapshot {

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    return held(range, 1).stream().map(KeyFingerprint::key).findFirst();
  }

  @Override
  public List<HeldDigest> digests(KeyRange range, long bucketSeconds) {
    Map<Long, HeldDigest> buckets = new TreeMap<>();
    held(range, Integer.MAX_VALUE)
        .forEach(
            entry ->
                InMemorySink.addTo(
                    buckets, bucketSeconds, entry.key().epochSecond(), entry.fingerprint()));
    return List.copyOf(buckets.values());
  }

  @Override
  public List<KeyFingerprint> held(KeyRange range, int limit) {
    return state.in(range).entrySet().stream()
        .filter(entry -> entry.getValue().status() == EntryStatus.PROCESSED)
        .limit(limit)
        .map(entry -> new KeyFingerprint(entry.getKey(), entry.getValue().fingerprint()))
        .toList();
  }

  @Override
  public InMemoryTransaction handle() {
    return new InMemoryTransaction();
  }
}
