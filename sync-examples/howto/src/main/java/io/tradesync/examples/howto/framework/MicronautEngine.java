package io.tradesync.examples.howto.framework;

import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Factory;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import jakarta.inject.Named;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * An engine in Micronaut: a bean that any other bean can inject. It closes gaps at the start and
 * then at an interval. The two data sources are those that {@code datasources.ponder} and {@code
 * datasources.analytics} configure. Micronaut closes the engine before them, since it depends on
 * them.
 */
@Factory
public class MicronautEngine {

  /** Creates the engine with the application, and starts it. */
  @Context
  @Bean(preDestroy = "close")
  public SyncEngine engine(
      @Named("ponder") DataSource ponder, @Named("analytics") DataSource analytics) {
    SyncEngine engine =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(ponder).build())
            .log(PostgresSyncLog.builder(analytics).build())
            .sink(TimescaleSink.builder().build())
            .build();
    engine.start(Duration.ofMinutes(1));
    return engine;
  }
}
