package io.tradesync.examples.howto;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Posts new trades to a URL, a batch as one JSON array. After a crash the same trades may be posted
 * again, so the receiver discards trades that it has, by the key of the batch or the trades' ids.
 */
public record WebhookSink(URI receiver, HttpClient client) implements AnalyticsSink {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Takes the JDBC URL of the source and the URL of the receiver. */
  public static void main(String... args) {
    try (HikariDataSource ponder = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      var builder =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).build())
              .log(new InMemorySyncLog()) // forgets at exit; a PostgresSyncLog does not
              .sink(new WebhookSink(URI.create(args[1]), HttpClient.newHttpClient()));
      try (SyncEngine engine = builder.build()) {
        System.out.println(engine.run().message());
      }
    }
  }

  @Override
  public void write(TradeBatch batch) throws IOException, InterruptedException {
    ArrayNode body = JSON.createArrayNode();
    batch.changes().forEach(change -> body.add(fields(((TradeChange.Insert) change).trade())));
    HttpRequest request =
        HttpRequest.newBuilder(receiver)
            .timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", batch.idempotencyKey())
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 500) {
      throw new IOException("the receiver answered " + response.statusCode()); // tried again
    }
    if (response.statusCode() >= 300) {
      throw new IllegalStateException("the receiver refused: " + response.body()); // the reason
    }
  }

  private static ObjectNode fields(Trade trade) {
    return JSON.createObjectNode()
        .put("id", trade.id())
        .put("timestamp", trade.epochSecond())
        .put("pool", trade.poolId())
        .put("price", text(trade.price()))
        .put("quantity", text(trade.quantity()))
        .put("volume", text(trade.volume()));
  }

  private static @Nullable String text(@Nullable BigDecimal number) {
    return number == null ? null : number.toPlainString(); // a JSON number might be rounded
  }
}
