package io.tradesync.examples.howto;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.RetryLaterException;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.SinkUnavailableException;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Posts changes to a URL; after a crash again, in other batches. The receiver applies, for an id,
 * only what has a greater revision than it applied last, so each trade counts once.
 */
public record WebhookSink(URI receiver, HttpClient client) implements AnalyticsSink {

  private static final ObjectMapper JSON = new ObjectMapper();

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
    var changes = batch.changes().stream().map(WebhookSink::fields).toList();
    var body = BodyPublishers.ofByteArray(JSON.writeValueAsBytes(changes));
    var post = HttpRequest.newBuilder(receiver).header("Idempotency-Key", batch.idempotencyKey());
    var answer = client.send(post.POST(body).build(), BodyHandlers.ofString());
    int status = answer.statusCode();
    if (status == 429 || status == 503) { // tried again when the receiver says; uses no attempt up
      var seconds = answer.headers().firstValue("Retry-After").filter(s -> s.matches("\\d{1,6}"));
      throw new RetryLaterException(Duration.ofSeconds(Long.parseLong(seconds.orElse("1"))));
    } else if (status >= 500) {
      throw new IOException("the receiver answered " + status); // tried again
    } else if (status / 100 == 3 || status == 401 || status == 403) { // the run ends
      throw new SinkUnavailableException("the receiver answered " + status);
    } else if (status >= 300) {
      throw new IllegalStateException("the receiver refused: " + answer.body()); // the reason
    }
  }

  private static ObjectNode fields(TradeChange change) {
    ObjectNode fields = JSON.createObjectNode().put("id", change.key().id());
    fields.put("timestamp", change.key().epochSecond()).put("revision", change.revision());
    for (Trade trade : change.after().stream().toList()) { // none if the trade is gone
      fields.put("pool", trade.poolId()).put("price", Objects.toString(trade.price(), null));
      fields.put("quantity", Objects.toString(trade.quantity(), null)); // a number might be rounded
      fields.put("volume", Objects.toString(trade.volume(), null));
    }
    return fields;
  }
}
