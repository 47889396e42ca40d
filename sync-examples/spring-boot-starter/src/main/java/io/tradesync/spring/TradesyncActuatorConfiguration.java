package io.tradesync.spring;

import java.util.List;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Shows the engines in the actuator: the health indicator {@code tradesync} and the endpoint {@code
 * tradesync}. The indicator is switched off by {@code management.health.tradesync.enabled=false}.
 */
@AutoConfiguration(after = TradesyncAutoConfiguration.class)
@ConditionalOnBean(RunningEngine.class)
public final class TradesyncActuatorConfiguration {

  private static final String INDICATOR = "tradesyncHealthIndicator";

  /** Configures the beans; called by Spring. */
  public TradesyncActuatorConfiguration() {}

  /** The health indicator in Spring Boot 3. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.actuate.health.HealthIndicator")
  @ConditionalOnProperty(value = "management.health.tradesync.enabled", matchIfMissing = true)
  static class OfBoot3 {

    @Bean(INDICATOR)
    @ConditionalOnMissingBean(name = INDICATOR)
    BootHealth3 health(List<RunningEngine> engines) {
      return new BootHealth3(engines);
    }
  }

  /** The health indicator in Spring Boot 4. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.health.contributor.HealthIndicator")
  @ConditionalOnProperty(value = "management.health.tradesync.enabled", matchIfMissing = true)
  static class OfBoot4 {

    @Bean(INDICATOR)
    @ConditionalOnMissingBean(name = INDICATOR)
    BootHealth4 health(List<RunningEngine> engines) {
      return new BootHealth4(engines);
    }
  }

  /** The endpoint. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({WebEndpoint.class, ConditionalOnAvailableEndpoint.class})
  static class OfEndpoint {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(endpoint = TradesyncEndpoint.class)
    TradesyncEndpoint tradesyncEndpoint(List<RunningEngine> engines) {
      return new TradesyncEndpoint(engines);
    }
  }
}
