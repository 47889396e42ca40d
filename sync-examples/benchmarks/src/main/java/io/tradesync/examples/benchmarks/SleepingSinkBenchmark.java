package io.tradesync.examples.benchmarks;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.spi.AnalyticsSink;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A sink outside the log's transaction that sleeps for each batch, as one does that calls a remote
 * service; beside the sleeps alone on as many threads, and beside a sink that does nothing. The
 * slower of these two is what the engine could reach at best.
 */
@Command(
    name = "sleeping",
    description = "A sink that sleeps for each batch, beside the sleeps alone.",
    mixinStandardHelpOptions = true)
public final class SleepingSinkBenchmark implements Callable<Integer> {

  private static final Goal OF_THE_SLOWER = Goal.minRatio(0.9);

  @Option(names = "--trades", defaultValue = "20000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(names = "--rounds", defaultValue = "3", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--sleep", defaultValue = "2", description = "ms; default: ${DEFAULT-VALUE}")
  private long sleepMillis;

  @Option(
      names = "--parallelism",
      split = ",",
      defaultValue = "1,4,16",
      description = "default: ${DEFAULT-VALUE}")
  private List<Integer> parallelisms = List.of();

  private final PrintStream out = System.out;
  private final Report report;
  private boolean right = true;

  SleepingSinkBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  SleepingSinkBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() throws Exception {
    int workers = parallelisms.stream().mapToInt(Integer::intValue).max().orElseThrow();
    try (Arena arena = Arena.open(workers + 4)) {
      Backlog backlog = arena.makeBacklog("full", trades);
      for (int parallelism : parallelisms) {
        measure(arena, backlog, parallelism);
      }
    }
    return right ? 0 : 1;
  }

  private void measure(Arena arena, Backlog backlog, int parallelism) throws Exception {
    String work = "custom sink, %d ms a batch, parallelism %d".formatted(sleepMillis, parallelism);
    Standing sleeping = Standing.ofRate(work, "sink that sleeps");
    Standing idle = Standing.ofRate(work, "sink that does nothing");
    Standing alone = Standing.ofRate(work, "the sleeps alone");
    for (int round = 0; round <= rounds; round++) {
      boolean counts = round > 0;
      run(arena, backlog, parallelism, sleepMillis, counts ? sleeping : warmUp(work));
      run(arena, backlog, parallelism, 0, counts ? idle : warmUp(work));
      Taken<Boolean> slept = Taken.by(arena, () -> sleepAlone(parallelism));
      if (counts) {
        alone.addRate(trades, slept.seconds(), slept.used());
      }
    }
    Standing slower = idle.values().median() < alone.values().median() ? idle : alone;
    List.of(sleeping, idle, alone)
        .forEach(
            each -> {
              out.printf("%s: %s: %,.0f/s%n", work, each.contestant(), each.values().median());
              report.add(each.row(slower, each == sleeping ? OF_THE_SLOWER : null));
            });
  }

  private static Standing warmUp(String work) {
    return Standing.ofRate(work, "warm-up");
  }

  private void run(Arena arena, Backlog backlog, int parallelism, long millis, Standing standing)
      throws Exception {
    arena.clearStore();
    AtomicLong written = new AtomicLong();
    AnalyticsSink sink =
        changes -> {
          if (millis > 0) {
            Thread.sleep(millis);
          }
          written.addAndGet(changes.changes().size());
        };
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(arena.source()).schema(backlog.schema()).build())
            .log(PostgresSyncLog.builder(arena.store()).schema(Arena.SCHEMA).build())
            .sink(sink)
            .batchSize(batch)
            .parallelism(parallelism)
            .build()) {
      Taken<SyncResult> taken = Taken.by(arena, engine::run);
      standing.addRate(trades, taken.seconds(), taken.used());
      if (taken.result().processed() != trades || written.get() != trades) {
        out.printf("WRONG: %s, %,d written%n", taken.result().message(), written.get());
        right = false;
      }
    }
  }

  /** Sleeps once a batch, on as many threads as the engine has workers. */
  private boolean sleepAlone(int threads) throws Exception {
    AtomicInteger left = new AtomicInteger((int) ((trades + batch - 1) / batch));
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(
            pool.submit(
                () -> {
                  while (left.getAndDecrement() > 0) {
                    Thread.sleep(sleepMillis);
                  }
                  return true;
                }));
      }
      for (Future<Boolean> each : all) {
        each.get();
      }
      return true;
    } finally {
      pool.shutdown();
    }
  }
}
