package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.RunState;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page in a real browser. Not run if no Chromium is installed. */
@Timeout(180)
class PageTest {

  private static final String ENTER = "\ue007";
  private static final String TAB = "\ue004";
  private static final String DOWN = "\ue015";
  private static final String UP = "\ue013";
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  private static Browser browser;
  private static String axe;

  private ServedEngine served;

  /** Candles of one pool that rise and fall. */
  private static final CandleReader CANDLES =
      new CandleReader() {
        @Override
        public List<Integer> lengths() {
          return List.of(60, 3_600);
        }

        @Override
        public List<Pool> pools(@Nullable Pool after, int limit) {
          return List.of(new Pool(1, "0x9b1c"), new Pool(10, "0x77aa"));
        }

        @Override
        public List<Candle> candles(Pool pool, Span span, int limit) {
          // Another number for each choice, so that a choice is seen.
          return LongStream.range(0, 60 - pool.chainId() + (span.bucketSeconds() == 60 ? 1 : 0))
              .mapToObj(
                  i ->
                      new Candle(
                          ServedEngine.FIRST_SECOND + i * span.bucketSeconds(),
                          String.valueOf(100 + 10 * Math.sin(i / 5.0)),
                          String.valueOf(113 + 10 * Math.sin(i / 5.0)),
                          String.valueOf(96 + 10 * Math.sin(i / 5.0)),
                          String.valueOf(100 + 10 * Math.sin((i + 1) / 5.0)),
                          "10",
                          "1000",
                          3))
              .toList();
        }
      };

  @BeforeAll
  static void openBrowser() throws Exception {
    Path target = Files.createDirectories(Path.of("target", "browser")).toAbsolutePath();
    browser = Browser.open(Files.createTempDirectory(target, "profile"));
    try (InputStream script = PageTest.class.getResourceAsStream("/axe.min.js")) {
      axe = new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @AfterAll
  static void closeBrowser() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void stop() {
    if (served != null) {
      served.close();
    }
  }

  private void open(int trades, AnalyticsSink sink) throws Exception {
    open(ServedEngine.source(trades), sink);
  }

  private void open(TradeSource source, AnalyticsSink sink) throws Exception {
    served = new ServedEngine(source, sink, CANDLES);
    visit();
  }

  private void visit() throws Exception {
    browser.show(1_440, "light");
    browser.visit("http://127.0.0.1:" + served.server.port() + "/");
  }

  private static void awaitText(String id, String part) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(browser.text(id)).contains(part));
  }

  private static void confirm(String said) throws Exception {
    awaitText("dialog-text", said);
    browser.click("dialog-yes");
  }

  /** Looks at the page in both schemes, on a phone and on a large screen. */
  private static void assertGoodLooking(String name) throws Exception {
    for (int width : new int[] {360, 1_440}) {
      for (String scheme : new String[] {"light", "dark"}) {
        browser.show(width, scheme);
        browser.screenshot(SCREENSHOTS.resolve(name + "-" + width + "-" + scheme + ".png"));
        assertThat(
                browser
                    .script("return document.documentElement.scrollWidth - window.innerWidth")
                    .asInt())
            .as("the page is not wider than the screen")
            .isLessThanOrEqualTo(0);
        assertThat(
                browser
                    .script(
                        "return [...document.querySelectorAll('button')].filter(b =>"
                            + " b.getBoundingClientRect().right > window.innerWidth).length")
                    .asInt())
            .as("no button is cut")
            .isZero();
        assertThat(violations()).as(name + " " + width + " " + scheme).isEmpty();
      }
    }
    browser.show(1_440, "light");
  }

  private static List<String> violations() throws Exception {
    if (!browser.script("return 'axe' in window").asBoolean()) {
      browser.script(axe);
    }
    JsonNode found =
        browser.script(
            "return axe.run(document, {resultTypes: ['violations']}).then(found =>"
                + " found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html)))");
    List<String> texts = new ArrayList<>();
    found.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Presses the tabulator until an element has the focus. */
  private static void tabTo(String id) throws Exception {
    for (int i = 0; i < 90; i++) {
      browser.press(TAB);
      if (browser.script("return document.activeElement.id").asText().equals(id)) {
        return;
      }
    }
    throw new AssertionError("the tabulator does not lead to " + id);
  }

  @Test
  void aGapIsShownAndClosedByTheKeyboardAlone() throws Exception {
    open(120, new InMemorySink());
    awaitText("state", "unhealthy");
    assertThat(browser.text("summary"))
        .isEqualTo("120 trades are missed, and the store is 1 h 59 min behind.");
    assertThat(browser.text("gaps")).contains("missing120");
    awaitText("timeline-text", "The source holds 120 trades, 0 are processed.");
    awaitText("holes", "missing 2");
    awaitText("candles-text", "60 candles");
    awaitText("since", "since ");

    tabTo("sync");
    browser.press(ENTER);
    awaitText("dialog-text", "A run writes 120 trades in 3 batches");
    tabTo("dialog-yes");
    browser.press(ENTER);

    awaitText("notice", "Sync completed: 120/120 trades processed");
    awaitText("state", "healthy");
    awaitText("summary", "The store is equal to the source, and not behind.");
    awaitText("runs", "completed");
    awaitText("timeline-text", "120 are processed. One bar is 1 min 12 s. No hole.");
    assertGoodLooking("healthy");
    browser.show(1_440, "dark");
    assertThat(browser.script("return getComputedStyle(document.body).backgroundColor").asText())
        .isEqualTo("rgb(16, 20, 26)");
  }

  @Test
  void aRunIsShownAndCancelled() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    open(120, batch -> blocked.await());
    awaitText("state", "unhealthy");
    browser.click("sync");
    confirm("120 trades");
    awaitText("run-text", "0 of 120 trades");
    awaitText("run-workers", "busy");
    browser.show(360, "light");
    browser.screenshot(SCREENSHOTS.resolve("running-360-light.png"));

    browser.click("cancel");

    awaitText("notice", "The run was asked to stop");
    served.engine.cancel();
    blocked.countDown();
    awaitText("idle", "No run is under way.");
    awaitText("runs", "cancelled");
  }

  @Test
  void aFailureIsAcceptedWithAReasonAndReleasedAgain() throws Exception {
    open(
        5,
        batch -> {
          if (batch.changes().stream().anyMatch(change -> change.key().id().endsWith("1"))) {
            throw new IllegalArgumentException("the price is odd");
          }
          if (batch.changes().stream().anyMatch(change -> change.key().id().endsWith("3"))) {
            throw new IllegalArgumentException("the pool is unknown");
          }
        });
    awaitText("state", "unhealthy");
    browser.click("sync");
    confirm("5 trades");
    // The run's own notice comes after its errors, and would hide the one of what is accepted.
    awaitText("notice", "Sync completed with errors");
    awaitText("errors", "the price is odd (1)");
    awaitText("errors", "the pool is unknown (1)");
    assertGoodLooking("failures");

    browser.click("accept-all");
    confirm("2 failures are accepted");
    assertThat(browser.script("return document.getElementById('dialog').open").asBoolean())
        .as("the dialog stays open without a reason")
        .isTrue();
    browser.script("document.getElementById('reason').value = 'the exchange confirmed it'");
    browser.click("dialog-yes");

    awaitText("notice", "2 failures are accepted.");
    awaitText("errors", "accepted: the exchange confirmed it");
    awaitText("state", "healthy");
    browser.script("document.querySelector('#errors [aria-label=\"Release trade_1\"]').click()");
    awaitText("notice", "1 trade is released.");
    awaitText("state", "unhealthy");
    browser.click("release-all");
    confirm("The next run tries all parked trades again");
    awaitText("notice", "1 trade is released.");
    browser.click("retry-all");
    confirm("A run writes 2 trades");
    awaitText("notice", "Sync completed");
  }

  @Test
  void rowsOutsideTheKeyOrderAreListedAcceptedAndReleased() throws Exception {
    List<OutsideRow> rows =
        IntStream.range(0, 1_053)
            .mapToObj(
                i ->
                    new OutsideRow(
                        "odd_" + i,
                        String.format(Locale.ROOT, "%064x", i),
                        null,
                        "timestamp",
                        "timestamp is null",
                        1))
            .toList();
    served =
        new ServedEngine(
            new OutsideSource(ServedEngine.source(3), rows), new InMemorySink(), CANDLES);
    served.post("/api/sync/run", "");
    visit();
    awaitText("state", "unhealthy");
    awaitRows("outside", 50);
    awaitText("outside-age", "As the source had them ");
    assertGoodLooking("outside");
    pressOn("more-outside", ENTER);
    awaitRows("outside", 100);
    browser.script("document.querySelector('#outside button').click()");
    awaitText("dialog-text", "1 failure is accepted");
    browser.script("document.getElementById('reason').value = 'a test row'");
    browser.click("dialog-yes");
    awaitText("outside", "accepted: a test row");
    awaitText("gaps", "failed1,052");

    for (int shown = 200; shown <= 800; shown *= 2) {
      pressOn("more-outside", ENTER);
      awaitRows("outside", shown);
    }
    pressOn("more-outside", ENTER);
    awaitRows("outside", 1_053);
    assertThat(browser.script("return document.getElementById('more-outside').hidden").asBoolean())
        .isTrue();
    pressOn("accept-outside", ENTER);
    awaitText("dialog-text", "1,052 failures are accepted");
    browser.script("document.getElementById('reason').value = 'all of them'");
    browser.click("dialog-yes");
    awaitText("notice", "1,052 failures are accepted.");
    awaitText("state", "healthy");

    browser.script("document.querySelector('#outside button').click()");
    awaitText("notice", "1 trade is released.");
    awaitText("gaps", "failed1");
    awaitText("state", "unhealthy");
    assertThat(rows("outside")).as("what was shown is still shown").isEqualTo(1_053);
  }

  @Test
  void manyPagesOfOneBrowserAreAllAlive() throws Exception {
    open(120, new InMemorySink());
    awaitText("state", "unhealthy");
    String first = browser.windows().get(0);
    // More than a browser opens connections to one service.
    for (int i = 0; i < 7; i++) {
      browser.visitInNewWindow("http://127.0.0.1:" + served.server.port() + "/");
      awaitText("state", "unhealthy");
    }
    served.post("/api/sync/run", "");

    for (String window : browser.windows()) {
      browser.useWindow(window);
      awaitText("notice", "Sync completed: 120/120 trades processed");
      awaitText("state", "healthy");
      if (!window.equals(first)) {
        browser.closeWindow();
      }
    }
    browser.useWindow(first);
  }

  @Test
  void aRunOfAnotherProcessIsShownWithItsAge() throws Exception {
    InMemorySyncLog log = new InMemorySyncLog();
    log.runs().begin("other", RunKind.RUN, "another host", null);
    log.runs().update("other", new RunState(RunOutcome.RUNNING, 40, 1, 120, null, null));
    served = new ServedEngine(ServedEngine.source(3), new InMemorySink(), CANDLES, log);
    visit();

    awaitText("run-text", "40 of 120 trades, 1 failed");
    awaitText("run-age", "Of another process, as of ");
    assertThat(browser.text("run-workers")).isEmpty();
    log.runs().update("other", new RunState(RunOutcome.RUNNING, 80, 1, 120, null, null));
    awaitText("run-text", "80 of 120 trades, 1 failed");
    log.runs().update("other", new RunState(RunOutcome.COMPLETED, 119, 1, 120, null, "done"));
    awaitText("idle", "No run is under way.");
    awaitText("runs", "done");
    awaitText("state", "unhealthy");
  }

  @Test
  void whatWouldHappenIsSaidAndNothingHappensIfTheReaderDeclines() throws Exception {
    open(3, new InMemorySink());
    awaitText("state", "unhealthy");
    browser.click("audit");
    awaitText("dialog-text", "An audit compares all trades");
    browser.click("dialog-no");

    assertThat(browser.script("return document.getElementById('dialog').open").asBoolean())
        .isFalse();
    assertThat(served.engine.runs(10)).isEmpty();
    browser.script("document.getElementById('from').value = '2025-08-05T00:00:00'");
    browser.script("document.getElementById('force').requestSubmit()");
    awaitText("dialog-text", "A force writes 3 trades again in 1 batch: all after 8/5/2025");
    assertThat(served.engine.runs(10)).isEmpty();
    browser.click("dialog-yes");
    awaitText("notice", "Sync completed: 3/3 trades processed");
    browser.click("audit");
    confirm("An audit compares");
    awaitText("notice", "The audit found no gap.");
    awaitText("runs", "audit");
    browser.script("document.querySelector('#runs button').click()");
    awaitText("run-details", "audit");
    browser.screenshot(SCREENSHOTS.resolve("details-1440-light.png"));
  }

  @Test
  void aHoleIsFollowedDownToItsTrades() throws Exception {
    InMemoryTradeSource source = ServedEngine.source(600);
    open(source, new InMemorySink());
    served.post("/api/sync/run", "");
    ServedEngine.addTo(source, 600, 640);
    visit();
    awaitText("timeline-text", "The source holds 640 trades, 600 are processed.");
    awaitText("holes", "missing");
    assertGoodLooking("hole");

    browser.script("document.querySelector('#holes button').click()");
    awaitText("timeline-span", "From ");
    awaitText("ids", "trade_600");
    awaitText("timeline-text", "One bar is ");
    browser.screenshot(SCREENSHOTS.resolve("ids-1440-light.png"));
    assertThat(violations()).isEmpty();
    browser.click("timeline-back");
    awaitText("timeline-text", "The source holds 640 trades");
    browser.script("document.querySelector('input[value=hour]').click()");
    awaitText("timeline-text", "The source holds 0 trades");
  }

  @Test
  void aClickIntoThePictureLooksCloser() throws Exception {
    open(600, new InMemorySink());
    awaitText("timeline-text", "The source holds 600 trades, 0 are processed.");

    browser.clickInto("#timeline-picture .u-over");
    awaitText("timeline-span", "From ");
    awaitText("ids", "trade_29");
    awaitText("timeline-text", "One bar is 6 s.");
    browser.clickInto("#timeline-picture .u-over");
    awaitText("timeline-text", "One bar is 1 s.");
    browser.click("timeline-back");
    awaitText("timeline-text", "One bar is 6 s.");
    browser.click("timeline-back");
    awaitText("timeline-text", "The source holds 600 trades");
  }

  /** Sets the focus as often as the tabulator would, and presses what is there. */
  private static void pressOn(String id, String keys) throws Exception {
    browser.script("document.getElementById('" + id + "').focus()");
    assertThat(browser.script("return document.activeElement.id").asText()).isEqualTo(id);
    browser.press(keys);
  }

  private static int rows(String id) throws Exception {
    return browser
        .script("return document.querySelectorAll('#" + id + " tr:not(.group)').length")
        .asInt();
  }

  private static void awaitRows(String id, int count) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(rows(id)).as(id).isEqualTo(count));
  }

  @Test
  void longListsAreShownPageByPageByTheKeyboard() throws Exception {
    served =
        new ServedEngine(
            ServedEngine.source(120),
            batch -> {
              throw new IllegalArgumentException("the price is odd");
            },
            CANDLES);
    for (int i = 0; i < 12; i++) {
      served.post("/api/sync/run", "");
    }
    visit();
    awaitRows("runs", 10);
    pressOn("more-runs", ENTER);
    awaitRows("runs", 12);
    awaitRows("errors", 50);
    pressOn("more-errors", ENTER);
    awaitRows("errors", 100);
    pressOn("more-errors", ENTER);
    awaitRows("errors", 120);
    assertThat(browser.script("return document.getElementById('more-errors').hidden").asBoolean())
        .isTrue();
    assertThat(browser.text("errors")).contains("the price is odd (120)");
  }

  @Test
  void theTradesOfAHoleAreShownPageByPageByTheKeyboard() throws Exception {
    InMemoryTradeSource source = new InMemoryTradeSource();
    ServedEngine.addTo(source, 0, 12_000);
    open(source, new InMemorySink());
    awaitText("timeline-text", "The source holds 12,000 trades");
    assertThat(rows("holes")).isEqualTo(12);
    awaitText("more-holes", "And 8");

    browser.script("document.querySelector('#holes button').focus()");
    browser.press(ENTER);
    awaitRows("ids", 50);
    pressOn("more-ids", ENTER);
    awaitRows("ids", 100);
    pressOn("more-ids", ENTER);
    awaitRows("ids", 120);
    assertThat(browser.script("return document.getElementById('more-ids').hidden").asBoolean())
        .isTrue();
    pressOn("timeline-back", ENTER);
    awaitText("timeline-text", "The source holds 12,000 trades");
    assertThat(browser.script("return document.activeElement.value").asText()).isEqualTo("all");
  }

  @Test
  void aPoolAndALengthAreChosenByTheKeyboard() throws Exception {
    open(3, new InMemorySink());
    awaitText("candles-text", "60 candles");

    tabTo("pool");
    browser.press(DOWN);
    awaitText("candles-text", "51 candles");
    tabTo("length");
    browser.press(DOWN);
    awaitText("candles-text", "50 candles");
  }

  @Test
  void aForceOfAPoolIsCountedAndBegunByTheKeyboard() throws Exception {
    open(30, new InMemorySink());
    served.post("/api/sync/run", "");
    visit();
    awaitText("state", "healthy");
    awaitText("candles-text", "60 candles");
    browser.script("document.querySelector('summary').focus()");
    browser.press(ENTER);
    browser.script("document.getElementById('from').value = '2025-08-05T00:00:00'");
    browser.script("document.getElementById('until').value = '2026-08-05T00:00:00'");

    pressOn("force-pool", DOWN);
    pressOn("pace", "7" + ENTER);

    awaitText("dialog-text", "all of the pool 0x9b1c after ");
    awaitText("dialog-text", " up to ");
    awaitText("dialog-text", "writes 0 trades again in 0 batches");
    browser.screenshot(SCREENSHOTS.resolve("force-1440-light.png"));
    assertThat(violations()).isEmpty();
    tabTo("dialog-no");
    browser.press(ENTER);
    pressOn("force-pool", UP);
    pressOn("pace", ENTER);
    awaitText("dialog-text", "30 trades again in 1 batch");
    tabTo("dialog-yes");
    browser.press(ENTER);
    awaitText("notice", "Sync completed: 30/30 trades processed");
  }

  @Test
  void whatCannotBeReachedIsSaidAndThePageComesBack() throws Exception {
    AtomicBoolean isGone = new AtomicBoolean(true);
    InMemoryTradeSource held = ServedEngine.source(3);
    TradeSource source =
        (TradeSource)
            Proxy.newProxyInstance(
                TradeSource.class.getClassLoader(),
                new Class<?>[] {TradeSource.class},
                (proxy, method, arguments) -> {
                  if (isGone.get() && method.getName().equals("last")) {
                    throw SideUnavailableException.unreachable(
                        Side.SOURCE, "the cable is cut", new IOException());
                  }
                  return method.invoke(held, arguments);
                });
    open(source, new InMemorySink());
    awaitText("state", "unknown");
    awaitText("summary", "the cable is cut");
    assertGoodLooking("unknown");

    isGone.set(false);
    awaitText("state", "unhealthy");
  }

  @Test
  @Tag("long")
  void aGapOf200000TradesCloses() throws Exception {
    open(200_000, new InMemorySink());
    awaitText("state", "unhealthy");
    awaitText("timeline-text", "The source holds 200,000 trades, 0 are processed.");
    visit();
    awaitText("state", "unhealthy");
    double shown =
        browser.script("return performance.getEntriesByName('figures')[0].startTime").asDouble();
    assertThat(shown).as("milliseconds until the last known figures are shown").isLessThan(300);
    browser.click("sync");
    awaitText("dialog-text", "A run writes 200,000 trades");
    browser.script(
        "window.changes = []; new MutationObserver(() => window.changes.push(performance.now()))"
            + ".observe(document.getElementById('run-text'), {childList: true})");
    browser.click("dialog-yes");
    awaitText("notice", "Sync completed: 200000/200000 trades processed");
    awaitText("state", "healthy");
    double perSecond =
        browser
            .script(
                "return 1000 * window.changes.length"
                    + " / (window.changes[window.changes.length - 1] - window.changes[0])")
            .asDouble();
    assertThat(perSecond).as("updates a second").isGreaterThanOrEqualTo(2);
  }
}
