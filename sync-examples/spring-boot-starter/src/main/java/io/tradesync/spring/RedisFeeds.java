package io.tradesync.spring;

import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.redis.EntryDecoder;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.LiveConsumerBuilder;
import io.tradesync.spi.LiveFeed;
import org.springframework.core.env.Environment;

/** Creates the feed of Redis streams. Loaded only if sync-redis is on the class path. */
final class RedisFeeds {

  private static final String SPRING = "spring.data.redis.";
  private static final int DEFAULT_PORT = 6379;

  private RedisFeeds() {}

  static LiveFeed create(
      EngineProperties properties, String service, EngineBeans beans, Environment environment) {
    EngineProperties.Redis settings = properties.redis();
    String storeUrl = properties.store().url();
    LiveConsumerBuilder feed =
        LiveConsumer.builder(uri(settings, beans, environment))
            .service(storeUrl == null ? service : service + "@" + storeTag(storeUrl))
            .group(settings.group() == null ? service : settings.group())
            .groupStart(settings.groupStart())
            .decoder(
                switch (settings.format()) {
                  case TRADE ->
                      EntryDecoder.trades(
                          properties.source().extraColumns().toArray(String[]::new));
                  case HINT -> EntryDecoder.hints();
                })
            .discoveryInterval(settings.discoveryInterval())
            .batchSize(settings.batchSize())
            .maxEntryBytes(settings.maxEntryBytes())
            .blockTime(settings.blockTime())
            .rereadDelay(settings.rereadDelay())
            .rereadLimit(settings.rereadLimit())
            .claimAfter(settings.claimAfter())
            .removeConsumersAfter(settings.removeConsumersAfter())
            .deliveryLimit(settings.deliveryLimit())
            .deadLetterStream(settings.deadLetterStream())
            .maxDeadLetters(settings.maxDeadLetters())
            .maxRetryDelay(settings.maxRetryDelay());
    if (!settings.streams().isEmpty()) {
      feed.streams(settings.streams().toArray(String[]::new));
    }
    if (!settings.streamPatterns().isEmpty()) {
      feed.streamPatterns(settings.streamPatterns().toArray(String[]::new));
    }
    if (settings.consumerName() != null) {
      feed.consumerName(settings.consumerName());
    }
    return feed.build();
  }

  /**
   * Distinguishes the stores of two services of the same name, which must not share the entries of
   * a group. The URL of a DataSource bean is not known.
   */
  private static String storeTag(String jdbcUrl) {
    return Integer.toHexString(jdbcUrl.split("\\?", 2)[0].hashCode());
  }

  private static RedisURI uri(
      EngineProperties.Redis settings, EngineBeans beans, Environment environment) {
    RedisURI declared = beans.only(RedisURI.class);
    if (declared != null) {
      return declared;
    }
    if (settings.url() != null) {
      return parsed("redisUri", settings.url());
    }
    String springUrl = environment.getProperty(SPRING + "url");
    if (springUrl != null) {
      return parsed(SPRING + "url", springUrl);
    }
    String host = environment.getProperty(SPRING + "host");
    if (host == null) {
      throw new TradesyncSetupException(
          "tradesync does not know the Redis of the streams " + settings,
          "Set tradesync.redis.url, or spring.data.redis.url or host, or declare a RedisURI bean."
              + " The sentinels and the cluster of spring.data.redis are not read.");
    }
    return ofHost(host, environment);
  }

  private static RedisURI parsed(String property, String url) {
    try {
      return RedisURI.create(url);
    } catch (IllegalArgumentException e) {
      // The URL may hold a password.
      throw new InvalidSettingException(
          property, "not shown", "must be like redis://user:password@host:6379/0");
    }
  }

  private static RedisURI ofHost(String host, Environment environment) {
    RedisURI.Builder uri =
        RedisURI.builder()
            .withHost(host)
            .withPort(environment.getProperty(SPRING + "port", Integer.class, DEFAULT_PORT))
            .withDatabase(environment.getProperty(SPRING + "database", Integer.class, 0))
            .withSsl(environment.getProperty(SPRING + "ssl.enabled", Boolean.class, false));
    String user = environment.getProperty(SPRING + "username");
    String password = environment.getProperty(SPRING + "password");
    if (password != null) {
      if (user != null) {
        uri.withAuthentication(user, password.toCharArray());
      } else {
        uri.withPassword(password.toCharArray());
      }
    }
    return uri.build();
  }
}
