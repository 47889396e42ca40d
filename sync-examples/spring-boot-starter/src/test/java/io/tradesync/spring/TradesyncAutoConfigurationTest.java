package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.micrometer.SyncMetrics;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class TradesyncAutoConfigurationTest {

  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  TradesyncAutoConfiguration.class,
                  TradesyncActuatorConfiguration.class,
                  TradesyncWebConfiguration.class));

  private final ApplicationContextRunner inMemory =
      application.withUserConfiguration(InMemoryBeans.class);

  private static FailureAnalysis analysis(AssertableApplicationContext context) {
    return new TradesyncFailureAnalyzer().analyze(context.getStartupFailure());
  }

  private void refused(ApplicationContextRunner runner, String description, String action) {
    runner.run(
        context -> {
          assertThat(context).hasFailed();
          FailureAnalysis analysis = analysis(context);
          assertThat(analysis).isNotNull();
          assertThat(analysis.getDescription()).contains(description);
          assertThat(analysis.getAction()).contains(action);
        });
  }

  @Test
  void partsOfTheApplicationTakeThePlaceOfOurs() {
    inMemory.run(
        context -> {
          assertThat(context).hasSingleBean(TradeSource.class).hasSingleBean(SyncLog.class);
          assertThat(context.getBean(AnalyticsSink.class)).isInstanceOf(InMemorySink.class);
          SyncResult result = context.getBean(SyncEngine.class).run();
          assertThat(result.processed()).isEqualTo(100);
          assertThat(context.getBean(InMemorySink.class).trades()).hasSize(100);
        });
  }

  @Test
  void anEngineOfTheApplicationIsStartedAndStoppedToo() {
    InMemoryTradeSource source = InMemoryBeans.sourceOf(3);
    InMemorySink sink = new InMemorySink();
    SyncEngine own =
        SyncEngine.builder().source(source).log(new InMemorySyncLog()).sink(sink).build();
    application
        .withBean(SyncEngine.class, () -> own)
        .run(
            context -> {
              assertThat(context.getBean(SyncEngine.class)).isSameAs(own);
              assertThat(context).doesNotHaveBean(TradeSource.class);
              assertThat(context.getBean(RunningEngine.class).isRunning()).isTrue();
              assertThat(context.getBean(RunningEngine.class).health().health().missedTrades())
                  .isEqualTo(3);
            });
    assertThat(own).satisfies(engine -> assertClosed(engine));
  }

  private static void assertClosed(SyncEngine engine) {
    org.assertj.core.api.Assertions.assertThatThrownBy(engine::run)
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nothingIsConfiguredIfItIsSwitchedOff() {
    application
        .withPropertyValues("tradesync.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(SyncEngine.class));
  }

  @Test
  void listenersCustomizersMetersAndObservationsAreGivenToTheEngine() {
    List<SyncResult> heard = new CopyOnWriteArrayList<>();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    ObservationRegistry observations = ObservationRegistry.create();
    List<String> observed = new CopyOnWriteArrayList<>();
    observations
        .observationConfig()
        .observationHandler(
            new ObservationHandler<>() {
              @Override
              public void onStop(io.micrometer.observation.Observation.Context context) {
                observed.add(context.getName());
              }

              @Override
              public boolean supportsContext(
                  io.micrometer.observation.Observation.Context context) {
                return true;
              }
            });
    inMemory
        .withBean(
            SyncListener.class,
            () ->
                new SyncListener() {
                  @Override
                  public void runEnded(SyncResult result) {
                    heard.add(result);
                  }
                })
        .withBean(SyncEngineCustomizer.class, () -> builder -> builder.runIds(() -> "run-1"))
        .withBean(ObservationRegistry.class, () -> observations)
        .run(
            context -> {
              context.getBeansOfType(MeterBinder.class).values().forEach(b -> b.bindTo(meters));
              assertThat(context.getBean(SyncEngine.class).run().runId()).isEqualTo("run-1");
              assertThat(heard).hasSize(1);
              assertThat(meters.get("tradesync.trades.processed").functionCounter().count())
                  .isEqualTo(100);
              assertThat(observed).contains("tradesync.run", "tradesync.batch");
            });
  }

  @Test
  void runsWithoutMicrometerRedisActuatorAndWeb() {
    inMemory
        .withClassLoader(
            new FilteredClassLoader(
                "io.micrometer",
                "io.tradesync.redis",
                "io.lettuce",
                "org.springframework.web",
                "org.springframework.boot.actuate",
                "org.springframework.boot.health"))
        .run(
            context -> {
              assertThat(context).hasNotFailed().doesNotHaveBean(TradesyncEndpoint.class);
              assertThat(context.getBean(SyncEngine.class).run().processed()).isEqualTo(100);
            });
  }

  @Test
  void startsAnIntervalOfRunsByItself() {
    inMemory
        .withPropertyValues("tradesync.auto-interval=1h")
        .run(
            context ->
                org.awaitility.Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .untilAsserted(
                        () ->
                            assertThat(context.getBean(InMemorySink.class).trades()).hasSize(100)));
  }

  @Test
  void everyPartThatIsMissingIsExplained() {
    refused(application, "does not know the database that Ponder writes to", "source.url");
    refused(
        application.withPropertyValues("tradesync.source.url=jdbc:postgresql://localhost/ponder"),
        "does not know the database to write to",
        "tradesync.store.url");
  }

  @Test
  void theOnlyDataSourceIsNeverTakenForTheSource() {
    refused(
        application.withBean(DataSource.class, PGSimpleDataSource::new),
        "does not know the database that Ponder writes to",
        "@TradesyncSource");
  }

  @Configuration(proxyBeanMethods = false)
  static class TwoSources {

    @Bean
    @TradesyncSource
    DataSource first() {
      return new PGSimpleDataSource();
    }

    @Bean
    @TradesyncSource
    DataSource second() {
      return new PGSimpleDataSource();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class OneSource {

    @Bean
    @TradesyncSource
    DataSource ponder() {
      return new PGSimpleDataSource();
    }
  }

  @Test
  void whatIsSaidTwiceIsRefused() {
    refused(application.withUserConfiguration(TwoSources.class), "first, second", "Mark one");
    refused(
        application
            .withUserConfiguration(OneSource.class)
            .withPropertyValues("tradesync.source.url=jdbc:postgresql://localhost/ponder"),
        "tradesync.source.url is set, and a DataSource is marked with @TradesyncSource",
        "Leave one of the two");
    refused(
        inMemory.withPropertyValues(
            "tradesync.scope.since=2025-01-01T00:00:00Z", "tradesync.scope.last=7d"),
        "tradesync.scope.last must not be set beside scope.since",
        "tradesync.scope.last");
  }

  @Test
  void aDatabaseThatIsMarkedAsTheSourceIsNotTakenForTheStore() {
    refused(
        application.withUserConfiguration(OneSource.class),
        "does not know the database to write to",
        "@TradesyncStore");
  }

  @Test
  void aValueThatCannotBeUsedIsExplainedByTheNameOfItsProperty() {
    refused(
        inMemory.withPropertyValues("tradesync.engine.batch-size=0"),
        "tradesync.engine.batch-size must be from 1 to 100000, but is: 0",
        "Change tradesync.engine.batch-size");
    refused(
        application.withPropertyValues(
            "tradesync.source.url=mysql://user:secret@host", "tradesync.store.url=x"),
        "tradesync.source.url must be like jdbc:postgresql:",
        "tradesync.source.url");
    refused(
        inMemory.withPropertyValues("tradesync.redis.streams=trades"),
        "does not know the Redis",
        "tradesync.redis.url");
    refused(
        inMemory.withPropertyValues(
            "tradesync.redis.streams=trades", "tradesync.redis.url=http://user:secret@host"),
        "tradesync.redis.url must be like redis:",
        "tradesync.redis.url");
    refused(
        inMemory.withPropertyValues(
            "tradesync.redis.streams=trades",
            "tradesync.redis.url=redis://localhost",
            "tradesync.redis.claim-after=1s"),
        "tradesync.redis.claim-after must be longer than",
        "tradesync.redis.claim-after");
  }

  @Test
  void aPropertyThatDoesNotExistIsRefused() {
    inMemory
        .withPropertyValues("tradesync.scope.sinse=2025-01-01T00:00:00Z")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("tradesync.scope.sinse"));
  }

  @Test
  void feedsAreThereIfTheyAreNamedAndBackOff() {
    inMemory.run(context -> assertThat(context).doesNotHaveBean(LiveFeed.class));
    inMemory
        .withPropertyValues(
            "tradesync.redis.streams=trades",
            "spring.data.redis.host=127.0.0.1",
            "spring.data.redis.port=1")
        .run(
            context -> {
              assertThat(context.getBean(LiveFeed.class)).isInstanceOf(LiveConsumer.class);
              assertThat(context.getBean(LiveFeed.class).health().up()).isFalse();
            });
    inMemory
        .withClassLoader(new FilteredClassLoader(LiveConsumer.class))
        .withPropertyValues(
            "tradesync.redis.streams=trades", "tradesync.redis.url=redis://localhost")
        .run(context -> assertThat(context).doesNotHaveBean(LiveFeed.class));
  }

  @Configuration(proxyBeanMethods = false)
  static class TwoEngines {

    @Bean
    @Qualifier("orders")
    InMemoryTradeSource source() {
      return InMemoryBeans.sourceOf(7);
    }

    @Bean
    @Qualifier("orders")
    InMemorySyncLog log() {
      return new InMemorySyncLog();
    }

    @Bean
    @Qualifier("orders")
    InMemorySink sink() {
      return new InMemorySink();
    }

    @Bean
    @Qualifier("swaps")
    InMemoryTradeSource sourceOfSwaps() {
      return InMemoryBeans.sourceOf(4);
    }

    @Bean
    @Qualifier("swaps")
    InMemorySyncLog logOfSwaps() {
      return new InMemorySyncLog();
    }

    @Bean
    @Qualifier("swaps")
    InMemorySink sinkOfSwaps() {
      return new InMemorySink();
    }
  }

  private ApplicationContextRunner twoEngines() {
    return application.withPropertyValues(
        "tradesync.engines.orders.engine.batch-size=5",
        "tradesync.engines.swaps.engine.batch-size=2");
  }

  @Test
  void severalEnginesHaveNamesAndPartsOfTheirOwn() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    twoEngines()
        .withUserConfiguration(TwoEngines.class)
        .run(
            context -> {
              Map<String, SyncEngine> engines = context.getBeansOfType(SyncEngine.class);
              assertThat(engines).containsOnlyKeys("ordersSyncEngine", "swapsSyncEngine");
              context.getBeansOfType(SyncMetrics.class).values().forEach(m -> m.bindTo(meters));

              assertThat(engines.get("ordersSyncEngine").run().processed()).isEqualTo(7);
              assertThat(engines.get("swapsSyncEngine").run().processed()).isEqualTo(4);

              assertThat(context.getBean("sink", InMemorySink.class).trades()).hasSize(7);
              assertThat(context.getBean("sinkOfSwaps", InMemorySink.class).trades()).hasSize(4);
              assertThat(
                      meters
                          .get("tradesync.trades.processed")
                          .tags("engine", "swaps")
                          .functionCounter()
                          .count())
                  .isEqualTo(4);
              assertThat(context.getBeansOfType(RunningEngine.class).values())
                  .allMatch(RunningEngine::isRunning)
                  .extracting(RunningEngine::name)
                  .containsExactlyInAnyOrder("orders", "swaps");
            });
  }

  @Test
  void aPartOfNoneOfSeveralEnginesIsRefused() {
    refused(
        twoEngines()
            .withUserConfiguration(TwoEngines.class)
            .withBean("forgotten", InMemorySink.class, InMemorySink::new),
        "The bean forgotten belongs to none of the engines orders, swaps",
        "@Qualifier");
  }

  @Test
  void propertiesOfOneAndOfSeveralEnginesExcludeEachOther() {
    refused(
        twoEngines()
            .withUserConfiguration(TwoEngines.class)
            .withPropertyValues("tradesync.engine.batch-size=5"),
        "Both tradesync.engine and tradesync.engines are set",
        "tradesync.engines.<name>.engine");
  }
}
