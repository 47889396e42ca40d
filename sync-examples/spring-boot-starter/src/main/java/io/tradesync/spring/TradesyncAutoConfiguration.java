package io.tradesync.spring;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderNotifyListener;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.micrometer.SyncMetrics;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.SyncLog;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Configures an engine, or several by name, as {@link TradesyncProperties} say. Each of its beans
 * backs off if the application declares its own: source, log, sink, engine, feeds, meters.
 */
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
      "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"
    })
@ConditionalOnProperty(prefix = TradesyncProperties.PREFIX, name = "enabled", matchIfMissing = true)
@EnableConfigurationProperties(TradesyncProperties.class)
@ImportRuntimeHints(TradesyncRuntimeHints.class)
@Import(SeveralEngines.class)
public final class TradesyncAutoConfiguration {

  /** Configures the beans; called by Spring. */
  public TradesyncAutoConfiguration() {}

  /** The beans of the only engine. */
  @Configuration(proxyBeanMethods = false)
  @Conditional(OneEngine.class)
  static class OnlyEngine {

    @Bean
    EngineParts tradesyncParts(
        TradesyncProperties properties,
        ConfigurableListableBeanFactory beans,
        ApplicationContext context) {
      return new EngineParts("", properties, beans, context);
    }

    @Bean
    @ConditionalOnMissingBean({TradeSource.class, SyncEngine.class})
    PonderTradeSource tradesyncSource(EngineParts parts) {
      return parts.source();
    }

    @Bean
    @ConditionalOnMissingBean({SyncLog.class, SyncEngine.class})
    PostgresSyncLog tradesyncLog(EngineParts parts) {
      return parts.log();
    }

    @Bean
    @ConditionalOnMissingBean({AnalyticsSink.class, SyncEngine.class})
    TimescaleSink tradesyncSink(EngineParts parts) {
      return parts.sink();
    }

    @Bean
    @ConditionalOnMissingBean
    SyncEngine tradesyncEngine(
        EngineParts parts, TradeSource source, SyncLog log, AnalyticsSink sink) {
      return parts.engine(source, log, sink);
    }

    @Bean
    @ConditionalOnSingleCandidate(SyncEngine.class)
    RunningEngine tradesyncRunningEngine(EngineParts parts, SyncEngine engine) {
      return parts.running(engine);
    }

    @Bean
    @ConditionalOnProperty("tradesync.notifications.enabled")
    @ConditionalOnMissingBean
    PonderNotifyListener tradesyncNotifications(EngineParts parts) {
      return parts.notifications();
    }
  }

  /** The feed of Redis streams. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(LiveConsumer.class)
  @Conditional({OneEngine.class, StreamsNamed.class})
  static class OnlyRedisFeed {

    @Bean
    @ConditionalOnMissingBean(LiveConsumer.class)
    LiveFeed tradesyncRedisFeed(EngineParts parts) {
      return parts.redisFeed();
    }
  }

  /** The meters, which Spring Boot binds to each registry. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterBinder.class)
  @Conditional(OneEngine.class)
  static class OnlyMeters {

    @Bean
    @ConditionalOnMissingBean
    SyncMetrics tradesyncMetrics(EngineParts parts) {
      return Metered.metrics(parts);
    }
  }

  /** Whether no engine has a name. */
  static final class OneEngine extends SpringBootCondition {

    @Override
    public ConditionOutcome getMatchOutcome(
        ConditionContext context, AnnotatedTypeMetadata metadata) {
      return new ConditionOutcome(
          SeveralEngines.names(context.getEnvironment()).isEmpty(),
          ConditionMessage.forCondition("one engine").because("tradesync.engines decides"));
    }
  }

  /** Whether a stream of Redis, or a pattern, is named. */
  static final class StreamsNamed extends SpringBootCondition {

    @Override
    public ConditionOutcome getMatchOutcome(
        ConditionContext context, AnnotatedTypeMetadata metadata) {
      return new ConditionOutcome(
          TradesyncProperties.of(context.getEnvironment()).redis().isWanted(),
          ConditionMessage.forCondition("streams").because("tradesync.redis.streams decides"));
    }
  }
}
