package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tradesync.GapCounts;
import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncHealth;
import io.tradesync.Trade;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.log.OutsideRows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A row without a usable timestamp or id is in no range, and costs only itself. */
class OutsideKeyOrderTest {

  private static final long T = 1_754_400_000L;

  private final PonderTables tables = new PonderTables();
  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void tables() {
    tables.create("numeric(78, 0)", "");
    tables.execute(
        String.format(
            Locale.ROOT,
            """
            alter table order_book_trades drop constraint order_book_trades_pkey;
            alter table order_book_trades alter id drop not null;
            insert into order_book_trades
            select 't' || lpad(i::text, 6, '0'), 1, 100, 1, %d + i, '0x' || i, 'Buy', 'p'
            from generate_series(1, 20) i\
            """,
            T));
  }

  @AfterEach
  void drop() {
    tables.close();
    store.database.close();
  }

  private SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(tables.database.dataSource()).build())
        .log(store.log)
        .sink(store.sink);
  }

  static Stream<Arguments> outside() {
    String bound = " is not within 100,000,000,000 s of 1970";
    return Stream.of(
        Arguments.of("timestamp", "null", "timestamp is null"),
        Arguments.of("timestamp", "'NaN'", "timestamp NaN" + bound),
        Arguments.of("timestamp", "9223372036854775807", "timestamp 9223372036854775807" + bound),
        Arguments.of("timestamp", "100000000001", "timestamp 100000000001" + bound),
        Arguments.of("timestamp", "-100000000001", "timestamp -100000000001" + bound),
        Arguments.of(
            "timestamp",
            "2::numeric ^ 200",
            "timestamp 1606938044258990275541962092341162602522202993782792835301376" + bound),
        Arguments.of("id", "null", "id is null"),
        Arguments.of("id", "''", "id is empty"),
        Arguments.of("id", "repeat('x', 1025)", "id is over 1024 bytes long"),
        Arguments.of("id", "repeat(md5('x'), 85)", "id is over 1024 bytes long"),
        Arguments.of("id", "repeat('€', 342)", "id is over 1024 bytes long"));
  }

  @ParameterizedTest
  @MethodSource("outside")
  void aRowOutsideTheKeyOrderIsCountedAndListedAndHoldsUpNothing(
      String column, String value, String reason) {
    tables.execute(
        "update order_book_trades set \"%s\" = %s where id = 't000010'".formatted(column, value));
    try (SyncEngine engine = builder().build()) {
      SyncHealth health = engine.health();
      assertThat(health.gaps()).isEqualTo(new GapCounts(19, 1, 0, 0));
      assertThat(health.lastSourceEpochSecond()).isEqualTo(T + 20);
      assertThat(engine.run().message()).isEqualTo("Sync completed: 19/19 trades processed");
      assertThat(engine.run().total()).isZero();
      health = engine.health();
      assertThat(health.gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(health.lagMinutes()).isZero();
      assertThat(engine.audit().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows())
          .singleElement()
          .satisfies(row -> assertThat(row.reason()).startsWith(reason))
          .satisfies(row -> assertThat(row.idHash()).hasSize(64))
          .extracting(OutsideRow::id)
          .satisfies(id -> assertThat(id == null || id.length() <= 100).isTrue());

      tables.execute(
          "delete from order_book_trades where price = 100 and (\"timestamp\" is null or"
              + " \"timestamp\" not between 1 and 2000000000 or id is null or id not like 't0%')");
      assertThat(engine.health().isHealthy()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {"timestamp;null", "id;''", "id;repeat('x', 2690)"})
  void anAcceptedRowIsNoGapUntilItsContentChanges(String column, String value) {
    tables.execute(
        "update order_book_trades set \"%s\" = %s where id = 't000010'".formatted(column, value));
    String row = " where transaction_id = '0x10'";
    try (SyncEngine engine = builder().build()) {
      engine.run();
      OutsideRow found = engine.rowsOutsideKeyOrder(null, 10).rows().get(0);
      assertThat(engine.acceptRowsOutsideKeyOrder(List.of(found.ref()), "known")).isEqualTo(1);

      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(engine.health().accepted()).isEqualTo(1);
      assertThat(engine.audit().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(engine.run().total()).isZero();
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows())
          .containsExactly(found.withAccepted("known"));

      tables.execute("insert into order_book_trades values (null, 1, 1, 1, null, 'n', 'Buy', 'p')");
      assertThat(engine.health().gaps()).as("another one").isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(engine.health().accepted()).isEqualTo(1);
      tables.execute("delete from order_book_trades where transaction_id = 'n'");
      tables.execute("update order_book_trades set price = 7" + row);
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(engine.health().accepted()).isZero();
      engine.run();
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows())
          .extracting(OutsideRow::accepted)
          .containsNull();

      tables.execute("update order_book_trades set price = 100" + row);
      engine.run();
      assertThat(engine.health().gaps())
          .as("was accepted before, and changed since")
          .isEqualTo(new GapCounts(0, 1, 0, 0));
    }
  }

  /** Above the size at which everything is compared, health goes by what was recorded. */
  @Test
  void anAcceptedRowIsNoGapOfALargeScope() {
    tables.execute("update order_book_trades set id = '' where id = 't000010'");
    tables.execute("update order_book_trades set \"timestamp\" = null where id = 't000011'");
    try (SyncEngine engine = builder().compareAllUpTo(1).build()) {
      engine.run();
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 2, 0, 0));
      OutsideRow empty = engine.rowsOutsideKeyOrder(null, 10).rows().get(1);
      assertThat(empty.id()).isEmpty();
      assertThat(engine.acceptRowsOutsideKeyOrder(List.of(empty.ref()), "known")).isEqualTo(1);
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(engine.health().accepted()).isEqualTo(1);
    }
  }

  @Test
  void anAcceptedRowIsReleasedByItsNameOrWithARange() {
    tables.execute("update order_book_trades set id = '' where id = 't000010'");
    tables.execute("update order_book_trades set \"timestamp\" = null where id = 't000011'");
    try (SyncEngine engine = builder().build()) {
      engine.run();
      List<OutsideRow.Ref> both =
          engine.rowsOutsideKeyOrder(null, 10).rows().stream().map(OutsideRow::ref).toList();
      assertThat(engine.acceptRowsOutsideKeyOrder(both, "known")).isEqualTo(2);
      assertThat(engine.releaseRowsOutsideKeyOrder(both.subList(0, 1))).isEqualTo(1);
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(engine.releaseParked(KeyRange.seconds(T, T + 10))).isZero();
      assertThat(engine.releaseParked(KeyRange.seconds(T, T + 11))).isEqualTo(1);
      assertThat(engine.health().accepted()).isZero();

      assertThat(engine.acceptRowsOutsideKeyOrder(both, "known")).isEqualTo(2);
      assertThat(engine.releaseParked(KeyRange.seconds(T, T + 11)))
          .as("with a second")
          .isEqualTo(1);
      assertThat(engine.releaseParked(KeyRange.all())).isEqualTo(1);
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 2, 0, 0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "9223372036854775807", "'NaN'"})
  void aProcessedTradeWhoseRowWentOutsideTheKeyOrderIsKept(String timestamp) {
    try (SyncEngine engine = builder().orphanGrace(Duration.ZERO).build()) {
      assertThat(engine.run().processed()).isEqualTo(20);
      tables.execute(
          "update order_book_trades set \"timestamp\" = %s where id = 't000010'"
              .formatted(timestamp));

      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(engine.run().total()).isZero();
      assertThat(engine.run().total()).isZero();
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(20);
      store.assertCandlesEqualTheirTrades();

      tables.execute(
          String.format(
              Locale.ROOT,
              "update order_book_trades set \"timestamp\" = %d where id = 't000010'",
              T + 10));
      assertThat(engine.health().isHealthy()).isTrue();
      tables.execute("delete from order_book_trades where id = 't000010'");
      assertThat(engine.run().processed()).isEqualTo(1);
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(19);
    }
  }

  @Test
  void aLiveTradeWithoutAStorableKeyIsNotWritten() {
    try (SyncEngine engine = builder().build()) {
      engine.run();
      Trade longId = Trade.builder("x".repeat(2_690), T, 1, "p").build();
      Trade late = Trade.builder("late", 100_000_000_001L, 1, "p").build();
      Trade good = StoreFixture.trade("good", T + 21, 1, 1);
      tables.put(List.of(good));

      var result = engine.ingest(List.of(longId, late, good));

      assertThat(result.outsideKeyOrder()).containsExactlyInAnyOrder(longId.key(), late.key());
      assertThat(result.outOfScope()).isEmpty();
      assertThat(result.written()).containsExactly(good.key());
      assertThat(longId.key().toString()).hasSizeLessThan(130);
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows())
          .extracting(OutsideRow::epochSecond, OutsideRow::column, OutsideRow::reason)
          .containsExactly(
              tuple(
                  null,
                  "timestamp",
                  "timestamp 100000000001 is not within 100,000,000,000 s of 1970"),
              tuple(T, "id", "id is over 1024 bytes long"));
      assertThat(engine.health().isHealthy()).as("the source has neither").isTrue();
      assertThat(engine.run().total()).isZero();
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows()).isEmpty();
    }
  }

  @Test
  void aRowThatAStreamBringsIsKeptOnceAndStaysWhileTheSourceHasIt() {
    String id = "x".repeat(2_690);
    tables.execute("update order_book_trades set id = '%s' where id = 't000010'".formatted(id));
    try (SyncEngine engine = builder().build()) {
      engine.ingest(List.of(Trade.builder(id, T + 10, 1, "p").build()));
      engine.ingest(List.of(Trade.builder(id, T + 10, 1, "p").build()));
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows()).hasSize(1);
      engine.run();
      engine.ingest(List.of(Trade.builder(id, T + 10, 1, "p").build()));
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows())
          .singleElement()
          .satisfies(row -> assertThat(row.id()).isEqualTo("x".repeat(100)));
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
    }
  }

  /** Each names them in an order of its own, as people and runs do. */
  @Test
  void whoeverAcceptsReleasesAndReplacesTheSameRowsAtOnceDoesNotDeadlock() throws Exception {
    store.log.prepare();
    OutsideRows rows = store.log.outsideRows();
    List<OutsideRow> all =
        IntStream.range(0, 300)
            .mapToObj(
                i ->
                    new OutsideRow(
                        "",
                        String.format(Locale.ROOT, "%064x", i),
                        null,
                        "timestamp",
                        "is null",
                        i))
            .toList();
    rows.replaceAll(all);
    List<Consumer<List<OutsideRow>>> calls =
        List.of(
            some -> rows.accept(some.stream().map(OutsideRow::ref).toList(), "known"),
            some -> rows.release(some.stream().map(OutsideRow::ref).toList()),
            rows::replaceAll,
            some -> rows.replaceAll(some.subList(0, 150)));
    ExecutorService threads = Executors.newFixedThreadPool(calls.size());
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (Consumer<List<OutsideRow>> call : calls) {
        ends.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < 25; round++) {
                    List<OutsideRow> shuffled = new ArrayList<>(all);
                    Collections.shuffle(shuffled, new Random(31L * calls.indexOf(call) + round));
                    call.accept(shuffled);
                  }
                }));
      }
      for (Future<?> end : ends) {
        end.get(1, TimeUnit.MINUTES);
      }
    } finally {
      threads.shutdownNow();
    }
    rows.replaceAll(all);
    assertThat(rows.known().rows()).isEqualTo(300);
    assertThat(rows.accept(all.stream().map(OutsideRow::ref).toList(), "known")).isEqualTo(300);
  }

  @Test
  void rowsAreCountedAndListedFromTheLogWhereNotEverythingIsCompared() {
    tables.execute("update order_book_trades set \"timestamp\" = null where id = 't000010'");
    try (SyncEngine engine = builder().compareAllUpTo(5).build()) {
      assertThat(engine.run().processed()).isEqualTo(19);
      assertThat(engine.health().verified()).isNotNull();
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));

      tables.execute("update order_book_trades set \"timestamp\" = null where id = 't000011'");
      assertThat(engine.health().gaps().error()).as("as of the last comparison").isEqualTo(1);
      Instant asOf = engine.health().store().outsideKeyOrderAsOf();
      assertThat(asOf).isNotNull();
      assertThat(engine.rowsOutsideKeyOrder(null, 10).asOf()).isEqualTo(asOf);
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows()).hasSize(1);
      assertThat(engine.audit().gaps()).isEqualTo(new GapCounts(0, 2, 0, 0));
      assertThat(engine.health().gaps().error()).isEqualTo(2);
      assertThat(engine.health().store().outsideKeyOrderAsOf()).isAfter(asOf);
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows())
          .extracting(OutsideRow::id)
          .containsExactlyInAnyOrder("t000010", "t000011");

      tables.execute("delete from order_book_trades where \"timestamp\" is null");
      engine.audit();
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows()).isEmpty();
      assertThat(store.count("select count(*) from sync_outside_key_order")).isZero();
    }
  }
}
