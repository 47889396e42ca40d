package io.tradesync.examples.boot;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.spring.TradesyncSource;
import io.tradesync.spring.TradesyncStore;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.filter.ShallowEtagHeaderFilter;

/**
 * Keeps the table {@code ledger} in step with Ponder's trades: two databases, a sink of its own in
 * the log's transaction, and a live feed. The engine, the actuator and the shutdown come from
 * sync-spring-boot-starter.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class BootApplication {

  /** Starts the application. */
  public static void main(String... args) {
    SpringApplication.run(BootApplication.class, args);
  }

  /** Ponder's database, from which the engine only reads. */
  @Bean
  @TradesyncSource
  HikariDataSource ponder(@Value("${ponder.url}") String url) {
    return pool(url, 5);
  }

  /** The database of the ledger, in which the engine keeps its log. */
  @Bean
  @TradesyncStore
  HikariDataSource ledger(@Value("${ledger.url}") String url) {
    return pool(url, 10);
  }

  private static HikariDataSource pool(String url, int connections) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    pool.setMaximumPoolSize(connections);
    return pool;
  }

  /**
   * Sends each answer whole while its request is still under way. A graceful shutdown of Tomcat
   * waits no longer than that, and then drops what Tomcat has buffered.
   */
  @Bean
  ShallowEtagHeaderFilter wholeAnswers() {
    return new ShallowEtagHeaderFilter();
  }

  /** Takes the place of the tables of trades and candles. */
  @Bean
  LedgerSink ledgerSink(@Value("${ledger.pause}") Duration pause) {
    return new LedgerSink(pause);
  }
}
