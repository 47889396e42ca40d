package io.tradesync.spi;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.TradesyncException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks the pages of another source, so that a wrong page is an error and not an overlooked gap.
 * The engine reads every source through this class. A page whose keys descend, that leaves the
 * ranges asked for, that holds more rows than asked for, or that is empty and not the last throws a
 * {@link TradesyncException}, which names the source's class, the request and the row. Equal keys
 * are no error.
 *
 * @param source the source
 */
public record CheckedTradeSource(TradeSource source) implements TradeSource {

  @Override
  public SourcePage<Trade> page(KeyRange range, int limit) {
    return checked(source.page(range, limit), "page", List.of(range), limit);
  }

  @Override
  public SourcePage<Trade> page(List<KeyRange> ranges, int limit) {
    return checked(source.page(ranges, limit), "page", ranges, limit);
  }

  @Override
  public Optional<List<String>> attributeNames() {
    return source.attributeNames();
  }

  @Override
  public SourcePage<KeyFingerprint> keys(List<KeyRange> ranges, int limit) {
    return checked(source.keys(ranges, limit), "keys", ranges, limit);
  }

  private <T extends Keyed> SourcePage<T> checked(
      SourcePage<T> page, String method, List<KeyRange> ranges, int limit) {
    String request = method + "(" + ranges(ranges) + ", " + limit + ")";
    int place = 0;
    TradeKey before = TradeKey.MIN;
    List<? extends Keyed> rows = page.all();
    for (Keyed row : rows) {
      TradeKey key = row.key();
      inOrder(before, key, request);
      while (place < ranges.size() && ranges.get(place).upTo().isBefore(key)) {
        place++;
      }
      if (place == ranges.size() || !ranges.get(place).contains(key)) {
        throw wrong(request, key + ", which is outside the ranges asked for");
      }
      before = key;
    }
    if (rows.size() > limit) {
      TradeKey tooMany = rows.get(limit).key();
      throw wrong(request, rows.size() + " rows, of which " + tooMany + " is too many");
    }
    if (rows.isEmpty() && !page.isLast()) {
      throw wrong(request, "a page without a row that is not the last");
    }
    return page;
  }

  @Override
  public SourcePage<Trade> byIds(Collection<String> ids) {
    SourcePage<Trade> page = source.byIds(ids);
    String request = "byIds(" + ids.size() + " ids)";
    Set<String> asked = new HashSet<>(ids);
    TradeKey before = TradeKey.MIN;
    for (Keyed row : page.all()) {
      inOrder(before, row.key(), request);
      if (!asked.contains(row.key().id())) {
        throw wrong(request, row.key() + ", which is none of them");
      }
      before = row.key();
    }
    if (!page.isLast()) {
      throw wrong(request, "a page that is not the last");
    }
    return page;
  }

  private void inOrder(TradeKey before, TradeKey key, String request) {
    if (key.isBefore(before)) {
      throw wrong(request, key + " after " + before + ", so not in key order");
    }
  }

  private static String ranges(List<KeyRange> ranges) {
    return ranges.size() == 1
        ? ranges.get(0).toString()
        : ranges.size() + " ranges from " + ranges.get(0) + " on";
  }

  private TradesyncException wrong(String request, String answer) {
    return new TradesyncException(
        source.getClass().getName() + " answered " + request + " with " + answer);
  }

  @Override
  public void prepare() {
    source.prepare();
  }

  @Override
  public void probe() throws Exception {
    source.probe();
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return source.classify(failure);
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    return source.first(range);
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    return source.last(range);
  }

  @Override
  public long count(KeyRange range) {
    return source.count(range);
  }

  @Override
  public List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
    return source.digests(range, bucketSeconds);
  }

  @Override
  public List<SourceDigest> digests(List<KeyRange> ranges) {
    return source.digests(ranges);
  }

  @Override
  public List<Trade> withPools(List<Trade> trades) {
    return source.withPools(trades);
  }

  @Override
  public long countWithoutKey() {
    return source.countWithoutKey();
  }

  @Override
  public List<OutsideRow> outsideKeyOrder(int limit) {
    return source.outsideKeyOrder(limit);
  }

  @Override
  public Optional<Finality> finality() {
    return source.finality();
  }

  @Override
  public TradeSource only(TradeSelection selection) {
    return new CheckedTradeSource(source.only(selection));
  }
}
