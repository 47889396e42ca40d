package io.tradesync.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Answers with problem+json where a controller lets an exception of an engine pass. */
@AutoConfiguration(after = TradesyncAutoConfiguration.class)
@ConditionalOnWebApplication
@ConditionalOnClass({RestControllerAdvice.class, ProblemDetail.class})
@ConditionalOnBean(RunningEngine.class)
public final class TradesyncWebConfiguration {

  /** Configures the bean; called by Spring. */
  public TradesyncWebConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  TradesyncProblems tradesyncProblems() {
    return new TradesyncProblems();
  }
}
