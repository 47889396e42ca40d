package io.tradesync.spring;

import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the databases of one engine: a marked bean, or the URL of a property, never both. Only
 * for the store may it be the DataSource that the application works with, because nobody else's
 * database is ever written to without a word.
 */
final class EngineDataSources implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EngineDataSources.class);

  /** For a run, which reads ahead while it writes. */
  private static final int SOURCE_CONNECTIONS = 2;

  /** For the run and two live feeds, beside one for each worker. */
  private static final int FURTHER_STORE_CONNECTIONS = 3;

  private final String prefix;
  private final EngineProperties properties;
  private final EngineBeans beans;
  private final EnginePools pools = new EnginePools();
  private @Nullable DataSource source;
  private @Nullable DataSource store;

  /**
   * @param prefix the prefix of the engine's properties, with a point at its end
   */
  EngineDataSources(String prefix, EngineProperties properties, EngineBeans beans) {
    this.prefix = prefix;
    this.properties = properties;
    this.beans = beans;
  }

  DataSource source() {
    DataSource chosen = source;
    if (chosen == null) {
      chosen = chooseSource();
      source = chosen;
    }
    return chosen;
  }

  private DataSource chooseSource() {
    DataSource marked = beans.marked(TradesyncSource.class, TradesyncSource::value);
    String url = properties.source().url();
    refuseBoth(marked, url, "source.url", "@TradesyncSource");
    if (marked != null) {
      return marked;
    }
    if (url == null) {
      throw new TradesyncSetupException(
          "tradesync does not know the database that Ponder writes to",
          "Set "
              + prefix
              + "source.url, or mark a DataSource bean with "
              + annotation("TradesyncSource")
              + ". The only DataSource of an application is never taken for it. To switch tradesync"
              + " off, set tradesync.enabled=false.");
    }
    int listening = properties.notifications().enabled() ? 1 : 0;
    return openSource(url, SOURCE_CONNECTIONS + comparisons() + listening);
  }

  DataSource store() {
    DataSource chosen = store;
    if (chosen == null) {
      chosen = chooseStore();
      store = chosen;
    }
    return chosen;
  }

  private DataSource chooseStore() {
    DataSource marked = beans.marked(TradesyncStore.class, TradesyncStore::value);
    String url = properties.store().url();
    refuseBoth(marked, url, "store.url", "@TradesyncStore");
    if (marked != null) {
      return marked;
    }
    if (url != null) {
      return openStore(
          url, properties.engine().parallelism() + FURTHER_STORE_CONNECTIONS + comparisons());
    }
    DataSource ofApplication = beans.ofApplication();
    if (ofApplication == null) {
      throw new TradesyncSetupException(
          "tradesync does not know the database to write to",
          "Set "
              + prefix
              + "store.url, or mark a DataSource bean with "
              + annotation("TradesyncStore")
              + ".");
    }
    LOG.info("The store is the DataSource of the application, for {}store.url is not set", prefix);
    return ofApplication;
  }

  private String annotation(String name) {
    return "@" + name + (beans.engine().isEmpty() ? "" : "(\"" + beans.engine() + "\")");
  }

  private void refuseBoth(
      @Nullable DataSource marked, @Nullable String url, String property, String annotation) {
    if (marked != null && url != null) {
      throw new TradesyncSetupException(
          prefix + property + " is set, and a DataSource is marked with " + annotation,
          "Leave one of the two.");
    }
  }

  private int comparisons() {
    return properties.engine().comparisonParallelism();
  }

  /** A pool of health's own, so that a run never waits for it; null if the source is a bean. */
  @Nullable DataSource sourceOfHealth() {
    String url = properties.source().url();
    return url == null ? null : openSource(url, comparisons());
  }

  /** The same for the store. */
  @Nullable DataSource storeOfHealth() {
    String url = properties.store().url();
    return url == null ? null : openStore(url, comparisons());
  }

  private HikariDataSource openSource(String url, int size) {
    EngineProperties.Source settings = properties.source();
    return pools.open(prefix + "source.url", url, settings.username(), settings.password(), size);
  }

  private HikariDataSource openStore(String url, int size) {
    EngineProperties.Store settings = properties.store();
    return pools.open(prefix + "store.url", url, settings.username(), settings.password(), size);
  }

  @Override
  public void close() {
    pools.close();
  }
}
