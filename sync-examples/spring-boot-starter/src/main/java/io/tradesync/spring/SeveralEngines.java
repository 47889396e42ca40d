package io.tradesync.spring;

import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderNotifyListener;
import io.tradesync.spi.LiveFeed;
import java.util.List;
import java.util.TreeSet;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;

/**
 * Registers the beans of engines that properties name. The engine {@code orders} is the bean {@code
 * ordersSyncEngine} with the qualifier {@code orders}.
 */
final class SeveralEngines implements ImportBeanDefinitionRegistrar {

  private static final String ENGINES = TradesyncProperties.PREFIX + ".engines";

  private static final List<String> GROUPS =
      List.of(
          "source", "store", "sink", "scope", "engine", "redis", "notifications", "auto-interval");

  private final Environment environment;

  SeveralEngines(Environment environment) {
    this.environment = environment;
  }

  /** The names of the engines, in their order; empty if there is only one, which has none. */
  static List<String> names(Environment environment) {
    return Binder.get(environment)
        .bind(ENGINES, Bindable.mapOf(String.class, Object.class))
        .map(engines -> List.copyOf(new TreeSet<>(engines.keySet())))
        .orElse(List.of());
  }

  @Override
  public void registerBeanDefinitions(
      AnnotationMetadata importing, BeanDefinitionRegistry registry) {
    List<String> names = names(environment);
    if (!names.isEmpty()) {
      refusePropertiesOfOne();
      names.forEach(name -> register(name, registry));
    }
  }

  private void refusePropertiesOfOne() {
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      for (String group : GROUPS) {
        ConfigurationPropertyName name =
            ConfigurationPropertyName.of(TradesyncProperties.PREFIX + "." + group);
        if (source.getConfigurationProperty(name) != null
            || source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
          throw new TradesyncSetupException(
              "Both " + name + " and " + ENGINES + " are set",
              "With several engines, set " + ENGINES + ".<name>." + group + " for each.");
        }
      }
    }
  }

  private void register(String name, BeanDefinitionRegistry registry) {
    EngineProperties properties =
        Binder.get(environment).bindOrCreate(ENGINES + "." + name, EngineProperties.class);
    String parts = name + "TradesyncParts";
    RootBeanDefinition ofParts = new RootBeanDefinition(EngineParts.class);
    ofParts.setAutowireMode(RootBeanDefinition.AUTOWIRE_CONSTRUCTOR);
    ofParts.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
    registry.registerBeanDefinition(parts, ofParts);
    register(name, "SyncEngine", parts, "engine", SyncEngine.class, registry);
    register(name, "RunningEngine", parts, "running", RunningEngine.class, registry);
    if (properties.redis().isWanted()) {
      register(name, "RedisFeed", parts, "redisFeed", LiveFeed.class, registry);
    }
    if (properties.notifications().enabled()) {
      register(
          name, "NotificationFeed", parts, "notifications", PonderNotifyListener.class, registry);
    }
    if (ClassUtils.isPresent(Metered.METER_BINDER, getClass().getClassLoader())) {
      RootBeanDefinition metrics = new RootBeanDefinition(Metered.class);
      metrics.setFactoryMethodName("metrics");
      metrics
          .getConstructorArgumentValues()
          .addIndexedArgumentValue(0, new RuntimeBeanReference(parts));
      qualify(metrics, name);
      registry.registerBeanDefinition(name + "SyncMetrics", metrics);
    }
  }

  private static void register(
      String name,
      String suffix,
      String parts,
      String method,
      Class<?> type,
      BeanDefinitionRegistry registry) {
    RootBeanDefinition definition = new RootBeanDefinition();
    definition.setTargetType(type);
    definition.setFactoryBeanName(parts);
    definition.setFactoryMethodName(method);
    definition.setDestroyMethodName(RootBeanDefinition.INFER_METHOD);
    qualify(definition, name);
    registry.registerBeanDefinition(name + suffix, definition);
  }

  private static void qualify(RootBeanDefinition definition, String name) {
    definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, name));
  }
}
