package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngineBuilder;
import io.tradesync.jdbc.CandleStorage;
import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.PonderNotifyListener;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.redis.LiveConsumerBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

class TradesyncPropertiesTest {

  private static TradesyncProperties properties(Map<String, String> values) {
    MockEnvironment environment = new MockEnvironment();
    values.forEach(environment::setProperty);
    return TradesyncProperties.of(environment);
  }

  @Test
  void theDefaultsAreThoseOfTheLibrary() {
    TradesyncProperties defaults = properties(Map.of());
    assertThat(defaults.engine())
        .isEqualTo(
            new EngineProperties.Engine(
                SyncEngineBuilder.DEFAULT_BATCH_SIZE,
                SyncEngineBuilder.DEFAULT_GROUP_COMMIT,
                SyncEngineBuilder.DEFAULT_PARALLELISM,
                SyncEngineBuilder.DEFAULT_MAX_ATTEMPTS,
                SyncEngineBuilder.DEFAULT_MAX_FAILED_BATCHES,
                SyncEngineBuilder.DEFAULT_PARK_AFTER,
                SyncEngineBuilder.DEFAULT_RETRY_DELAY,
                SyncEngineBuilder.DEFAULT_HINT_OVERLAP,
                SyncEngineBuilder.DEFAULT_IMMEDIATE_SYNC_LAG,
                SyncEngineBuilder.DEFAULT_LEASE_TTL,
                SyncEngineBuilder.DEFAULT_ORPHAN_GRACE,
                true,
                SyncEngineBuilder.DEFAULT_CONFIRMATION,
                SyncEngineBuilder.DEFAULT_SINK_TIMEOUT,
                SyncEngineBuilder.DEFAULT_AUDIT_INTERVAL,
                SyncEngineBuilder.DEFAULT_COMPARE_ALL_UP_TO,
                SyncEngineBuilder.DEFAULT_COMPARISON_PARALLELISM,
                true));
    assertThat(defaults.source())
        .isEqualTo(
            new EngineProperties.Source(
                null,
                null,
                null,
                PonderTradeSource.DEFAULT_SCHEMA,
                PonderTradeSource.DEFAULT_TABLE,
                PonderTradeSource.DEFAULT_POOLS_TABLE,
                Map.of(),
                List.of(),
                PonderTradeSource.DEFAULT_STATEMENT_TIMEOUT,
                PonderTradeSource.DEFAULT_POOL_CACHE_LIFETIME,
                true));
    assertThat(defaults.store())
        .isEqualTo(
            new EngineProperties.Store(
                null,
                null,
                null,
                PostgresSyncLog.Builder.DEFAULT_SERVICE,
                PostgresSyncLog.Builder.DEFAULT_SCHEMA,
                true,
                false,
                PostgresSyncLog.Builder.DEFAULT_STATEMENT_TIMEOUT));
    assertThat(defaults.sink())
        .isEqualTo(
            new EngineProperties.Sink(
                TimescaleSink.Builder.DEFAULT_SCHEMA,
                true,
                TimescaleSink.Builder.DEFAULT_BUCKET_SECONDS,
                null,
                null,
                null,
                false,
                CandleStorage.TABLE,
                List.of()));
    assertThat(defaults.redis())
        .isEqualTo(
            new EngineProperties.Redis(
                null,
                List.of(),
                List.of(),
                LiveConsumerBuilder.DEFAULT_DISCOVERY_INTERVAL,
                EngineProperties.StreamFormat.TRADE,
                null,
                null,
                LiveConsumerBuilder.DEFAULT_GROUP_START,
                LiveConsumerBuilder.DEFAULT_BATCH_SIZE,
                LiveConsumerBuilder.DEFAULT_MAX_ENTRY_BYTES,
                LiveConsumerBuilder.DEFAULT_BLOCK_TIME,
                LiveConsumerBuilder.DEFAULT_REREAD_DELAY,
                LiveConsumerBuilder.DEFAULT_REREAD_LIMIT,
                LiveConsumerBuilder.DEFAULT_CLAIM_AFTER,
                LiveConsumerBuilder.DEFAULT_REMOVE_CONSUMERS_AFTER,
                LiveConsumerBuilder.DEFAULT_DELIVERY_LIMIT,
                LiveConsumerBuilder.DEFAULT_DEAD_LETTER_STREAM,
                LiveConsumerBuilder.DEFAULT_MAX_DEAD_LETTERS,
                LiveConsumerBuilder.DEFAULT_MAX_RETRY_DELAY));
    assertThat(defaults.notifications())
        .isEqualTo(
            new EngineProperties.Notifications(
                false, null, PonderNotifyListener.Builder.DEFAULT_MAX_RETRY_DELAY));
  }

  @Test
  void columnsAndSeveralEnginesAreBound() {
    TradesyncProperties properties =
        properties(
            Map.of(
                "tradesync.source.columns.pool-id", "pool",
                "tradesync.source.extra-columns", "fee,maker",
                "tradesync.sink.candles", "continuous-aggregates",
                "tradesync.sink.refresh", "volume_by_hour,my_schema.volume_by_day",
                "tradesync.engines.orders.auto-interval", "1m"));
    assertThat(properties.source().columns())
        .containsExactly(Map.entry(PonderColumn.POOL_ID, "pool"));
    assertThat(properties.source().extraColumns()).containsExactly("fee", "maker");
    assertThat(properties.sink().candles()).isEqualTo(CandleStorage.CONTINUOUS_AGGREGATES);
    assertThat(properties.sink().refresh())
        .containsExactly("volume_by_hour", "my_schema.volume_by_day");
    assertThat(properties.engine("orders").autoInterval()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void noTextOfThemHoldsASecret() {
    TradesyncProperties properties =
        properties(
            Map.of(
                "tradesync.source.url", "jdbc:postgresql://host/x?password=secret",
                "tradesync.source.password", "secret",
                "tradesync.store.url", "jdbc:postgresql://host/x?password=secret",
                "tradesync.store.password", "secret",
                "tradesync.redis.url", "redis://user:secret@host"));
    assertThat(properties.toString()).doesNotContain("secret");
  }
}
