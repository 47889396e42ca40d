package io.tradesync.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks the {@link javax.sql.DataSource} bean of the database that Ponder writes to. The engine
 * only reads from it.
 *
 * <pre>{@code
 * @Bean(defaultCandidate = false)
 * @TradesyncSource
 * DataSource ponder() { … }
 * }</pre>
 */
@Documented
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.FIELD, ElementType.PARAMETER})
public @interface TradesyncSource {

  /** The name of the engine, if there are several; empty for the only one. */
  String value() default "";
}
