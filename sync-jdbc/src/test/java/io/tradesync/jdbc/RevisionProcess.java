package io.tradesync.jdbc;

import io.tradesync.RunOptions;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.postgresql.ds.PGPoolingDataSource;

/**
 * The process of {@link RevisionHistoriesTest} that holds the library and may be killed. Each line
 * of its input is a service whose engine runs once, and how; it then writes one line: the total,
 * the gaps left if they were asked for, and the message. Or the engine ingests the trades that the
 * line names, and the line that it writes says what became of them.
 */
final class RevisionProcess {

  /** Begins a line that is no log line. */
  static final String ANSWER = "answer: ";

  /** Has a run also say how many gaps health sees after it. */
  static final String WITH_HEALTH = "run-and-health";

  /** Has a run compare only what is not verified, if the engine remembers what is. */
  static final String UNVERIFIED = "run-unverified";

  /** Ingests trades; each is an id, a second and a price, with colons between them. */
  static final String INGEST = "ingest";

  private static final Duration LEASE = Duration.ofSeconds(1);

  private RevisionProcess() {}

  /** Takes the JDBC URLs of the source and of the store, and the URL of the receiver. */
  public static void main(String... args) throws Exception {
    PonderTradeSource source = PonderTradeSource.builder(pool("source", args[0])).build();
    PGPoolingDataSource store = pool("store", args[1]);
    HttpClient client = HttpClient.newHttpClient();
    Map<String, SyncEngine> engines = new HashMap<>();
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println(ANSWER + "ready");
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] command = line.split(" ");
      SyncEngine engine =
          engines.computeIfAbsent(
              command[0], service -> engine(source, store, service, client, URI.create(args[2])));
      String answer =
          command[1].equals(INGEST)
              ? engine.ingest(trades(command)).toString()
              : run(engine, command[1]);
      System.out.println(ANSWER + answer);
    }
  }

  private static List<Trade> trades(String[] command) {
    return Arrays.stream(command)
        .skip(2)
        .map(trade -> trade.split(":"))
        .map(
            fields ->
                StoreFixture.trade(
                    fields[0], Long.parseLong(fields[1]), Integer.parseInt(fields[2]), 1))
        .toList();
  }

  private static SyncEngine engine(
      PonderTradeSource source,
      PGPoolingDataSource store,
      String service,
      HttpClient client,
      URI receiver) {
    return SyncEngine.builder()
        .source(source)
        .log(PostgresSyncLog.builder(store).service(service).build())
        .sink(new Posting(client, receiver))
        .batchSize(3)
        .parallelism(2)
        // Half of the services track only the ids of trades that are not final: none of these.
        .compareAllUpTo(service.hashCode() % 2 == 0 ? 0 : 100)
        .orphanGrace(Duration.ZERO)
        .leaseTtl(LEASE)
        .maxAttempts(2)
        .retryDelay(Duration.ofMillis(1))
        .build();
  }

  private static String run(SyncEngine engine, String kind) throws InterruptedException {
    while (true) {
      try {
        RunOptions options =
            kind.equals("force") ? RunOptions.forceFromEpochSecond(0) : RunOptions.DEFAULT;
        SyncResult result =
            engine.run(options.allowMassRetraction(true).compareAll(!kind.equals(UNVERIFIED)));
        String gaps =
            kind.equals(WITH_HEALTH) ? String.valueOf(engine.health().gaps().total()) : "-";
        return result.total() + " " + gaps + " " + result.message();
      } catch (SyncAlreadyRunningException e) {
        Thread.sleep(20); // until the lease of the process that was killed ends
      }
    }
  }

  private static PGPoolingDataSource pool(String name, String url) {
    PGPoolingDataSource pool = new PGPoolingDataSource();
    pool.setDataSourceName(name);
    pool.setUrl(url);
    pool.setMaxConnections(6);
    return pool;
  }

  /** Posts a batch as lines: id, revision, second and price, of which a deletion has none. */
  private record Posting(HttpClient client, URI receiver) implements AnalyticsSink {

    @Override
    public void write(TradeBatch batch) throws Exception {
      List<String> lines = new ArrayList<>();
      for (TradeChange change : batch.changes()) {
        String what = change.after().map(t -> t.epochSecond() + " " + t.price()).orElse("");
        lines.add((change.key().id() + " " + change.revision() + " " + what).strip());
      }
      HttpRequest request =
          HttpRequest.newBuilder(receiver)
              .timeout(Duration.ofSeconds(20))
              .POST(HttpRequest.BodyPublishers.ofString(String.join("\n", lines)))
              .build();
      int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status != 200) {
        throw new IOException("answered " + status);
      }
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return EnumSet.allOf(SinkCapability.class);
    }
  }
}
