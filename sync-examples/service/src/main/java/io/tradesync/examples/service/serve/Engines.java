package io.tradesync.examples.service.serve;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.InvalidSettingException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.TradesyncException;
import io.tradesync.examples.service.http.RunMonitor;
import io.tradesync.examples.service.settings.DatabaseStartException;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.KeptSettings;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.settings.StartException;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import java.util.Map;
import java.util.function.Supplier;

/** Opens both databases, and builds the engine between them. */
final class Engines {

  /** For a run, which reads ahead while it writes. */
  private static final int SOURCE_CONNECTIONS = 2;

  /** For the run, the stream and the notifications, beside one for each worker. */
  private static final int FURTHER_STORE_CONNECTIONS = 3;

  /** For health, on either side: it compares a long range in so many parts. */
  private static final int HEALTH_CONNECTIONS = SyncEngineBuilder.DEFAULT_COMPARISON_PARALLELISM;

  /** From the name of a setting in sync-jdbc to its name in the service. */
  private static final Map<String, String> SOURCE_SETTINGS =
      Map.of(
          "schema",
          DeclaredSettings.PONDER_SCHEMA.name(),
          "extraColumns",
          DeclaredSettings.SYNC_EXTRA_COLUMNS.name());

  private Engines() {}

  static HikariDataSource openSource(String url, int furtherConnections) {
    return Databases.open(
        DeclaredSettings.PONDER_JDBC_URL.name(), url, SOURCE_CONNECTIONS + furtherConnections);
  }

  static HikariDataSource openStore(String url, int parallelism) {
    return Databases.open(
        DeclaredSettings.ANALYTICS_JDBC_URL.name(), url, parallelism + FURTHER_STORE_CONNECTIONS);
  }

  /** Connections to both sides. */
  record Pools(HikariDataSource source, HikariDataSource store) implements AutoCloseable {

    /** Opens pools that only health uses, so that no number of callers slows a run. */
    Pools openForHealth() {
      return new Pools(
          Databases.open(
              DeclaredSettings.PONDER_JDBC_URL.name(), source.getJdbcUrl(), HEALTH_CONNECTIONS),
          Databases.open(
              DeclaredSettings.ANALYTICS_JDBC_URL.name(), store.getJdbcUrl(), HEALTH_CONNECTIONS));
    }

    @Override
    public void close() {
      store.close();
      source.close();
    }
  }

  static SyncEngine engine(
      Settings settings,
      Pools pools,
      Pools ofHealth,
      RunMonitor monitor,
      SyncService.Options options) {
    // Checked before the store is changed, so that a bad source leaves no tables behind.
    PonderTradeSource ponder =
        namingSetting(
            DeclaredSettings.PONDER_JDBC_URL.name(),
            SOURCE_SETTINGS,
            () -> prepared(settings, pools.source()));
    SyncEngineBuilder engine =
        SyncEngine.builder()
            .source(ponder)
            .log(settings.kept().log(PostgresSyncLog.builder(pools.store())).build())
            .healthSides(
                ponder(settings, ofHealth.source()),
                PostgresSyncLog.builder(ofHealth.store()).build())
            .sink(options.sink().apply(settings.kept().sink()))
            .scope(settings.scope())
            .batchSize(settings.batchSize())
            .parallelism(settings.parallelism())
            .auditInterval(settings.auditInterval())
            .orphanGrace(settings.orphanGrace())
            .retractFinal(settings.retractFinal())
            .sinkTimeout(settings.sinkTimeout())
            .confirmation(settings.confirmation())
            .retryDelay(options.retryDelay());
    monitor.listenTo(engine);
    return namingSetting(
        DeclaredSettings.ANALYTICS_JDBC_URL.name(), KeptSettings.NAMES, engine::build);
  }

  private static PonderTradeSource prepared(Settings settings, HikariDataSource source) {
    PonderTradeSource ponder = ponder(settings, source);
    ponder.prepare();
    return ponder;
  }

  private static PonderTradeSource ponder(Settings settings, HikariDataSource source) {
    return PonderTradeSource.builder(source)
        .schema(settings.ponderSchema())
        .extraColumns(settings.extraColumns().toArray(String[]::new))
        .build();
  }

  /** Translates an error of a part: it then names the setting of the service. */
  static <T> T namingSetting(String setting, Map<String, String> names, Supplier<T> part) {
    try {
      return part.get();
    } catch (InvalidSettingException e) {
      String rule = String.valueOf(e.getMessage()).substring(e.name().length());
      throw new StartException(names.getOrDefault(e.name(), setting + ": " + e.name()) + rule, e);
    } catch (TradesyncException e) {
      throw new DatabaseStartException(setting + " cannot be used: " + e.getMessage(), e);
    }
  }
}
