package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.inmemory.InMemorySink;
import io.tradesync.spi.AnalyticsSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page in a real browser. Not run if no Chromium is installed. */
@Timeout(180)
class PageTest {

  private static final String ENTER = "\ue007";
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  private Browser browser;
  private ServedEngine served;

  private void open(int trades, AnalyticsSink sink) throws Exception {
    Path target = Files.createDirectories(Path.of("target", "browser")).toAbsolutePath();
    browser = Browser.open(Files.createTempDirectory(target, "profile"));
    served = new ServedEngine(ServedEngine.source(trades), sink);
    browser.visit("http://127.0.0.1:" + served.server.port() + "/");
  }

  @AfterEach
  void close() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (served != null) {
      served.close();
    }
  }

  private void awaitText(String id, String part) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(browser.text(id)).contains(part));
  }

  @Test
  void aGapIsShownAndClosedByTheKeyboardAlone() throws Exception {
    open(120, new InMemorySink());
    awaitText("state", "unhealthy");
    assertThat(browser.text("summary"))
        .isEqualTo("120 trades are missed, and the store is 1 h 59 min behind.");
    assertThat(browser.text("gaps")).contains("missing120");

    browser.script("document.getElementById('sync').focus()");
    browser.press(ENTER);
    awaitText("dialog-text", "A run writes 120 trades in 3 batches");
    browser.script("document.getElementById('dialog-yes').focus()");
    browser.press(ENTER);

    awaitText("notice", "Sync completed: 120/120 trades processed");
    awaitText("state", "healthy");
    awaitText("summary", "The store is equal to the source, and not behind.");
    awaitText("runs", "completed");
    for (int width : new int[] {360, 1440}) {
      for (String scheme : new String[] {"light", "dark"}) {
        browser.show(width, scheme);
        browser.screenshot(SCREENSHOTS.resolve("page-" + width + "-" + scheme + ".png"));
        assertThat(
                browser
                    .script("return document.documentElement.scrollWidth - window.innerWidth")
                    .asInt())
            .isLessThanOrEqualTo(0);
      }
    }
    assertThat(browser.script("return getComputedStyle(document.body).backgroundColor").asText())
        .isEqualTo("rgb(20, 24, 29)");
  }

  @Test
  void aRunIsShownAndCancelled() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    open(120, batch -> blocked.await());
    awaitText("state", "unhealthy");
    browser.click("sync");
    awaitText("dialog-text", "120 trades");
    browser.click("dialog-yes");
    awaitText("run-text", "0 of 120 trades");

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
        3,
        batch -> {
          if (batch.changes().stream().anyMatch(change -> change.key().id().equals("trade_1"))) {
            throw new IllegalArgumentException("the price is odd");
          }
        });
    awaitText("state", "unhealthy");
    browser.click("sync");
    awaitText("dialog-text", "3 trades");
    browser.click("dialog-yes");
    awaitText("errors", "the price is odd");

    browser.click("accept-all");
    awaitText("dialog-text", "1 failures are accepted");
    browser.click("dialog-yes");
    assertThat(browser.script("return document.getElementById('dialog').open").asBoolean())
        .as("the dialog stays open without a reason")
        .isTrue();
    browser.script("document.getElementById('reason').value = 'the exchange confirmed it'");
    browser.click("dialog-yes");

    awaitText("notice", "1 failures are accepted.");
    awaitText("errors", "accepted: the exchange confirmed it");
    awaitText("state", "healthy");
    browser.script("document.querySelector('#errors button').click()");
    awaitText("notice", "1 trades are released.");
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
    awaitText("dialog-text", "A force writes all trades after 2025-08-0");
    assertThat(served.engine.runs(10)).isEmpty();
  }
}
