package io.tradesync.spring;

import io.tradesync.FailedTrade;
import io.tradesync.SyncHealth;
import io.tradesync.SyncRun;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values as maps of plain texts and numbers, the same in every version of the JSON library. The
 * fields have the names that the service's HTTP API gives them; what is null is left out.
 */
final class Shown {

  private Shown() {}

  static Map<String, Object> health(SyncHealth health) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("recommendation", health.recommendation().name());
    fields.put("lagMinutes", health.lagMinutes());
    put(fields, "lastPonderTimestamp", health.lastSourceEpochSecond());
    put(fields, "lastAnalyticsTimestamp", health.lastProcessedEpochSecond());
    fields.put("missedTrades", health.missedTrades());
    fields.put(
        "gaps",
        Map.of(
            "missing", health.gaps().missing(),
            "error", health.gaps().error(),
            "changed", health.gaps().changed(),
            "orphaned", health.gaps().orphaned()));
    put(fields, "retainedSince", health.retainedSinceEpochSecond());
    fields.put("accepted", health.accepted());
    fields.put("kept", health.kept());
    fields.put("storeDiffers", health.storeDiffers());
    fields.put("candlesToRecompute", health.candlesToRecompute());
    return fields;
  }

  static Map<String, Object> run(SyncRun run) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("runId", run.id());
    fields.put("kind", word(run.kind()));
    fields.put("outcome", word(run.outcome()));
    fields.put("startedAt", run.startedAt().toString());
    put(fields, "endedAt", run.endedAt() == null ? null : run.endedAt().toString());
    fields.put("processed", run.processed());
    fields.put("errors", run.errors());
    fields.put("total", run.total());
    put(fields, "message", run.message());
    return fields;
  }

  static Map<String, Object> failed(FailedTrade trade) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("timestamp", trade.key().epochSecond());
    fields.put("id", trade.key().id());
    fields.put("reason", trade.reason());
    fields.put("attempts", trade.attempts());
    fields.put("failedAt", trade.failedAt().toString());
    fields.put("runId", trade.runId());
    fields.put("parked", trade.parked());
    put(fields, "accepted", trade.accepted());
    return fields;
  }

  private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
    if (value != null) {
      fields.put(name, value);
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
