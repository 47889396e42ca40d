package io.tradesync.spring;

import io.tradesync.Recommendation;
import io.tradesync.SyncHealth;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.LiveFeed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The state of one engine as the actuator shows it.
 *
 * @param code the code of the status
 * @param details what is said besides, by name
 */
record EngineStatus(String code, Map<String, Object> details) {

  /** Health says what to do, or is fine. */
  static final String UP = "UP";

  /** A side cannot be asked. */
  static final String DOWN = "DOWN";

  /** The codes from the worst to the best. */
  static final List<String> ORDER =
      List.of(
          DOWN,
          Recommendation.IMMEDIATE_SYNC_REQUIRED.name(),
          Recommendation.SYNC_RECOMMENDED.name(),
          UP);

  /** The state of one engine; of several, the worst code and the details by name. */
  static EngineStatus of(List<RunningEngine> engines) {
    if (engines.size() == 1) {
      return of(engines.get(0));
    }
    String worst = UP;
    Map<String, Object> details = new LinkedHashMap<>();
    for (RunningEngine engine : engines) {
      EngineStatus status = of(engine);
      if (ORDER.indexOf(status.code()) < ORDER.indexOf(worst)) {
        worst = status.code();
      }
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("status", status.code());
      shown.putAll(status.details());
      details.put(engine.name(), shown);
    }
    return new EngineStatus(worst, details);
  }

  static EngineStatus of(RunningEngine engine) {
    HealthMonitor.Seen seen = engine.health();
    SyncHealth health = seen.health();
    Map<String, Object> details = new LinkedHashMap<>();
    String code = DOWN;
    if (health == null) {
      details.put("reason", seen.failure() == null ? "not known" : seen.failure().getMessage());
    } else {
      Recommendation recommendation = health.recommendation();
      code = recommendation == Recommendation.HEALTHY ? UP : recommendation.name();
      details.putAll(Shown.health(health));
    }
    details.put("asOf", seen.at().toString());
    Map<String, Object> feeds = feeds(engine.feeds());
    if (!feeds.isEmpty()) {
      details.put("feeds", feeds);
    }
    return new EngineStatus(code, details);
  }

  /** A feed that is down does not make an engine unhealthy: the next run closes the gap. */
  private static Map<String, Object> feeds(List<LiveFeed> feeds) {
    Map<String, Object> shown = new LinkedHashMap<>();
    for (LiveFeed feed : feeds) {
      FeedHealth health = feed.health();
      shown.put(health.name(), health.reason() == null ? "up" : "down: " + health.reason());
    }
    return shown;
  }
}
