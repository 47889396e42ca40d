package io.tradesync.examples.howto;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TradeSource;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Trades to a webhook: a sink of one's own is a lambda. */
public final class WebhookSink {

  private WebhookSink() {}

  /**
   * An engine that posts the trades that the receiver lacks, as far as this process remembers. Give
   * it a log in a database to remember them over restarts.
   *
   * @param source where the trades come from
   * @param receiver where they are posted
   * @return the engine
   */
  public static SyncEngine engine(TradeSource source, URI receiver) {
    return SyncEngine.builder()
        .source(source)
        .log(new InMemorySyncLog())
        .sink(webhook(receiver))
        .batchSize(100)
        .build();
  }

  /**
   * Posts each batch as a JSON array. After a crash the same trades may be posted again, so the
   * receiver discards what it has, by the key of the batch or the ids of the trades.
   *
   * @param receiver where to post
   * @return the sink; it receives new trades only, since that is all it says it can do
   */
  public static AnalyticsSink webhook(URI receiver) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    ObjectMapper json = new ObjectMapper();
    return batch -> {
      List<Map<String, @Nullable Object>> trades =
          batch.changes().stream()
              .map(change -> fields(((TradeChange.Insert) change).trade()))
              .toList();
      HttpRequest request =
          HttpRequest.newBuilder(receiver)
              .timeout(Duration.ofSeconds(10))
              .header("Content-Type", "application/json")
              .header("Idempotency-Key", batch.idempotencyKey())
              .POST(BodyPublishers.ofByteArray(json.writeValueAsBytes(trades)))
              .build();
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() >= 500) {
        // Tried again, as every IOException and every timeout.
        throw new IOException("the receiver answered " + response.statusCode());
      }
      if (response.statusCode() >= 300) {
        // The reason that stands in the list of failed trades.
        throw new IllegalStateException("the receiver refused: " + response.body());
      }
    };
  }

  private static Map<String, @Nullable Object> fields(Trade trade) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("id", trade.id());
    fields.put("timestamp", trade.epochSecond());
    fields.put("pool", trade.poolId());
    // As text: no reader of JSON is bound to keep 78 digits of a number.
    fields.put("price", plain(trade.price()));
    fields.put("quantity", plain(trade.quantity()));
    fields.put("volume", plain(trade.volume()));
    return fields;
  }

  private static @Nullable String plain(@Nullable BigDecimal number) {
    return number == null ? null : number.toPlainString();
  }
}
