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
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
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
  private static final Duration SETTLING = Duration.ofSeconds(10);
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
    watchUpdates();
    browser.click("dialog-yes");
  }

  private void watchUpdates() throws Exception {
    browser.script(
        "window.changes = []; window.bars = [];"
            + "new MutationObserver(() => window.changes.push(performance.now()))"
            + ".observe(document.getElementById('run-text'), {childList: true});"
            + "const bar = document.getElementById('bar'); let value = bar.value;"
            + "new MutationObserver(() => { if (bar.value !== value) {"
            + " value = bar.value; window.bars.push(performance.now()); } })"
            + ".observe(bar, {attributeFilter: ['value']})");
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
      String first = browser.windows().get(0);
      for (int i = 1; i < PAGES; i++) {
        browser.visitInNewWindow(service.url() + "/");
        awaitText("state", "unhealthy");
        watchUpdates();
      }
      browser.useWindow(first);
      beginSync("1,000,000");
      long began = System.nanoTime();
      Duration before = answering();
      await()
          .atMost(PATIENCE)
          .until(() -> browser.script("return window.bars.length").asInt() > 40);
      double cores = answering().minus(before).toNanos() / (double) (System.nanoTime() - began);
      for (String window : browser.windows()) {
        browser.useWindow(window);
        assertUpdates();
      }
      report("during a run", cores);
      assertThat(cores).isLessThan(0.05);
      browser.click("cancel");
      awaitText("idle", "No run is under way.");

      visitInEachWindow("about:blank");
      double withoutPages = coresOfProcess();
      visitInEachWindow(service.url() + "/");
      awaitText("state", "unhealthy");
      Thread.sleep(SETTLING.toMillis());
      int calls = calls();
      cores = coresOfProcess() - withoutPages;
      assertThat(calls() - calls).as("calls of the last page").isGreaterThan(25);
      report("without a run", cores);
      assertThat(cores).isLessThan(0.05);
    }
  }

  private static void report(String when, double cores) {
    System.out.printf("%d pages take %.1f %% of a core %s%n", PAGES, 100 * cores, when);
  }

  private void visitInEachWindow(String page) throws Exception {
    for (String window : browser.windows()) {
      browser.useWindow(window);
      browser.visit(page);
    }
  }

  private static double coresOfProcess() throws Exception {
    Duration before = process();
    Thread.sleep(WATCHED.toMillis());
    return process().minus(before).toNanos() / (double) WATCHED.toNanos();
  }

  private int calls() throws Exception {
    return browser.script("return performance.getEntriesByType('resource').length").asInt();
  }

  /** The CPU time of this process so far: of the service, and of a test that sleeps. */
  private static Duration process() {
    return Duration.ofNanos(
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime());
  }

  /** The CPU time so far of the threads that answer pages, or compute for them. */
  private static Duration answering() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().matches(".*Jetty.*|tradesync-background")) {
        nanos += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
      }
    }
    assertThat(nanos).isPositive();
    return Duration.ofNanos(nanos);
  }
}
