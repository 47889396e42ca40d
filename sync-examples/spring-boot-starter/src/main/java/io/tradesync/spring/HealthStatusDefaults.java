package io.tradesync.spring;

import io.tradesync.Recommendation;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;

/**
 * Tells the actuator the order of the statuses of the health indicator and their HTTP codes, since
 * it takes a status that it does not know for UP. Every property of the application wins.
 */
final class HealthStatusDefaults
    implements ApplicationContextInitializer<ConfigurableApplicationContext> {

  private static final String NAME = "tradesyncHealthStatuses";
  private static final String STATUS = "management.endpoint.health.status.";

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    MutablePropertySources sources = context.getEnvironment().getPropertySources();
    if (!sources.contains(NAME)) {
      sources.addLast(new MapPropertySource(NAME, properties()));
    }
  }

  private static Map<String, Object> properties() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put(
        STATUS + "order",
        String.join(
            ",",
            "DOWN",
            "OUT_OF_SERVICE",
            Recommendation.IMMEDIATE_SYNC_REQUIRED.name(),
            Recommendation.SYNC_RECOMMENDED.name(),
            "UP",
            "UNKNOWN"));
    // The actuator's own codes hold only as long as none is set, so they are set as well.
    String codes = STATUS + "http-mapping.";
    properties.put(codes + "down", 503);
    properties.put(codes + "out-of-service", 503);
    properties.put(codes + "immediate-sync-required", 503);
    return properties;
  }
}
