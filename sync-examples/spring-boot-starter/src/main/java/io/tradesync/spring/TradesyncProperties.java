package io.tradesync.spring;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;

/**
 * The properties of tradesync. A property that does not exist is refused, so that no setting is
 * ignored for a slip of the pen.
 *
 * <p>One engine is set by {@code tradesync.source.url} and so on; several are set by name, as
 * {@code tradesync.engines.<name>.source.url}. The two ways exclude each other.
 *
 * @param enabled whether the starter configures anything
 * @param stopTimeout how long the shutdown waits for the batch under way before it is interrupted;
 *     at most a second more passes until the live feeds have stopped, and another one until the
 *     connections are closed
 * @param healthInterval how often health is computed, for the health indicator and the gauges of
 *     lag and gaps
 * @param source where the trades come from
 * @param store the database of the log and of the trades
 * @param sink the tables of trades and candles
 * @param scope which trades count
 * @param engine how the engine works
 * @param redis live trades from Redis streams
 * @param notifications live trades by Ponder's notifications
 * @param autoInterval the pause between two runs that start by themselves, the first of which
 *     begins with the application; absent: runs on request, and when a live feed lost something
 * @param engines several engines by name, each with the properties of one
 */
@ConfigurationProperties(prefix = "tradesync", ignoreUnknownFields = false)
public record TradesyncProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("2s") Duration stopTimeout,
    @DefaultValue("30s") Duration healthInterval,
    @NestedConfigurationProperty @DefaultValue EngineProperties.Source source,
    @NestedConfigurationProperty @DefaultValue EngineProperties.Store store,
    @NestedConfigurationProperty @DefaultValue EngineProperties.Sink sink,
    @NestedConfigurationProperty @DefaultValue EngineProperties.Scope scope,
    @NestedConfigurationProperty @DefaultValue EngineProperties.Engine engine,
    @NestedConfigurationProperty @DefaultValue EngineProperties.Redis redis,
    @NestedConfigurationProperty @DefaultValue EngineProperties.Notifications notifications,
    @Nullable Duration autoInterval,
    @DefaultValue Map<String, EngineProperties> engines) {

  /** The prefix of all properties. */
  static final String PREFIX = "tradesync";

  /** The properties of the only engine. */
  EngineProperties onlyEngine() {
    return new EngineProperties(
        source, store, sink, scope, engine, redis, notifications, autoInterval);
  }

  /** The properties of one of several engines. */
  EngineProperties engine(String name) {
    return Objects.requireNonNull(engines.get(name), name);
  }

  /** Reads the properties before there is a bean of them. */
  static TradesyncProperties of(Environment environment) {
    return Binder.get(environment).bindOrCreate(PREFIX, TradesyncProperties.class);
  }
}
