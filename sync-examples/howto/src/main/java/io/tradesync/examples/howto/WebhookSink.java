package io.tradesync.examples.howto;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Posts changes to a URL; after a crash again, in other batches. The receiver applies, for an id,
 * only what has a greater revision than it applied last, so each trade counts once.
 */
public record WebhookSink(URI receiver, HttpClient client) implements AnalyticsSink {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Takes the JDBC URL of the source and the URL of the receiver. */
  public static void main(String... args) {
    PGSimpleDataSource ponder = new PGSimpleDataSource();
    ponder.setUrl(args[0]);
    var source = PonderTradeSource.builder(ponder).build();
    var sink = new WebhookSink(URI.create(args[1]), HttpClient.newHttpClient());
    var log = new InMemorySyncLog(); // forgets at exit; a PostgresSyncLog does not
    try (SyncEngine engine = SyncEngine.builder().source(source).log(log).sink(sink).build()) {
      System.out.println(engine.run().message());
    }
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return Set.of(SinkCapability.values());
  }

  @Override
  public void write(TradeBatch batch) throws IOException, InterruptedException {
    List<ObjectNode> body = batch.changes().stream().map(WebhookSink::fields).toList();
    HttpRequest request =
        HttpRequest.newBuilder(receiver)
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

  private static ObjectNode fields(TradeChange change) {
    ObjectNode fields = JSON.createObjectNode().put("id", change.key().id());
    fields.put("timestamp", change.key().epochSecond()).put("revision", change.revision());
    for (Trade trade : change.after().stream().toList()) { // none if the trade is gone
      fields.put("pool", trade.poolId()).put("price", text(trade.price()));
      fields.put("quantity", text(trade.quantity())).put("volume", text(trade.volume()));
    }
    return fields;
  }

  private static @Nullable String text(@Nullable BigDecimal number) {
    return number == null ? null : number.toPlainString(); // a JSON number might be rounded
  }
}
