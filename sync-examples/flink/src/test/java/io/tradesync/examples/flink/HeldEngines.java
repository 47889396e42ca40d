package io.tradesync.examples.flink;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;

/**
 * A factory as users write it, whose workers can be held: while they compare, when they have read
 * what they repair and no transaction is open, and in a transaction, before and after they write.
 */
final class HeldEngines implements EngineFactory {

  private static final Map<String, String> PLACES =
      Map.of("digests", Places.COMPARE, "keys", Places.COMPARE, "page", Places.READ);

  private final PostgresEngines engines;
  private final Places places;

  HeldEngines(PostgresEngines engines, Places places) {
    this.engines = engines;
    this.places = places;
  }

  static SyncEngineBuilder settings(PostgresEngines engines) {
    return engines
        .builder()
        .batchSize(100)
        .orphanGrace(Duration.ZERO)
        .leaseTtl(Duration.ofSeconds(5));
  }

  @Override
  public SyncEngine create() {
    return settings(engines).source(held(engines.source())).sink(new HeldSink()).build();
  }

  @Override
  public void close() {
    engines.close();
    places.pass(Places.ENDED);
  }

  private TradeSource held(TradeSource source) {
    return (TradeSource)
        Proxy.newProxyInstance(
            TradeSource.class.getClassLoader(),
            new Class<?>[] {TradeSource.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(source, arguments);
                String place = PLACES.get(method.getName());
                if (place != null) {
                  places.reach(place);
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private final class HeldSink extends ForwardingSink<Connection> {
    HeldSink() {
      super(TimescaleSink.builder().build());
    }

    @Override
    public void write(TradeBatch batch, Connection transaction) throws Exception {
      places.reach(Places.WRITE);
      super.write(batch, transaction);
      places.reach(Places.WRITTEN);
    }
  }
}
