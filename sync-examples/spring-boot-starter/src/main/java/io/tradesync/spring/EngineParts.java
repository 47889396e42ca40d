package io.tradesync.spring;

import io.tradesync.InvalidSettingException;
import io.tradesync.Scope;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncListener;
import io.tradesync.jdbc.PonderNotifyListener;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spring.SettingNames.Group;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.util.ClassUtils;

/**
 * Creates the parts of one engine from its properties, and holds what they share. It is a bean of
 * which the engine's bean is made, so its connections are closed after the engine.
 */
final class EngineParts implements AutoCloseable {

  private final String name;
  private final EngineProperties properties;
  private final TradesyncProperties all;
  private final ApplicationContext context;
  private final EngineBeans beans;
  private final EngineDataSources databases;
  private final SettingNames names;
  private final HealthMonitor monitor;
  private @Nullable TradeSource created;
  private @Nullable SyncLog createdLog;

  /**
   * @param name the engine's name; empty for the only one
   */
  EngineParts(
      String name,
      TradesyncProperties all,
      ConfigurableListableBeanFactory beanFactory,
      ApplicationContext context) {
    this.name = name;
    this.all = all;
    this.context = context;
    this.properties = name.isEmpty() ? all.onlyEngine() : all.engine(name);
    this.beans = new EngineBeans(beanFactory, name);
    String prefix =
        TradesyncProperties.PREFIX + "." + (name.isEmpty() ? "" : "engines." + name + ".");
    this.databases = new EngineDataSources(prefix, properties, beans);
    this.names = new SettingNames(prefix);
    this.monitor =
        new HealthMonitor(
            all.healthInterval(),
            Clock.systemUTC(),
            EngineThreads.of(context.getEnvironment(), "tradesync-health-"));
    if (!name.isEmpty()) {
      List<String> engines = List.copyOf(all.engines().keySet());
      List.of(TradeSource.class, SyncLog.class, AnalyticsSink.class)
          .forEach(type -> beans.refuseForeign(type, engines));
    }
  }

  String name() {
    return name;
  }

  EngineProperties properties() {
    return properties;
  }

  HealthMonitor monitor() {
    return monitor;
  }

  EngineBeans beans() {
    return beans;
  }

  /** The source that the properties describe. */
  PonderTradeSource source() {
    PonderTradeSource source = source(databases.source());
    created = source;
    return source;
  }

  private PonderTradeSource source(DataSource database) {
    EngineProperties.Source settings = properties.source();
    return names.in(
        Group.SOURCE,
        () -> {
          PonderTradeSource.Builder source =
              PonderTradeSource.builder(database)
                  .schema(settings.schema())
                  .table(settings.table())
                  .extraColumns(settings.extraColumns().toArray(String[]::new))
                  .statementTimeout(settings.statementTimeout())
                  .poolCacheLifetime(settings.poolCacheLifetime())
                  .checkpoint(settings.checkpoint());
          settings.columns().forEach(source::column);
          return (settings.poolsTable().isEmpty()
                  ? source.withoutPools()
                  : source.poolsTable(settings.poolsTable()))
              .build();
        });
  }

  /** The log that the properties describe. */
  PostgresSyncLog log() {
    PostgresSyncLog log = log(databases.store());
    createdLog = log;
    return log;
  }

  private PostgresSyncLog log(DataSource database) {
    EngineProperties.Store settings = properties.store();
    return names.in(
        Group.STORE,
        () ->
            PostgresSyncLog.builder(database)
                .service(settings.service())
                .schema(settings.schema())
                .migrate(settings.migrate())
                .keepAsLongAsTrades(settings.keepAsLongAsTrades())
                .statementTimeout(settings.statementTimeout())
                .build());
  }

  /** The sink that the properties describe. */
  TimescaleSink sink() {
    EngineProperties.Sink settings = properties.sink();
    return names.in(
        Group.SINK,
        () -> {
          TimescaleSink.Builder sink =
              TimescaleSink.builder()
                  .schema(settings.schema())
                  .migrate(settings.migrate())
                  .bucketSeconds(
                      settings.bucketSeconds().stream().mapToInt(Integer::intValue).toArray())
                  .turnIntoHypertable(settings.turnIntoHypertable())
                  .candles(settings.candles())
                  .refresh(settings.refresh().toArray(String[]::new));
          if (settings.retainFor() != null) {
            sink.retainFor(settings.retainFor());
          }
          if (settings.compressAfter() != null) {
            sink.compressAfter(settings.compressAfter());
          }
          if (settings.chunkInterval() != null) {
            sink.chunkInterval(settings.chunkInterval());
          }
          return sink.build();
        });
  }

  /** The feed of Ponder's notifications. */
  PonderNotifyListener notifications() {
    return names.in(
        Group.NOTIFICATIONS,
        () -> {
          PonderNotifyListener.Builder feed =
              PonderNotifyListener.builder(databases.source())
                  .schema(properties.source().schema())
                  .table(properties.source().table())
                  .maxRetryDelay(properties.notifications().maxRetryDelay());
          String channel = properties.notifications().channel();
          return (channel == null ? feed : feed.channel(channel)).build();
        });
  }

  /** The feed of Redis streams; needs sync-redis on the class path. */
  LiveFeed redisFeed() {
    return names.in(
        Group.REDIS,
        () -> {
          SyncLog log = beans.only(SyncLog.class);
          String service = log == null ? properties.store().service() : log.service();
          return RedisFeeds.create(properties, service, beans, context.getEnvironment());
        });
  }

  /** The engine of beans or, where the application declares none, of the properties. */
  SyncEngine engine() {
    TradeSource source = orElse(beans.only(TradeSource.class), this::source);
    SyncLog log = orElse(beans.only(SyncLog.class), this::log);
    AnalyticsSink sink = orElse(beans.only(AnalyticsSink.class), this::sink);
    return engine(source, log, sink);
  }

  private static <T> T orElse(@Nullable T declared, Supplier<? extends T> ofProperties) {
    return declared != null ? declared : ofProperties.get();
  }

  /** The engine of these parts. */
  SyncEngine engine(TradeSource source, SyncLog log, AnalyticsSink sink) {
    // Checked before the store is changed, so that a wrong source leaves no tables behind.
    Boolean ignored =
        names.in(
            Group.SOURCE,
            () -> {
              source.prepare();
              return true;
            });
    SyncEngineBuilder engine = names.in(Group.ENGINE, this::engineOfProperties);
    engine.source(source).log(log).sink(sink).listener(monitor);
    setHealthSides(engine, source, log);
    listeners().forEach(engine::listener);
    beans.all(SyncEngineCustomizer.class).forEach(customizer -> customizer.customize(engine));
    return names.in(Group.ENGINE, engine::build);
  }

  private void setHealthSides(SyncEngineBuilder engine, TradeSource source, SyncLog log) {
    DataSource sourceOfHealth = created == source ? databases.sourceOfHealth() : null;
    DataSource storeOfHealth = createdLog == log ? databases.storeOfHealth() : null;
    engine.healthSides(
        sourceOfHealth == null ? source : source(sourceOfHealth),
        storeOfHealth == null ? log : log(storeOfHealth));
  }

  private List<SyncListener> listeners() {
    List<SyncListener> listeners = new ArrayList<>(beans.all(SyncListener.class));
    if (ClassUtils.isPresent(
        "io.micrometer.observation.ObservationRegistry", getClass().getClassLoader())) {
      Observed.listener(beans.factory(), name).ifPresent(listeners::add);
    }
    return listeners;
  }

  private SyncEngineBuilder engineOfProperties() {
    EngineProperties.Engine settings = properties.engine();
    return SyncEngine.builder()
        .scope(scope())
        .batchSize(settings.batchSize())
        .groupCommit(settings.groupCommit())
        .parallelism(settings.parallelism())
        .maxAttempts(settings.maxAttempts())
        .maxFailedBatches(settings.maxFailedBatches())
        .parkAfter(settings.parkAfter())
        .retryDelay(settings.retryDelay())
        .hintOverlap(settings.hintOverlap())
        .immediateSyncLag(settings.immediateSyncLag())
        .leaseTtl(settings.leaseTtl())
        .orphanGrace(settings.orphanGrace())
        .retractFinal(settings.retractFinal())
        .confirmation(settings.confirmation())
        .sinkTimeout(settings.sinkTimeout())
        .auditInterval(settings.auditInterval())
        .compareAllUpTo(settings.compareAllUpTo())
        .comparisonParallelism(settings.comparisonParallelism())
        .recordBeforeWrite(settings.recordBeforeWrite());
  }

  private Scope scope() {
    EngineProperties.Scope settings = properties.scope();
    if (settings.since() != null && settings.last() != null) {
      throw new InvalidSettingException(
          "scope", settings.last(), "must not be set beside scope.since");
    }
    Scope times = Scope.all();
    if (settings.since() != null) {
      times = Scope.since(settings.since());
    } else if (settings.last() != null) {
      times = Scope.last(settings.last());
    }
    return times
        .chains(settings.chains().stream().mapToLong(Long::longValue).toArray())
        .pools(settings.pools().toArray(String[]::new));
  }

  /** Starts and stops the engine that has the name of these parts. */
  RunningEngine running() {
    return running(Objects.requireNonNull(beans.only(SyncEngine.class), name));
  }

  RunningEngine running(SyncEngine engine) {
    return new RunningEngine(this, engine, beans.all(LiveFeed.class), all, context);
  }

  @Override
  public void close() {
    monitor.close();
    databases.close();
  }
}
