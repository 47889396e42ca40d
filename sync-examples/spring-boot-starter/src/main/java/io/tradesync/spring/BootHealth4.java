package io.tradesync.spring;

import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** The health indicator in Spring Boot 4, which moved the types. */
final class BootHealth4 implements HealthIndicator {

  private final List<RunningEngine> engines;

  BootHealth4(List<RunningEngine> engines) {
    this.engines = engines;
  }

  @Override
  public Health health() {
    EngineStatus status = EngineStatus.of(engines);
    return Health.status(status.code()).withDetails(status.details()).build();
  }
}
