package io.tradesync.examples.howto.framework;

import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * An engine in Quarkus, or in another container of CDI 4: a bean that any other bean can inject. It
 * closes gaps at the start and then at an interval. In Quarkus the two data sources are those that
 * {@code quarkus.datasource.ponder} and {@code quarkus.datasource.analytics} configure.
 */
@ApplicationScoped
public class QuarkusEngine {

  /** Shorter than the time that Kubernetes and Quarkus give to a shutdown. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** Creates the engine. The store gets its tables when this method is called. */
  @Produces
  @Singleton
  public SyncEngine engine(
      @Named("ponder") DataSource ponder, @Named("analytics") DataSource analytics) {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(ponder).build())
        .log(PostgresSyncLog.builder(analytics).build())
        .sink(TimescaleSink.builder().build())
        .build();
  }

  /** Recovers by itself from the start of the application on. */
  public void start(@Observes Startup event, SyncEngine engine) {
    engine.start(Duration.ofMinutes(1));
  }

  /** Stops a run at a batch boundary, before the container closes the data sources. */
  public void stop(@Observes Shutdown event, SyncEngine engine) {
    engine.close(CLOSE_TIMEOUT);
  }
}
