package io.tradesync.spring;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.ObservationRegistry;
import io.tradesync.SyncListener;
import io.tradesync.micrometer.SyncObservations;
import java.util.Optional;
import org.springframework.beans.factory.BeanFactory;

/** Creates the listener of tracing. Loaded only if Micrometer's observations are there. */
final class Observed {

  private Observed() {}

  /**
   * @param engine the engine's name; empty for the only one
   */
  static Optional<SyncListener> listener(BeanFactory beans, String engine) {
    return Optional.ofNullable(beans.getBeanProvider(ObservationRegistry.class).getIfUnique())
        .map(
            registry ->
                new SyncObservations(
                    registry,
                    engine.isEmpty() ? KeyValues.empty() : KeyValues.of("engine", engine)));
  }
}
