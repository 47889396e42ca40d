package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.KeyRange;
import io.tradesync.RunHandle;
import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.LiveWriter;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

class RunningEngineTest {

  private final InMemorySyncLog log = new InMemorySyncLog();

  private ApplicationContextRunner application(AnalyticsSink sink) {
    return application(InMemoryBeans.sourceOf(100), sink);
  }

  private ApplicationContextRunner application(TradeSource source, AnalyticsSink sink) {
    return new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(TradesyncAutoConfiguration.class))
        .withBean(TradeSource.class, () -> source)
        .withBean(InMemorySyncLog.class, () -> log)
        .withBean(AnalyticsSink.class, () -> sink)
        .withPropertyValues("tradesync.engine.batch-size=1", "tradesync.engine.group-commit=1");
  }

  /** A sink that waits in its third call, and says that it is there. */
  private static final class WaitingSink implements AnalyticsSink {

    final CountDownLatch waits = new CountDownLatch(3);
    final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public void write(io.tradesync.spi.TradeBatch batch) throws InterruptedException {
      waits.countDown();
      if (waits.getCount() == 0) {
        goOn.await();
      }
    }
  }

  private static Duration timeOf(Runnable work) {
    long began = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  @Test
  void aContextThatClosesInTheMiddleOfARunStopsItInTime() throws Exception {
    WaitingSink sink = new WaitingSink();
    RunHandle[] run = new RunHandle[1];
    Duration[] took = new Duration[1];
    application(sink)
        .run(
            context -> {
              run[0] = context.getBean(SyncEngine.class).submit(RunOptions.DEFAULT);
              assertThat(sink.waits.await(60, TimeUnit.SECONDS)).isTrue();
              ConfigurableApplicationContext closing =
                  (ConfigurableApplicationContext) context.getSourceApplicationContext();
              took[0] = timeOf(closing::close);
            });
    // The sink never returns by itself: it was interrupted when its time was over.
    assertThat(took[0]).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
    SyncResult result = run[0].result().get(5, TimeUnit.SECONDS);
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);

    application(batch -> {})
        .run(
            context -> {
              SyncResult next = context.getBean(SyncEngine.class).run();
              assertThat(next.isComplete()).isTrue();
              assertThat(next.processed()).isEqualTo(100 - result.processed());
            });
  }

  /** A source that ignores interrupts, as a driver that waits for an answer of its database. */
  private static final class DeafSource implements TradeSource {

    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch answer = new CountDownLatch(1);

    @Override
    public SourcePage<Trade> page(KeyRange range, int limit) {
      asked.countDown();
      while (answer.getCount() > 0) {
        LockSupport.parkNanos(1_000_000);
      }
      return SourcePage.last(List.of());
    }

    @Override
    public SourcePage<Trade> byIds(Collection<String> ids) {
      return SourcePage.last(List.of());
    }
  }

  @Test
  void aContextClosesInTimeAlthoughWhatIsUnderWayIgnoresEachInterrupt() {
    DeafSource source = new DeafSource();
    Duration[] took = new Duration[1];
    application(source, batch -> {})
        .run(
            context -> {
              assertThat(source.asked.await(60, TimeUnit.SECONDS)).isTrue();
              ConfigurableApplicationContext closing =
                  (ConfigurableApplicationContext) context.getSourceApplicationContext();
              took[0] = timeOf(closing::close);
            });
    source.answer.countDown();
    assertThat(took[0]).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
  }

  @Test
  void theRunIsAskedToStopBeforeAnotherPartOfTheApplicationHasStopped() throws Exception {
    WaitingSink sink = new WaitingSink();
    AtomicReference<RunHandle> run = new AtomicReference<>();
    CompletableFuture<Boolean> hadEnded = new CompletableFuture<>();
    SmartLifecycle slow =
        new SmartLifecycle() {
          private volatile boolean running;

          @Override
          public void start() {
            running = true;
          }

          @Override
          public void stop() {
            // As a web server that waits for a request which waits for the run.
            hadEnded.complete(run.get().result().isDone());
            running = false;
          }

          @Override
          public boolean isRunning() {
            return running;
          }

          @Override
          public int getPhase() {
            return Integer.MAX_VALUE - 1024;
          }
        };
    application(sink)
        .withBean("slow", SmartLifecycle.class, () -> slow)
        .run(
            context -> {
              run.set(context.getBean(SyncEngine.class).submit(RunOptions.DEFAULT));
              assertThat(sink.waits.await(60, TimeUnit.SECONDS)).isTrue();
              ConfigurableApplicationContext closing =
                  (ConfigurableApplicationContext) context.getSourceApplicationContext();
              closing.addApplicationListener(
                  event -> {
                    if (event instanceof org.springframework.context.event.ContextClosedEvent) {
                      // The batch under way may end; the run ends with it, for it was cancelled.
                      sink.goOn.countDown();
                    }
                  });
              closing.close();
              assertThat(hadEnded).isCompletedWithValue(true);
              SyncResult result = run.get().result().get(5, TimeUnit.SECONDS);
              assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
              assertThat(result.processed()).isLessThan(100);
            });
  }

  /** Records in which order it is used. */
  private record RecordingFeed(List<String> calls) implements LiveFeed {

    @Override
    public void prepare() {
      calls.add("prepare");
    }

    @Override
    public void start(LiveWriter liveWriter) {
      calls.add("start");
    }

    @Override
    public FeedHealth health() {
      return new FeedHealth(
          "mine", "no server", false, List.of(), FeedHealth.Backlog.UNKNOWN, Map.of(), Map.of());
    }

    @Override
    public void close(Duration timeout) {
      calls.add("close");
    }
  }

  @Test
  void feedsStartAfterTheFirstRunAndStopBeforeTheEngine() {
    List<String> calls = new CopyOnWriteArrayList<>();
    application(
            batch -> {
              if (!calls.contains("write")) {
                calls.add("write");
              }
            })
        .withBean(LiveFeed.class, () -> new RecordingFeed(calls))
        .withPropertyValues("tradesync.auto-interval=1h")
        .run(
            context -> {
              Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> calls.contains("start"));
              assertThat(EngineStatus.of(context.getBean(RunningEngine.class)).details())
                  .containsEntry("feeds", Map.of("mine", "down: no server"));
            });
    assertThat(calls).startsWith("prepare", "write", "start", "close");
  }

  @Test
  void anEngineThatWasStoppedSaysThatItCannotBeStartedAgain() {
    application(batch -> {})
        .run(
            context -> {
              RunningEngine engine = context.getBean(RunningEngine.class);
              assertThat(engine.isPauseable()).isFalse();
              engine.stop();
              assertThat(engine.isRunning()).isFalse();
              assertThatThrownBy(engine::start)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("cannot be started again");
            });
  }
}
