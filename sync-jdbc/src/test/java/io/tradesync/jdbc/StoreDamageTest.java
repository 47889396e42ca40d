package io.tradesync.jdbc;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.AuditReport;
import io.tradesync.GapCounts;
import io.tradesync.StoreDifferences;
import io.tradesync.StoreDifferences.SubRange;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody damages the store in many ways at once: an audit names exactly the damaged sub-ranges,
 * and one run repairs all of them.
 */
class StoreDamageTest {

  /** A multiple of all lengths of candles that divide a day. */
  private static final long T = 1_754_352_000L;

  private static final int SECONDS = 7_000;
  private static final List<String> ATTRIBUTES = List.of("fee", "tag");

  StoreFixture newStore() {
    return new StoreFixture();
  }

  /** Compresses what can be compressed. */
  void compress(StoreFixture store) {}

  List<String> truncations() {
    return List.of("truncate analytics_trades", "truncate trade_candles");
  }

  @ParameterizedTest
  @ValueSource(strings = {"60 300 900 3600 86400", "60 90 420", "1", "86400", "7 21 60 420"})
  void exactlyWhatIsDamagedIsNamedAndRepairedByTheNextRun(String lengths) {
    play(lengths, 1, 2);
  }

  @ParameterizedTest
  @Tag("long")
  @ValueSource(strings = {"60 300 900 3600 86400", "60 90 420", "1", "86400", "7 21 60 420"})
  void exactlyWhatIsDamagedForLong(String lengths) {
    play(lengths, 1_000, 40);
  }

  private void play(String lengths, long firstSeed, int cases) {
    try (Side side = new Side(newStore(), lengths, new Random(firstSeed))) {
      ExpectedDamage.Store undamaged = ExpectedDamage.Store.of(side.store);
      side.assertDamaged(undamaged, "nothing");
      for (long seed = firstSeed; seed < firstSeed + cases; seed++) {
        compress(side.store);
        List<String> damages = side.damage(new Random(seed), undamaged);
        side.assertNamedAndRepaired(undamaged, "seed " + seed + ", " + damages);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatArrivesMeanwhileIsNoDamage(long seed) throws Exception {
    try (Side side = new Side(newStore(), "60 300 3600", new Random(seed))) {
      ExpectedDamage.Store undamaged = ExpectedDamage.Store.of(side.store);
      List<String> damages = side.damage(new Random(seed), undamaged);
      Predicate<Map<String, Object>> isEarly = row -> (long) row.get("second") < T + 864_000;
      try (Arrivals ignored = new Arrivals(side)) {
        for (int i = 0; i < 3; i++) {
          side.assertDamaged(side.engine.audit(), undamaged, damages.toString(), isEarly);
        }
        assertThat(side.engine.run().success()).isTrue();
        side.assertDamaged(side.engine.audit(), undamaged, "after the run", isEarly);
      }
      assertThat(side.engine.run().success()).isTrue();
      side.assertEqualsPlainSql();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void damageWhileRunsAndLiveTradesGoOnIsRepairedByTheNextRun(long seed) throws Exception {
    Random random = new Random(seed);
    try (Side side = new Side(newStore(), "60 300 3600", random);
        Side twin = new Side(new StoreFixture(), "60 300 3600", random, side.source)) {
      ExpectedDamage.Store before = ExpectedDamage.Store.of(side.store);
      List<String> damages = new ArrayList<>();
      try (Arrivals ignored = new Arrivals(side)) {
        for (int i = 0; i < 3; i++) {
          for (int n = 0; n < 40; n++) {
            side.source.put(side.trade(String.format(Locale.ROOT, "r%d-%d", i, n)));
          }
          CompletableFuture<SyncResult> run = CompletableFuture.supplyAsync(side.engine::run);
          damages.addAll(side.damage(random, before));
          assertThat(run.get().errors()).isZero();
        }
      }
      assertThat(side.engine.run().success()).isTrue();
      assertThat(twin.engine.run().success()).isTrue();
      side.assertNamedAndRepaired(
          ExpectedDamage.Store.of(twin.store), "seed " + seed + ", " + damages);
    }
  }

  /** Trades of a much later day that are written live, until this is closed. */
  private static final class Arrivals implements AutoCloseable {

    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<Void> writing;

    Arrivals(Side side) {
      writing =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; !ended.get(); i++) {
                  Trade trade = side.trade("live " + i, T + 864_000 + i % 700);
                  side.source.put(trade);
                  side.engine.ingest(List.of(trade));
                }
              });
    }

    @Override
    public void close() {
      ended.set(true);
      writing.join();
    }
  }

  /** A source with trades, and a store that holds them. */
  private final class Side implements AutoCloseable {

    final StoreFixture store;
    final InMemoryTradeSource source;
    final SyncEngine engine;
    private final List<Integer> lengths;
    private final Random random;

    Side(StoreFixture store, String lengths, Random random) {
      this(store, lengths, random, new InMemoryTradeSource());
      for (int i = 0; i < 60; i++) {
        source.put(trade("t" + i));
      }
      // The first and the last second of a sub-range, of a day, and of all.
      for (long second : new long[] {-86_401, -1, 0, T, T + 299, T + 300, T + 86_399, T + 86_400}) {
        source.put(trade("edge" + second, second));
      }
      source.put(withAttributes(Trade.builder("no price", T + 40_000, 1, "pool"), null));
      source.put(withAttributes(Trade.builder("nothing", T + 100, 1, "pool"), "x"));
      assertThat(engine.run().success()).isTrue();
    }

    Side(StoreFixture store, String lengths, Random random, InMemoryTradeSource source) {
      this.store = store;
      this.random = random;
      this.source = source;
      this.lengths = Arrays.stream(lengths.split(" ")).map(Integer::valueOf).toList();
      this.engine =
          SyncEngine.builder()
              .source(source)
              .log(store.log)
              .sink(
                  new KnownAttributes(
                      TimescaleSink.builder()
                          .bucketSeconds(this.lengths.stream().mapToInt(l -> l).toArray())
                          .build(),
                      ATTRIBUTES))
              .orphanGrace(Duration.ZERO)
              .retryDelay(Duration.ofMillis(1))
              .build();
    }

    Trade trade(String id) {
      return trade(id, T + random.nextInt(SECONDS));
    }

    Trade trade(String id, long second) {
      int number = Math.floorMod(id.hashCode(), 1_000);
      Trade.Builder trade =
          Trade.builder(id, second, 1, number % 3 == 0 ? "other" : "pool")
              .price(BigDecimal.valueOf(100 + number % 9, number % 3))
              .quantity(BigDecimal.valueOf(1 + number % 5))
              .side(number % 2 == 0 ? "Buy" : "Sell")
              .transactionId(number % 7 == 0 ? null : "0x" + id);
      return withAttributes(trade, number % 4 == 0 ? null : "a \"tag\"");
    }

    private static Trade withAttributes(Trade.Builder trade, @Nullable String tag) {
      return trade.attribute("fee", "0.5").attribute("tag", tag).build();
    }

    /** Damages the store in one to six ways. */
    List<String> damage(Random choice, ExpectedDamage.Store undamaged) {
      List<String> done = new ArrayList<>();
      for (int i = choice.nextInt(6); i >= 0; i--) {
        String statement = filled(DamageStatements.any(choice, truncations()), choice, undamaged);
        store.execute(statement);
        done.add(statement);
      }
      return done;
    }

    private String filled(String statement, Random choice, ExpectedDamage.Store undamaged) {
      Map<String, Object> candle = one(undamaged.candles(), choice);
      String id = (String) one(undamaged.rows(), choice).get("trade_id");
      return statement
          .replace("{row}", "trade_id = '" + id + "'")
          .replace("{id}", id)
          .replace("{other}", (String) one(undamaged.rows(), choice).get("trade_id"))
          .replace(
              "{candle}",
              String.format(
                  Locale.ROOT,
                  "bucket_seconds = %s and chain_id = 1 and pool_id = '%s'"
                      + " and bucket_start = to_timestamp(%s)",
                  candle.get("bucket_seconds"),
                  candle.get("pool_id"),
                  candle.get("second")))
          .replace("{length}", one(lengths, choice).toString())
          .replace("{second}", Long.toString(T - 600 + choice.nextInt(SECONDS)))
          .replace("{far}", one(List.of("-4000000000", "9000000000", "1"), choice));
    }

    private static <T> T one(List<T> all, Random choice) {
      return all.get(choice.nextInt(all.size()));
    }

    void assertDamaged(ExpectedDamage.Store undamaged, String what) {
      AuditReport report = engine.audit();
      assertThat(report.gaps()).as(what).isEqualTo(GapCounts.NONE);
      assertDamaged(report, undamaged, what, row -> true);
    }

    /**
     * Asserts that an audit named what is damaged and nothing else.
     *
     * @param compared which rows and candles of the store are compared
     */
    void assertDamaged(
        AuditReport report,
        ExpectedDamage.Store undamaged,
        String what,
        Predicate<Map<String, Object>> compared) {
      ExpectedDamage.Store held = ExpectedDamage.Store.of(store);
      ExpectedDamage expected =
          ExpectedDamage.of(
              new ExpectedDamage.Store(
                  held.rows().stream().filter(compared).toList(),
                  held.candles().stream().filter(compared).toList()),
              undamaged,
              lengths);
      StoreDifferences found = Objects.requireNonNull(report.store());
      assertThat(found.complete()).isTrue();
      assertThat(
              new ExpectedDamage(
                  at(found.ranges().stream().filter(range -> range.trades() > 0)),
                  at(found.ranges().stream().filter(range -> range.candles() > 0))))
          .as(what)
          .isEqualTo(expected);
    }

    private static TreeSet<Long> at(Stream<SubRange> ranges) {
      return ranges.map(SubRange::fromEpochSecond).collect(toCollection(TreeSet::new));
    }

    void assertNamedAndRepaired(ExpectedDamage.Store undamaged, String what) {
      assertDamaged(undamaged, what);
      SyncResult result = engine.run();
      assertThat(result.success()).as(what + ": " + result.message()).isTrue();
      ExpectedDamage.Store repaired = ExpectedDamage.Store.of(store);
      assertThat(repaired.rows()).as(what).isEqualTo(undamaged.rows());
      assertThat(repaired.candles()).as(what).isEqualTo(undamaged.candles());
      assertDamaged(undamaged, what + ", repaired");
      assertThat(engine.health().isHealthy()).as(what).isTrue();
    }

    void assertEqualsPlainSql() {
      ExpectedDamage.Store held = ExpectedDamage.Store.of(store);
      assertThat(store.trades()).containsExactlyInAnyOrderElementsOf(source.trades());
      assertThat(ExpectedDamage.of(held, held, lengths).candles()).isEmpty();
    }

    @Override
    public void close() {
      engine.close();
      store.close();
    }
  }
}
