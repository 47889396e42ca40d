package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.AuditReport;
import io.tradesync.GapCounts;
import io.tradesync.GapKind;
import io.tradesync.GapPosition;
import io.tradesync.GapRange;
import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.TimelineBucket;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A million trades in two databases, and few differences: an audit names exactly these, a run
 * repairs exactly these, and what was verified is not compared again.
 */
@Tag("long")
class MillionTradesTest {

  private static final Logger LOG = LoggerFactory.getLogger(MillionTradesTest.class);
  private static final int TRADES = 1_000_000;

  private final PonderTables ponder = new PonderTables();
  private final StoreFixture store = new StoreFixture();

  @AfterEach
  void drop() {
    ponder.close();
    store.database.close();
  }

  /** A timeline has ten seconds, which a busy machine may need for a tenth of the trades. */
  private static GapCounts gapsOfTimelines(SyncEngine engine) {
    return engine.timeline(KeyRange.all(), 10).buckets().stream()
        .map(tenth -> KeyRange.seconds(tenth.fromEpochSecond(), tenth.toEpochSecond()))
        .map(tenth -> engine.timeline(tenth, 100))
        .flatMap(timeline -> timeline.buckets().stream())
        .map(TimelineBucket::gaps)
        .reduce(GapCounts.NONE, GapCounts::plus);
  }

  @Test
  void anAuditNamesExactlyWhatDiffersAndARunRepairsExactlyThat() {
    ponder.create("integer", "");
    // Every 1,000th trade is not there at first; which one is random, since ids are hashes.
    insert("i % 1000 <> 7");
    SyncEngineBuilder settings =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(ponder.database.dataSource()).build())
            .log(store.log)
            .sink(store.sink)
            .batchSize(5_000)
            .parallelism(2)
            .orphanGrace(Duration.ZERO);
    try (SyncEngine engine = settings.build()) {
      SyncResult first = timed("first run", engine::run);
      assertThat(first.processed()).isEqualTo(TRADES - 1_000);
      timed("verifying run", engine::run);
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);

      insert("i % 1000 = 7");
      ponder.execute(
          "update order_book_trades set price = price + 1 where id in"
              + " (select encode(sha256(i::text::bytea), 'hex')"
              + " from generate_series(11, 1000000, 10000) i)");
      ponder.execute(
          "delete from order_book_trades where id in"
              + " (select encode(sha256(i::text::bytea), 'hex')"
              + " from generate_series(13, 1000000, 10000) i)");

      // What is verified is not compared again, so only an audit sees it.
      SyncHealth before = timed("health, verified", engine::health);
      assertThat(before.gaps().total()).isLessThan(20);
      AuditReport audit = timed("audit", engine::audit);
      assertThat(audit.gaps()).isEqualTo(new GapCounts(1_000, 0, 100, 100));
      assertThat(audit.complete()).isTrue();
      assertThat(timed("timelines", () -> gapsOfTimelines(engine))).isEqualTo(audit.gaps());
      assertThat(ids(audit, GapKind.MISSING)).isEqualTo(ids(1_000, 7));
      assertThat(ids(audit, GapKind.CHANGED)).isEqualTo(ids(10_000, 11));
      assertThat(ids(audit, GapKind.ORPHANED)).isEqualTo(ids(10_000, 13));
      assertThat(audit.ranges())
          .filteredOn(range -> range.kind() == GapKind.MISSING)
          .allSatisfy(range -> assertThat(range.position()).isEqualTo(GapPosition.MIDDLE));
      assertThat(engine.health().gaps()).isEqualTo(audit.gaps());

      long now = store.count("select pg_current_xact_id()::text::bigint");
      SyncResult repair = timed("repairing run", engine::run);
      assertThat(repair.processed()).isEqualTo(1_200);
      assertThat(repair.total()).isEqualTo(1_200);
      String written = " where xmin::text::bigint >= " + now;
      assertThat(store.count("select count(*) from analytics_trades" + written)).isEqualTo(1_100);
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(TRADES - 100);
      assertThat(
              store.rows(
                  "select status, count(*)::int as n from sync_log"
                      + written
                      + " group by 1 order by 1"))
          .extracting(row -> row.get("status") + " " + row.get("n"))
          .containsExactly("processed 1100", "retracted 100");

      timed("run with nothing to do", engine::run);
      SyncHealth after = timed("health, verified", engine::health);
      assertThat(after.gaps()).isEqualTo(GapCounts.NONE);
      assertThat(timed("audit", engine::audit).gaps()).isEqualTo(GapCounts.NONE);
      store.assertCandlesEqualTheirTrades();
    }
  }

  private void insert(String which) {
    ponder.execute(
        String.format(
            Locale.ROOT,
            """
            insert into order_book_trades
            select encode(sha256(i::text::bytea), 'hex'), 31337, 1000 + (i::bigint * 7919) %% 100000,
              1000000000000000000 + i, 1750000000 + i, '0xt' || i, 'Buy', '%s' || i %% 10
            from generate_series(1, %d) i where %s\
            """,
            StoreFixture.POOL,
            TRADES,
            which));
  }

  private List<String> ids(int every, int from) {
    return ponder
        .jdbi
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "select encode(sha256(i::text::bytea), 'hex')"
                            + " from generate_series(:from, 1000000, :every) i")
                    .bind("from", from)
                    .bind("every", every)
                    .mapTo(String.class)
                    .list())
        .stream()
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .toList();
  }

  private static List<String> ids(AuditReport audit, GapKind kind) {
    TreeSet<String> ids = new TreeSet<>();
    for (GapRange range : audit.ranges()) {
      if (range.kind() == kind) {
        assertThat(range.trades()).isEqualTo(1);
        assertThat(range.last()).isEqualTo(range.first());
        ids.add(range.first().id());
      }
    }
    return List.copyOf(ids);
  }

  private static <T> T timed(String what, Supplier<T> call) {
    long began = System.nanoTime();
    T answer = call.get();
    LOG.info("{}: {} ms", what, (System.nanoTime() - began) / 1_000_000);
    return answer;
  }
}
