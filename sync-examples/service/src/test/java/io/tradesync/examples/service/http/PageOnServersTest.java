package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.OperatingSystemMXBean;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.serve.SyncService;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page of a service over PostgreSQL, with backlogs as large as they may be. */
@Tag("long")
@Timeout(900)
class PageOnServersTest {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration WATCHED = Duration.ofSeconds(30);
  private static final int PAGES = 5;
  private static final int VISITS = 5;

  private PostgresServer.Database ponder;
  private PostgresServer.Database analytics;
  private Browser browser;

  @BeforeEach
  void open() throws Exception {
    Path target = Files.createDirectories(Path.of("target", "browser")).toAbsolutePath();
    browser = Browser.open(Files.createTempDirectory(target, "profile"));
    ponder = PostgresServer.get().newDatabase();
    analytics = PostgresServer.get().newDatabase();
    SampleData.createTables(ponder.jdbcUrl());
  }

  @AfterEach
  void close() throws Exception {
    if (browser != null) {
      browser.close();
      ponder.close();
      analytics.close();
    }
  }

  private SyncService serve(int trades) {
    new Sql(ponder.jdbcUrl())
        .update(
            "INSERT INTO order_book_trades (id, chain_id, price, quantity, \"timestamp\", side,"
                + " pool_id) SELECT md5(n::text), 1, 10, 1, 1754400000 + n / 4, 'buy', 'pool' FROM"
                + " generate_series(1, "
                + trades
                + ") n");
    Map<String, String> settings = new HashMap<>();
    settings.put("PONDER_JDBC_URL", ponder.jdbcUrl());
    settings.put("ANALYTICS_JDBC_URL", analytics.jdbcUrl());
    settings.put("REDIS_URL", "redis://127.0.0.1:1");
    settings.put("SYNC_HTTP_PORT", "0");
    return SyncService.start(Settings.from(settings::get), SyncService.Options.DEFAULT);
  }

  private void awaitText(String id, String part) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.text(id)).contains(part));
  }

  private void visitAndSeeFiguresAtOnce(SyncService service) throws Exception {
    browser.visit(service.url() + "/");
    awaitText("state", "unhealthy");
    double shown = Double.MAX_VALUE;
    // The machine may be busy with something else.
    for (int i = 0; i < VISITS; i++) {
      browser.visit(service.url() + "/");
      awaitText("state", "unhealthy");
      shown =
          Math.min(
              shown,
              browser
                  .script("return performance.getEntriesByName('figures')[0].startTime")
                  .asDouble());
    }
    System.out.println("the last known figures are shown after " + Math.round(shown) + " ms");
    assertThat(shown).isLessThan(300);
  }

  private void beginSync(String trades) throws Exception {
    browser.click("sync");
    awaitText("dialog-text", "A run writes " + trades + " trades");
    browser.script(
        "window.changes = []; window.bars = [];"
            + "new MutationObserver(() => window.changes.push(performance.now()))"
            + ".observe(document.getElementById('run-text'), {childList: true});"
            + "new MutationObserver(() => window.bars.push(performance.now()))"
            + ".observe(document.getElementById('bar'), {attributeFilter: ['value']})");
    browser.click("dialog-yes");
  }

  /** Both the text and the bar, which moves only when trades were written. */
  private void assertUpdates() throws Exception {
    for (String times : List.of("changes", "bars")) {
      double perSecond =
          browser
              .script(
                  "const times = window."
                      + times
                      + "; return 1000 * times.length / (times[times.length - 1] - times[0])")
              .asDouble();
      System.out.println(times + ": " + perSecond + " updates a second");
      assertThat(perSecond).as(times).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void aGapOf200000TradesCloses() throws Exception {
    try (SyncService service = serve(200_000)) {
      visitAndSeeFiguresAtOnce(service);
      beginSync("200,000");
      awaitText("notice", "Sync completed: 200000/200000 trades processed");
      awaitText("state", "healthy");
      assertUpdates();
    }
  }

  @Test
  void aBacklogOfAMillionTradesIsShownAtOnceAndFivePagesCostLittle() throws Exception {
    try (SyncService service = serve(1_000_000)) {
      visitAndSeeFiguresAtOnce(service);
      beginSync("1,000,000");
      await()
          .atMost(PATIENCE)
          .until(() -> browser.script("return window.bars.length").asInt() > 40);
      assertUpdates();
      browser.click("cancel");
      awaitText("idle", "No run is under way.");

      for (int i = 1; i < PAGES; i++) {
        browser.visitInNewTab(service.url() + "/");
        awaitText("state", "unhealthy");
      }
      OperatingSystemMXBean process =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long before = process.getProcessCpuTime();
      Thread.sleep(WATCHED.toMillis());
      double cores = (process.getProcessCpuTime() - before) / (double) WATCHED.toNanos();
      System.out.println(
          PAGES + " pages take " + Math.round(1_000 * cores) / 10.0 + " % of a core");
      // The goal is 5 % on a quiet machine; others may be at work beside this.
      assertThat(cores).isLessThan(0.25);
    }
  }
}
