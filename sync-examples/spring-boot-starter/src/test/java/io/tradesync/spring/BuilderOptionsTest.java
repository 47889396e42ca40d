package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.tradesync.SyncEngineBuilder;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.jdbc.PonderNotifyListener;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.redis.LiveConsumerBuilder;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Each option of each builder is a property, or is listed here with what sets it instead. */
class BuilderOptionsTest {

  private static final String BEAN = "a bean";

  /** The options of a builder that are no property of its group, by what sets them. */
  static Stream<Arguments> builders() {
    return Stream.of(
        Arguments.of(
            SyncEngineBuilder.class,
            EngineProperties.Engine.class,
            Map.of(
                "source", BEAN,
                "log", BEAN,
                "sink", BEAN,
                "scope", "tradesync.scope",
                "listener", BEAN,
                "healthSides", "the starter, with connections of their own",
                "clock", "SyncEngineCustomizer, for tests",
                "runIds", "SyncEngineCustomizer, since it is code",
                "workers", "SyncEngineCustomizer, since it is code")),
        Arguments.of(
            PonderTradeSource.Builder.class,
            EngineProperties.Source.class,
            Map.of("column", "columns", "withoutPools", "an empty pools-table")),
        Arguments.of(PostgresSyncLog.Builder.class, EngineProperties.Store.class, Map.of()),
        Arguments.of(TimescaleSink.Builder.class, EngineProperties.Sink.class, Map.of()),
        Arguments.of(
            PonderNotifyListener.Builder.class,
            EngineProperties.Notifications.class,
            Map.of("schema", "tradesync.source.schema", "table", "tradesync.source.table")),
        Arguments.of(
            LiveConsumerBuilder.class,
            EngineProperties.Redis.class,
            Map.of(
                "service", "tradesync.store.service",
                "decoder", "format; another one needs a LiveFeed bean",
                "client", "a LiveFeed bean, since it is code")));
  }

  @ParameterizedTest
  @MethodSource("builders")
  void eachOptionIsAPropertyOrIsSetInAnotherWay(
      Class<?> builder, Class<?> group, Map<String, String> others) {
    Set<String> options =
        Arrays.stream(builder.getMethods())
            .filter(method -> method.getReturnType() == builder)
            .map(Method::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> properties =
        Arrays.stream(group.getRecordComponents())
            .map(RecordComponent::getName)
            .collect(Collectors.toSet());

    assertThat(options).containsAll(others.keySet());
    options.removeAll(others.keySet());
    assertThat(properties).containsAll(options);
  }

  /** A wrong value shows that the property reaches its option. */
  @Test
  void propertiesOfFeedsAndOfTheSinkReachTheirOptions() {
    refused("tradesync.redis.discovery-interval", "0s");
    refused("tradesync.redis.max-entry-bytes", "0");
    refused("tradesync.redis.block-time", "0s");
    refused("tradesync.redis.reread-delay", "0s");
    refused("tradesync.redis.reread-limit", "-1s");
    refused("tradesync.redis.claim-after", "0s");
    refused("tradesync.redis.remove-consumers-after", "0s");
    refused("tradesync.redis.delivery-limit", "0");
    refused("tradesync.redis.max-dead-letters", "0");
    refused("tradesync.redis.max-retry-delay", "0s");
    refused("tradesync.redis.batch-size", "0");
    refused("tradesync.notifications.max-retry-delay", "0s");
    refused("tradesync.sink.retain-for", "1m");
    refused("tradesync.sink.compress-after", "1m");
    refused("tradesync.sink.chunk-interval", "1m");
    refused("tradesync.sink.bucket-seconds", "0");
    refused("tradesync.sink.refresh[0]", " ", "tradesync.sink.refresh");
  }

  /** Beside these the sink is that of the properties. */
  @Configuration(proxyBeanMethods = false)
  static class SourceAndLog {

    @Bean
    InMemoryTradeSource source() {
      return new InMemoryTradeSource();
    }

    @Bean
    InMemorySyncLog log() {
      return new InMemorySyncLog();
    }
  }

  private static void refused(String property, String value) {
    refused(property, value, property);
  }

  private static void refused(String property, String value, String named) {
    boolean isOfTheSink = property.contains(".sink.");
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(TradesyncAutoConfiguration.class))
        .withUserConfiguration(isOfTheSink ? SourceAndLog.class : InMemoryBeans.class)
        .withPropertyValues(
            "tradesync.source.url=jdbc:postgresql://localhost:1/ponder",
            "tradesync.notifications.enabled=" + property.contains(".notifications."))
        .withPropertyValues(
            property.contains(".redis.")
                ? new String[] {
                  "tradesync.redis.streams=trades", "tradesync.redis.url=redis://localhost:1"
                }
                : new String[0])
        .withPropertyValues(property + "=" + value)
        .run(
            context -> {
              assertThat(context).as(property).hasFailed();
              assertThat(new TradesyncFailureAnalyzer().analyze(context.getStartupFailure()))
                  .extracting(FailureAnalysis::getDescription, STRING)
                  .startsWith(named + " ");
            });
  }
}
