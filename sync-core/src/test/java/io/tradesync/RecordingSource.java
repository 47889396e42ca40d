package io.tradesync;

import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what is asked of a source, and is too slow for what is larger than it was told. */
public final class RecordingSource implements TradeSource {

  private final InMemoryTradeSource trades;
  private final long maxDigested;
  private final long maxListed;

  /** Requests of any kind. */
  public final AtomicLong requests = new AtomicLong();

  /** Trades and keys given out. */
  public final AtomicLong rows = new AtomicLong();

  /** Trades read whole, by page. */
  public final AtomicLong read = new AtomicLong();

  /** Requests for pages of whole trades. */
  public final AtomicLong pages = new AtomicLong();

  /** Requests that took too long. */
  public final AtomicLong refused = new AtomicLong();

  public RecordingSource(InMemoryTradeSource trades) {
    this(trades, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  public RecordingSource(InMemoryTradeSource trades, long maxDigested, long maxListed) {
    this.trades = trades;
    this.maxDigested = maxDigested;
    this.maxListed = maxListed;
  }

  private <T> T limited(long rowsTouched, long most, T answer) {
    requests.incrementAndGet();
    if (rowsTouched > most) {
      refused.incrementAndGet();
      throw SideUnavailableException.tooSlow(Side.SOURCE, rowsTouched + " rows", null);
    }
    return answer;
  }

  @Override
  public SourcePage<Trade> page(KeyRange range, int limit) {
    return page(List.of(range), limit);
  }

  @Override
  public SourcePage<Trade> page(List<KeyRange> ranges, int limit) {
    SourcePage<Trade> page = trades.page(ranges, limit);
    int held = page.rows().size();
    limited(held, maxListed, page);
    pages.incrementAndGet();
    rows.addAndGet(held);
    read.addAndGet(held);
    return page;
  }

  @Override
  public SourcePage<Trade> byIds(Collection<String> ids) {
    requests.incrementAndGet();
    rows.addAndGet(ids.size());
    return trades.byIds(ids);
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    requests.incrementAndGet();
    return trades.first(range);
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    requests.incrementAndGet();
    return trades.last(range);
  }

  @Override
  public long count(KeyRange range) {
    long count = trades.count(range);
    return limited(count, maxDigested, count);
  }

  @Override
  public List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
    List<SourceDigest> digests = trades.digests(range, bucketSeconds);
    return limited(digests.stream().mapToLong(SourceDigest::count).sum(), maxDigested, digests);
  }

  @Override
  public SourcePage<KeyFingerprint> keys(List<KeyRange> ranges, int limit) {
    SourcePage<KeyFingerprint> keys = trades.keys(ranges, limit);
    limited(keys.rows().size(), maxListed, keys);
    rows.addAndGet(keys.rows().size());
    return keys;
  }
}
