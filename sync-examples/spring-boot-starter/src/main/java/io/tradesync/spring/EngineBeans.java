package io.tradesync.spring;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;

/**
 * The beans that an application declares for one engine. The only engine takes all beans of a type.
 * If there are several, a bean names its engine by {@code @Qualifier}, or by its own name.
 *
 * @param engine the engine's name; empty for the only one
 */
record EngineBeans(ConfigurableListableBeanFactory factory, String engine) {

  /** The beans of a type for this engine, in their order. */
  <T> List<T> all(Class<T> type) {
    if (engine.isEmpty()) {
      return factory.getBeanProvider(type).orderedStream().toList();
    }
    return names(type).map(name -> factory.getBean(name, type)).toList();
  }

  /** The only bean of a type for this engine, or null. */
  <T> @Nullable T only(Class<T> type) {
    if (engine.isEmpty()) {
      return factory.getBeanProvider(type).getIfAvailable();
    }
    List<String> names = names(type).toList();
    if (names.size() > 1) {
      throw new TradesyncSetupException(
          "There are several beans of the type "
              + type.getSimpleName()
              + " for the engine "
              + engine
              + ": "
              + String.join(", ", names),
          "Leave one of them, or mark each with @Qualifier and the name of another engine.");
    }
    return names.isEmpty() ? null : factory.getBean(names.get(0), type);
  }

  private <T> Stream<String> names(Class<T> type) {
    return Stream.of(factory.getBeanNamesForType(type))
        .filter(name -> isFor(name, List.of(engine)));
  }

  private boolean isFor(String bean, List<String> engines) {
    return BeanFactoryAnnotationUtils.isQualifierMatch(engines::contains, bean, factory);
  }

  /** Refuses a bean that belongs to none of several engines: it would be ignored in silence. */
  void refuseForeign(Class<?> type, List<String> engines) {
    for (String name : factory.getBeanNamesForType(type)) {
      if (!isFor(name, engines)) {
        throw new TradesyncSetupException(
            "The bean " + name + " belongs to none of the engines " + String.join(", ", engines),
            "Mark it with @Qualifier and the name of its engine.");
      }
    }
  }

  /** The DataSource that is marked with an annotation for this engine, or null. */
  <A extends Annotation> @Nullable DataSource marked(
      Class<A> annotation, Function<A, String> engineOf) {
    List<String> names = namesOfMarked(annotation, engineOf);
    if (names.size() > 1) {
      throw new TradesyncSetupException(
          "Several DataSources are marked with @"
              + annotation.getSimpleName()
              + ": "
              + String.join(", ", names),
          "Mark one of them.");
    }
    return names.isEmpty() ? null : factory.getBean(names.get(0), DataSource.class);
  }

  private <A extends Annotation> List<String> namesOfMarked(
      Class<A> annotation, Function<A, String> engineOf) {
    List<String> marked = new ArrayList<>();
    for (String name : factory.getBeanNamesForType(DataSource.class)) {
      A mark = factory.findAnnotationOnBean(name, annotation);
      if (mark != null && engineOf.apply(mark).equals(engine)) {
        marked.add(name);
      }
    }
    return marked;
  }

  /**
   * The DataSource that the application works with: the only one that is a default candidate and
   * not marked as a source, or the primary one of these; else null.
   */
  @Nullable DataSource ofApplication() {
    List<String> candidates = new ArrayList<>();
    List<String> primary = new ArrayList<>();
    for (String name : factory.getBeanNamesForType(DataSource.class)) {
      BeanDefinition definition =
          factory.containsBeanDefinition(name) ? factory.getBeanDefinition(name) : null;
      boolean candidate =
          definition == null
              || (definition.isAutowireCandidate()
                  && (!(definition instanceof AbstractBeanDefinition bean)
                      || bean.isDefaultCandidate()));
      if (candidate && factory.findAnnotationOnBean(name, TradesyncSource.class) == null) {
        candidates.add(name);
        if (definition != null && definition.isPrimary()) {
          primary.add(name);
        }
      }
    }
    List<String> chosen = primary.isEmpty() ? candidates : primary;
    return chosen.size() == 1 ? factory.getBean(chosen.get(0), DataSource.class) : null;
  }
}
