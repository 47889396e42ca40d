package io.tradesync.spi;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.TradesyncException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks the pages of another source, so that a wrong page is an error and not an overlooked gap.
 * The engine reads every source through this class. A page whose keys descend, that leaves the
 * ranges asked for, that holds more rows than asked for, or that is empty and not the last throws a
 * {@link TradesyncException}, which names the source's class, the request and the row. So does an
 * answer that is null or was to hold a null. Equal keys are no error.
 *
 * @param source the source
 */
public record CheckedTradeSource(TradeSource source) implements TradeSource {

  @Override
  public SourcePage<Trade> page(KeyRange range, int limit) {
    return checked(() -> source.page(range, limit), "page", List.of(range), limit);
  }

  @Override
  public SourcePage<Trade> page(List<KeyRange> ranges, int limit) {
    return checked(() -> source.page(ranges, limit), "page", ranges, limit);
  }

  @Override
  public Optional<List<String>> attributeNames() {
    return asked("attributeNames()", source::attributeNames);
  }

  @Override
  public SourcePage<KeyFingerprint> keys(List<KeyRange> ranges, int limit) {
    return checked(() -> source.keys(ranges, limit), "keys", ranges, limit);
  }

  private <T extends Keyed> SourcePage<T> checked(
      Supplier<SourcePage<T>> answer, String method, List<KeyRange> ranges, int limit) {
    String request = method + "(" + ranges(ranges) + ", " + limit + ")";
    SourcePage<T> page = asked(request, answer);
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
    String request = "byIds(" + ids.size() + " ids)";
    SourcePage<Trade> page = asked(request, () -> source.byIds(ids));
    Set<String> asked = new HashSet<>(ids);
    TradeKey before = TradeKey.MIN;
    for (Keyed row : page.all()) {
      inOrder(before, row.key(), request);
      if (!asked.contains(row.key().id())) {
        throw wrong(request, row.key() + ", which is none of them");
      }
      before = row.key();
    }
    if (!page.isLast() && ids.size() < 2) {
      throw wrong(request, "a page that is not the last");
    }
    return page;
  }

  private <R> R asked(String request, Supplier<@Nullable R> call) {
    try {
      @Nullable R answer = call.get();
      if (answer != null) {
        return answer;
      }
    } catch (NullPointerException e) {
      // A page cannot be made of a row that is null.
      throw new TradesyncException(failed(request, e), e);
    } catch (TradesyncException e) {
      throw isOfASource(e) ? e : notOfASource(request, e);
    }
    throw wrong(request, "null");
  }

  private String failed(String request, Exception failure) {
    return source.getClass().getName() + " failed to answer " + request + ": " + failure;
  }

  private static boolean isOfASource(TradesyncException failure) {
    return failure instanceof SideUnavailableException
        || failure instanceof InvalidSettingException
        || failure.getClass() == TradesyncException.class;
  }

  // Others mean something to the engine, such as a lease that was lost; as a cause, too.
  private RuntimeException notOfASource(String request, TradesyncException failure) {
    IllegalStateException ofSource = new IllegalStateException(failed(request, failure));
    ofSource.addSuppressed(failure);
    return ofSource;
  }

  private <R> R asked(String request, List<KeyRange> ranges, Supplier<@Nullable R> call) {
    return asked(request + "(" + ranges(ranges) + ")", call);
  }

  private void inOrder(TradeKey before, TradeKey key, String request) {
    if (key.isBefore(before)) {
      throw wrong(request, key + " after " + before + ", so not in key order");
    }
  }

  private static String ranges(List<KeyRange> ranges) {
    return ranges.isEmpty()
        ? "no range"
        : ranges.size() == 1
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
    return asked("first", List.of(range), () -> source.first(range));
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    return asked("last", List.of(range), () -> source.last(range));
  }

  @Override
  public long count(KeyRange range) {
    return asked("count", List.of(range), () -> source.count(range));
  }

  @Override
  public List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
    return asked("digests", List.of(range), () -> source.digests(range, bucketSeconds));
  }

  @Override
  public List<SourceDigest> digests(List<KeyRange> ranges) {
    return asked("digests", ranges, () -> source.digests(ranges));
  }

  @Override
  public List<Trade> withPools(List<Trade> trades) {
    return asked("withPools(" + trades.size() + " trades)", () -> source.withPools(trades));
  }

  @Override
  public long countWithoutKey() {
    return source.countWithoutKey();
  }

  @Override
  public List<OutsideRow> outsideKeyOrder(int limit) {
    return asked("outsideKeyOrder(" + limit + ")", () -> source.outsideKeyOrder(limit));
  }

  @Override
  public Optional<Finality> finality() {
    return asked("finality()", source::finality);
  }

  @Override
  public TradeSource only(TradeSelection selection) {
    return new CheckedTradeSource(asked("only(" + selection + ")", () -> source.only(selection)));
  }
}
