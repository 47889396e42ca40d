package io.tradesync.spring;

import java.util.List;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** The health indicator in Spring Boot 3. */
final class BootHealth3 implements HealthIndicator {

  private final List<RunningEngine> engines;

  BootHealth3(List<RunningEngine> engines) {
    this.engines = engines;
  }

  @Override
  public Health health() {
    EngineStatus status = EngineStatus.of(engines);
    return Health.status(status.code()).withDetails(status.details()).build();
  }
}
