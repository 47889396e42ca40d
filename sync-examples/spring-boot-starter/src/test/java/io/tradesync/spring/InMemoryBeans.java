package io.tradesync.spring;

import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import java.math.BigDecimal;
import java.util.stream.IntStream;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Parts that an application declares itself, so that no database is needed. */
@Configuration(proxyBeanMethods = false)
class InMemoryBeans {

  static final long FIRST_SECOND = 1_754_400_000L;

  static Trade trade(int number) {
    return Trade.builder("trade_" + number, FIRST_SECOND + number, 1, "pool")
        .price(BigDecimal.TEN)
        .quantity(BigDecimal.ONE)
        .build();
  }

  static InMemoryTradeSource sourceOf(int trades) {
    InMemoryTradeSource source = new InMemoryTradeSource();
    source.putAll(IntStream.range(0, trades).mapToObj(InMemoryBeans::trade).toList());
    return source;
  }

  @Bean
  InMemoryTradeSource source() {
    return sourceOf(100);
  }

  @Bean
  InMemorySyncLog log() {
    return new InMemorySyncLog();
  }

  @Bean
  InMemorySink sink() {
    return new InMemorySink();
  }
}
