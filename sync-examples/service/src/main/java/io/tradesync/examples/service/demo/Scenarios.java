package io.tradesync.examples.service.demo;

import io.tradesync.Trade;
import io.tradesync.examples.service.verify.Candles;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The eight scenarios in order. Each begins with the data of the previous one. */
final class Scenarios {

  private static final long T0 = 1_754_400_000L;
  private static final Trade TRADE_A = Stage.trade("trade_A", T0);
  private static final Trade TRADE_B = Stage.trade("trade_B", T0 + 60);
  private static final Trade TRADE_C = Stage.trade("trade_C", T0 + 120);
  private static final Trade TRADE_D = Stage.trade("trade_D", T0 + 180);
  private static final Trade TRADE_E = Stage.trade("trade_E", T0 + 240);

  private static final int BACKLOG = 2_000;
  private static final long EIGHT_HOURS = 8 * 60 * 60;
  private static final long AFTER_BACKLOG = T0 + 240 + EIGHT_HOURS;
  private static final int PARTIAL = 200;
  private static final long TEN_MINUTES = 10 * 60;
  private static final long ORIGINAL_MILLIS = 187_000;
  private static final Pattern DURATION = Pattern.compile("\"duration\":(\\d+)");

  private static final String PROCESSED =
      "SELECT count(*) FROM sync_log WHERE status = 'processed'";

  private final Stage stage;
  private final Report report;
  private Api api;

  Scenarios(Stage stage, Report report) {
    this.stage = stage;
    this.report = report;
    this.api = stage.startService(true);
  }

  void walk() {
    report.scenario("Normal operation", this::normalOperation);
    report.scenario("The analytics service is down", this::serviceDown);
    report.scenario("Restart and gap detection", this::gapDetection);
    report.scenario("Manual sync", this::manualSync);
    report.scenario("Verification", this::verification);
    report.scenario("Large backlog", this::largeBacklog);
    report.scenario("Partial failure", this::partialFailure);
    report.scenario("Force from a time", this::forceFromTime);
  }

  private void normalOperation() {
    report.say("trade_A and trade_B happen; the live path takes them from the Redis stream");
    stage.happen(TRADE_A, TRADE_B);
    Stage.await(() -> stage.store().number(PROCESSED) == 2);
    report.expect(
        "sync_log",
        List.of("trade_A processed", "trade_B processed"),
        stage.store().texts("SELECT trade_id || ' ' || status FROM sync_log ORDER BY trade_id"));
    health(true, 0, T0 + 60, T0 + 60, "HEALTHY", 0);
  }

  private void serviceDown() {
    stage.stopService();
    report.say("the service is stopped; trade_C, trade_D and trade_E happen");
    stage.happen(TRADE_C, TRADE_D, TRADE_E);
    report.expect("entries in the stream that nobody consumed", 3L, stage.unreadEntries());
    long inPonder = stage.source().number("SELECT count(*) FROM order_book_trades");
    report.expect("missed trades", 3L, inPonder - stage.store().number(PROCESSED));
  }

  private void gapDetection() {
    report.say("the service starts again; its live path stays off for now");
    api = stage.startService(false);
    health(false, 3, T0 + 240, T0 + 60, "SYNC_RECOMMENDED", 3);
  }

  private void manualSync() {
    run("Sync completed: 3/3 trades processed", 3, 0);
    report.expect(
        "volume = price * quantity",
        "3750180000000000000000000000",
        stage
            .store()
            .texts("SELECT trim_scale(volume) FROM analytics_trades WHERE trade_id = 'trade_C'")
            .get(0));
    candlesAreRight();
  }

  private void verification() {
    health(true, 0, T0 + 240, T0 + 240, "HEALTHY", 0);
    stage.stopService();
    report.say("the live path comes back and finds trade_C, trade_D and trade_E in the stream");
    api = stage.startService(true);
    Stage.await(() -> stage.unreadEntries() == 0);
    report.expect("entries in the stream that nobody consumed", 0L, stage.unreadEntries());
    report.expect(
        "rows of trades, each once",
        5L,
        stage.store().number("SELECT count(*) FROM analytics_trades"));
    candlesAreRight();
  }

  private void largeBacklog() {
    report.say("eight hours pass; 2,000 trades happen that the service does not see");
    stage.happenUnseen(BACKLOG, T0 + 240, EIGHT_HOURS);
    health(false, 480, AFTER_BACKLOG, T0 + 240, "IMMEDIATE_SYNC_REQUIRED", BACKLOG);
    try (ProgressLines progress = api.listen()) {
      String answer = run("Sync completed: 2000/2000 trades processed", BACKLOG, 0);
      List<String> lines = progress.untilEnd();
      report.say(lines.isEmpty() ? "no progress" : lines.get(0));
      report.say("… " + (lines.isEmpty() ? "" : lines.get(lines.size() - 1)));
      report.expectSame("40 lines of progress, each as specified", expectedProgress(), lines);
      long millis = duration(answer);
      report.say(
          String.format(
              Locale.ROOT,
              "2,000 trades in %s ms (goal: under 1,000 ms: %s; the original took %,d ms)",
              millis,
              millis < 1_000 ? "met" : "missed",
              ORIGINAL_MILLIS));
    }
    health(true, 0, AFTER_BACKLOG, AFTER_BACKLOG, "HEALTHY", 0);
    candlesAreRight();
  }

  private static List<String> expectedProgress() {
    return IntStream.rangeClosed(1, 40)
        .mapToObj(
            batch -> {
              String percent =
                  BigDecimal.valueOf(batch * 100L)
                      .divide(BigDecimal.valueOf(40), 1, RoundingMode.UNNECESSARY)
                      .stripTrailingZeros()
                      .toPlainString();
              return "Batch "
                  + batch
                  + "/40: Processed "
                  + batch * 50
                  + "/2000 trades ("
                  + percent
                  + "%)";
            })
        .toList();
  }

  private void partialFailure() {
    report.say("200 trades happen; the network fails whenever the trades 51 to 100 are on it");
    stage.happenUnseen(PARTIAL, AFTER_BACKLOG, TEN_MINUTES);
    stage.breakNetworkFor(
        stage
            .source()
            .texts(
                """
                SELECT id FROM order_book_trades WHERE "timestamp" > ?
                ORDER BY "timestamp", id COLLATE "C" LIMIT 50 OFFSET 50
                """,
                AFTER_BACKLOG));
    run("Sync completed with errors: 150/200 trades processed", 150, 50);
    report.expect(
        "rows with status='error', error_message='Network timeout'",
        50L,
        stage
            .store()
            .number(
                "SELECT count(*) FROM sync_log"
                    + " WHERE status = 'error' AND error_message = 'Network timeout'"));
    report.expect(
        "rows of the trades 1 to 50 and 101 to 200 that are processed",
        150L,
        stage.store().number(PROCESSED + " AND trade_timestamp > ?", AFTER_BACKLOG));
    long newest = AFTER_BACKLOG + TEN_MINUTES;
    report.say("newer trades are processed, and the gap behind them is still seen");
    health(false, 0, newest, newest, "SYNC_RECOMMENDED", 50);
    failuresAreListed();
    report.say("the network is repaired");
    stage.repairNetwork();
    run("Sync completed: 50/50 trades processed", 50, 0);
    health(true, 0, newest, newest, "HEALTHY", 0);
    candlesAreRight();
  }

  private void failuresAreListed() {
    String answer = api.get("/api/sync/errors?limit=1000");
    report.say("GET /api/sync/errors?limit=1000");
    report.say(answer.length() > 200 ? answer.substring(0, 200) + " …" : answer);
    Matcher reasons = Pattern.compile("\"reason\":\"Network timeout\"").matcher(answer);
    report.expect("failed trades listed with their reason", 50L, reasons.results().count());
  }

  private void forceFromTime() {
    long total = 4 + BACKLOG + PARTIAL;
    report.say("somebody damages the candles that begin later");
    stage
        .store()
        .update(
            "UPDATE trade_candles SET volume = volume * 2, trades = trades + 1"
                + " WHERE bucket_start > to_timestamp(?)",
            T0);
    String now = stage.store().texts("SELECT clock_timestamp()").get(0);
    String answer = api.post("/api/sync/force", "{\"fromTimestamp\": " + T0 + "}");
    report.expectJson(
        "POST /api/sync/force {\"fromTimestamp\": " + T0 + "}",
        result("Sync completed: %1$s/%1$s trades processed".formatted(total), total, 0),
        RESULT_REST,
        answer);
    candlesAreRight();
    report.expect(
        "rows of trades, each once",
        total + 1,
        stage.store().number("SELECT count(*) FROM analytics_trades"));
    report.expect(
        "trades whose processed time is not new: only that of the given second",
        List.of("trade_A"),
        stage
            .store()
            .texts(
                "SELECT trade_id FROM sync_log WHERE NOT processed_at > ?::text::timestamptz",
                now));
    long newest = AFTER_BACKLOG + TEN_MINUTES;
    health(true, 0, newest, newest, "HEALTHY", 0);
  }

  private static final String RESULT_REST = "\\d+,\"runId\":\"[^\"]+\"}";

  private String run(String message, long processed, long errors) {
    String answer = api.post("/api/sync/run", "");
    report.expectJson(
        "POST /api/sync/run", result(message, processed, errors), RESULT_REST, answer);
    return answer;
  }

  private static String result(String message, long processed, long errors) {
    return "{\"success\":true,\"message\":\"%s\",\"processed\":%s,\"errors\":%s,\"total\":%s,\"duration\":"
        .formatted(message, processed, errors, processed + errors);
  }

  private static long duration(String answer) {
    Matcher matcher = DURATION.matcher(answer);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
  }

  private void health(
      boolean healthy,
      long lagMinutes,
      long lastPonder,
      long lastAnalytics,
      String recommendation,
      long missed) {
    String sevenFields =
        """
        {"status":"%s","isHealthy":%b,"lagMinutes":%s,"lastPonderTimestamp":%s,\
        "lastAnalyticsTimestamp":%s,"recommendation":"%s","missedTrades":%s,\
        """
            .formatted(
                healthy ? "healthy" : "unhealthy",
                healthy,
                lagMinutes,
                lastPonder,
                lastAnalytics,
                recommendation,
                missed);
    report.expectJson(
        "GET /api/sync/health",
        sevenFields,
        "\"gaps\":\\{\"missing\":\\d+,\"error\":\\d+,\"changed\":0,\"orphaned\":0},"
            + "\"verified\":(null|\\{\"through\":\\d+,\"at\":\"[^\"]+\",[^}]+}),"
            + "\"retainedSince\":null,\"accepted\":0,\"kept\":0,\"storeDiffers\":0,\"candlesToRecompute\":0,"
            + "\"lastPonderTime\":[^{}]+}",
        api.get("/api/sync/health"));
  }

  private void candlesAreRight() {
    List<String> stored = stage.store().texts(Candles.STORED);
    report.expectSame(
        stored.size() + " candles are what plain SQL makes of Ponder's trades",
        stage.source().texts(Candles.RECOMPUTED),
        stored);
  }
}
