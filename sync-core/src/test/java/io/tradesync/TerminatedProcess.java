package io.tradesync;

import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The process of {@link TerminatedProcessTest}: its sink never returns, whatever interrupts it. */
final class TerminatedProcess {

  static final String IN_THE_SINK = "in the sink";
  static final String CLOSED = "closed";

  private TerminatedProcess() {}

  /** Takes how many seconds the sink may take, and how many closing may. */
  public static void main(String... args) {
    CountDownLatch never = new CountDownLatch(1);
    AnalyticsSink hanging =
        batch -> {
          System.out.println(IN_THE_SINK);
          while (true) {
            try {
              never.await();
            } catch (InterruptedException e) {
              // As a sink does that knows better.
            }
          }
        };
    SyncEngine engine =
        SyncEngine.builder()
            .source(new InMemoryTradeSource().put(SampleTrades.trade("a", SampleTrades.T0)))
            .log(new InMemorySyncLog())
            .sink(hanging)
            .sinkTimeout(Duration.ofSeconds(Long.parseLong(args[0])))
            .build();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  engine.close(Duration.ofSeconds(Long.parseLong(args[1])));
                  System.out.println(CLOSED);
                }));
    System.out.println(engine.run().message());
  }
}
