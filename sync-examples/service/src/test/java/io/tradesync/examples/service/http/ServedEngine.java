package io.tradesync.examples.service.http;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.SyncLog;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** An engine over memory, and the API that serves it. */
final class ServedEngine implements AutoCloseable {

  static final long FIRST_SECOND = 1_754_400_000L;

  static final FeedHealth FEED =
      new FeedHealth(
          "streams", null, false, List.of(), FeedHealth.Backlog.UNKNOWN, Map.of(), Map.of());

  final SyncEngine engine;
  final ApiServer server;

  ServedEngine(TradeSource source, AnalyticsSink sink) {
    this(source, sink, new Guard("127.0.0.1", true, null, null));
  }

  ServedEngine(TradeSource source, AnalyticsSink sink, Guard guard) {
    this(source, sink, CandleReader.NONE, guard, new InMemorySyncLog());
  }

  ServedEngine(TradeSource source, AnalyticsSink sink, CandleReader candles) {
    this(source, sink, candles, new InMemorySyncLog());
  }

  ServedEngine(TradeSource source, AnalyticsSink sink, CandleReader candles, SyncLog log) {
    this(source, sink, candles, new Guard("127.0.0.1", true, null, null), log);
  }

  private ServedEngine(
      TradeSource source, AnalyticsSink sink, CandleReader candles, Guard guard, SyncLog log) {
    RunMonitor monitor = new RunMonitor(() -> FEED, null);
    SyncEngineBuilder builder =
        SyncEngine.builder().source(source).log(log).sink(sink).retryDelay(Duration.ofMillis(1));
    monitor.listenTo(builder);
    engine = builder.build();
    server = new ApiServer(engine, monitor, candles, guard);
    server.start("127.0.0.1", 0);
  }

  /** A source with so many trades, one a minute. */
  static InMemoryTradeSource source(int trades) {
    InMemoryTradeSource source = new InMemoryTradeSource();
    addTo(source, 0, trades);
    return source;
  }

  static void addTo(InMemoryTradeSource source, int first, int end) {
    source.putAll(
        IntStream.range(first, end)
            .mapToObj(
                number ->
                    Trade.builder("trade_" + number, FIRST_SECOND + number * 60L, 1, "pool")
                        .price(BigDecimal.TEN)
                        .quantity(BigDecimal.ONE)
                        .build())
            .toList());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  HttpResponse<String> get(String path) throws Exception {
    return DocumentedClient.send(request(path).build());
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return post(path, BodyPublishers.ofString(body));
  }

  HttpResponse<String> post(String path, BodyPublisher body) throws Exception {
    return DocumentedClient.send(request(path).POST(body).build());
  }

  /** Opens a connection and sends the beginning of a request. */
  Socket connection(String lines) throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port());
    socket.getOutputStream().write(lines.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    return socket;
  }

  @Override
  public void close() {
    server.close();
    engine.close();
  }
}
