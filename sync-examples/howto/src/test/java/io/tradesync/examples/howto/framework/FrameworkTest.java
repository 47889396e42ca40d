package io.tradesync.examples.howto.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tradesync.SyncEngine;
import io.tradesync.examples.howto.SourceAndStore;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The engines of the containers close a gap after the start, and are closed with the container. */
class FrameworkTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static SourceAndStore databases;

  @BeforeEach
  void create() {
    databases = new SourceAndStore();
    databases.addTrades(3);
  }

  @AfterEach
  void drop() {
    databases.close();
  }

  /** What the configuration of Quarkus creates. */
  static final class DataSources {

    @Produces
    @Singleton
    @Named("ponder")
    DataSource ponder() {
      return databases.source();
    }

    @Produces
    @Singleton
    @Named("analytics")
    DataSource analytics() {
      return databases.store();
    }
  }

  @Test
  void quarkus() {
    SyncEngine engine;
    try (SeContainer container =
        SeContainerInitializer.newInstance()
            .disableDiscovery()
            .addBeanClasses(QuarkusEngine.class, DataSources.class)
            .initialize()) {
      engine = container.select(SyncEngine.class).get();
      awaitTrades();
    }
    assertIsClosed(engine);
  }

  @Test
  void micronaut() {
    SyncEngine engine = new MicronautEngine().engine(databases.source(), databases.store());
    awaitTrades();
    engine.close();
    assertIsClosed(engine);
  }

  private static void awaitTrades() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(databases.tradesInStore()).isEqualTo(3));
  }

  private static void assertIsClosed(SyncEngine engine) {
    assertThatIllegalStateException().isThrownBy(engine::health);
  }
}
