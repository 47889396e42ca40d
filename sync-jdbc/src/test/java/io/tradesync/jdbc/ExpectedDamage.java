package io.tradesync.jdbc;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sub-ranges that an audit must name, and no others, found in plain Java from everything that
 * the store holds.
 *
 * @param trades where a row of trades differs
 * @param candles where a candle begins that does not follow from its rows or its shorter candles
 */
record ExpectedDamage(Set<Long> trades, Set<Long> candles) {

  private static final String ROWS =
      """
      select floor(extract(epoch from ts))::bigint as second, ts, trade_id, trade_timestamp,
        chain_id, pool_id, side, trim_scale(price) as price, trim_scale(quantity) as quantity,
        trim_scale(volume) as volume, transaction_id, nullif(attributes, '{}')::text as attributes
      from analytics_trades order by ts, trade_id\
      """;

  private static final String CANDLES =
      """
      select floor(extract(epoch from bucket_start))::bigint as second, bucket_start,
        bucket_start = to_timestamp(floor(extract(epoch from bucket_start))) as whole,
        bucket_seconds, chain_id, pool_id, trades, trim_scale(open) as open,
        trim_scale(high) as high, trim_scale(low) as low, trim_scale(close) as close,
        trim_scale(volume) as volume, trim_scale(quote_volume) as quote_volume, open_timestamp,
        open_id, close_timestamp, close_id
      from trade_candles order by bucket_seconds, bucket_start, chain_id, pool_id\
      """;

  /** What a candle is computed from: a row, or a shorter candle. */
  private record Part(
      Group group,
      @Nullable Long trades,
      @Nullable BigDecimal high,
      @Nullable BigDecimal low,
      @Nullable BigDecimal volume,
      @Nullable BigDecimal quoteVolume,
      Price open,
      Price close) {}

  private record Group(long chainId, String poolId, long second) {

    Group startOf(long length) {
      return new Group(chainId, poolId, second - Math.floorMod(second, length));
    }
  }

  private record Price(@Nullable BigDecimal value, @Nullable Long second, @Nullable String id) {

    private static final Comparator<Price> BY_KEY =
        Comparator.comparing(Price::second).thenComparing(Price::id);

    boolean hasKey() {
      return second != null && id != null;
    }
  }

  /** All rows of trades, and all candles. */
  record Store(List<Map<String, Object>> rows, List<Map<String, Object>> candles) {

    static Store of(StoreFixture store) {
      return new Store(store.rows(ROWS), store.rows(CANDLES));
    }
  }

  /** Compares a store with what it should hold. */
  static ExpectedDamage of(Store damaged, Store undamaged, List<Integer> lengths) {
    Set<Map<String, Object>> held = new HashSet<>(damaged.rows());
    Set<Map<String, Object>> expected = new HashSet<>(undamaged.rows());
    Set<Long> trades = new TreeSet<>();
    damaged.rows().stream().filter(row -> !expected.contains(row)).forEach(at(trades));
    undamaged.rows().stream().filter(row -> !held.contains(row)).forEach(at(trades));
    Set<Long> candles = new TreeSet<>();
    for (int length : lengths) {
      Stream<Part> parts =
          lengths.stream()
              .filter(shorter -> shorter < length && length % shorter == 0)
              .max(Integer::compare)
              .map(part -> candles(damaged, part).filter(candle -> candle.trades() > 0))
              .orElseGet(() -> rows(damaged));
      Map<Group, List<Part>> groups =
          parts.collect(groupingBy(part -> part.group().startOf(length)));
      Set<Group> present = new HashSet<>();
      for (Map<String, Object> row : damaged.candles()) {
        if ((int) row.get("bucket_seconds") == length) {
          Part candle = candle(row);
          present.add(candle.group());
          boolean isAtItsPlace =
              (boolean) row.get("whole") && candle.group().equals(candle.group().startOf(length));
          if (!isAtItsPlace || !follows(candle, groups.getOrDefault(candle.group(), List.of()))) {
            candles.add(subRange(candle.group().second()));
          }
        }
      }
      groups.keySet().stream()
          .filter(group -> !present.contains(group))
          .forEach(group -> candles.add(subRange(group.second())));
    }
    return new ExpectedDamage(trades, candles);
  }

  private static Consumer<Map<String, Object>> at(Set<Long> subRanges) {
    return row -> subRanges.add(subRange((long) row.get("second")));
  }

  private static long subRange(long second) {
    return second - Math.floorMod(second, 300L);
  }

  private static Stream<Part> rows(Store store) {
    return store.rows().stream()
        .filter(row -> row.get("price") != null && row.get("quantity") != null)
        .map(
            row -> {
              BigDecimal price = (BigDecimal) row.get("price");
              Price open =
                  new Price(price, (Long) row.get("trade_timestamp"), (String) row.get("trade_id"));
              return new Part(
                  group(row),
                  1L,
                  price,
                  price,
                  (BigDecimal) row.get("quantity"),
                  (BigDecimal) row.get("volume"),
                  open,
                  open);
            });
  }

  private static Stream<Part> candles(Store store, int length) {
    return store.candles().stream()
        .filter(row -> (int) row.get("bucket_seconds") == length)
        .map(ExpectedDamage::candle);
  }

  private static Part candle(Map<String, Object> row) {
    return new Part(
        group(row),
        (Long) row.get("trades"),
        (BigDecimal) row.get("high"),
        (BigDecimal) row.get("low"),
        (BigDecimal) row.get("volume"),
        (BigDecimal) row.get("quote_volume"),
        price(row, "open"),
        price(row, "close"));
  }

  private static Price price(Map<String, Object> row, String name) {
    return new Price(
        (BigDecimal) row.get(name),
        (Long) row.get(name + "_timestamp"),
        (String) row.get(name + "_id"));
  }

  private static Group group(Map<String, Object> row) {
    return new Group(
        (long) row.get("chain_id"), (String) row.get("pool_id"), (long) row.get("second"));
  }

  private static boolean follows(Part candle, List<Part> parts) {
    return !parts.isEmpty()
        && Objects.equals(candle.trades(), merged(parts, Part::trades, Long::sum))
        && isSame(candle.high(), merged(parts, Part::high, BigDecimal::max))
        && isSame(candle.low(), merged(parts, Part::low, BigDecimal::min))
        && isSame(candle.volume(), merged(parts, Part::volume, BigDecimal::add))
        && isSame(candle.quoteVolume(), merged(parts, Part::quoteVolume, BigDecimal::add))
        && isFirst(candle.open(), parts.stream().map(Part::open), Price.BY_KEY)
        && isFirst(candle.close(), parts.stream().map(Part::close), Price.BY_KEY.reversed());
  }

  private static <T> @Nullable T merged(
      List<Part> parts, Function<Part, @Nullable T> value, BinaryOperator<T> merge) {
    return parts.stream().map(value).filter(Objects::nonNull).reduce(merge).orElse(null);
  }

  private static boolean isSame(@Nullable BigDecimal a, @Nullable BigDecimal b) {
    return a != null && b != null && a.compareTo(b) == 0;
  }

  private static boolean isFirst(Price price, Stream<Price> prices, Comparator<Price> order) {
    List<Price> withKeys = prices.filter(Price::hasKey).sorted(order).collect(toList());
    return price.hasKey()
        && !withKeys.isEmpty()
        && order.compare(price, withKeys.get(0)) == 0
        && isSame(price.value(), withKeys.get(0).value());
  }
}
