package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

class HealthStatusDefaultsTest {

  private static final String ORDER = "management.endpoint.health.status.order";

  @Test
  void theApplicationsOwnOrderWins() {
    try (GenericApplicationContext context = new GenericApplicationContext()) {
      new HealthStatusDefaults().initialize(context);
      assertThat(context.getEnvironment().getProperty(ORDER))
          .isEqualTo("DOWN,OUT_OF_SERVICE,IMMEDIATE_SYNC_REQUIRED,SYNC_RECOMMENDED,UP,UNKNOWN");
      context
          .getEnvironment()
          .getPropertySources()
          .addFirst(new MapPropertySource("own", Map.of(ORDER, "UP")));
      assertThat(context.getEnvironment().getProperty(ORDER)).isEqualTo("UP");
    }
  }
}
