package io.tradesync.spring;

import io.tradesync.jdbc.CandleStorage;
import io.tradesync.jdbc.PonderColumn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of one engine.
 *
 * @param source where the trades come from
 * @param store the database of the log and of the trades
 * @param sink the tables of trades and candles
 * @param scope which trades count
 * @param engine how the engine works
 * @param redis live trades from Redis streams
 * @param notifications live trades by Ponder's notifications
 * @param autoInterval the pause between two runs that start by themselves
 */
public record EngineProperties(
    @DefaultValue Source source,
    @DefaultValue Store store,
    @DefaultValue Sink sink,
    @DefaultValue Scope scope,
    @DefaultValue Engine engine,
    @DefaultValue Redis redis,
    @DefaultValue Notifications notifications,
    @Nullable Duration autoInterval) {

  /**
   * Where the trades come from.
   *
   * @param url the JDBC URL of the database that Ponder writes to; absent if a DataSource bean is
   *     marked with TradesyncSource
   * @param username the role, for which SELECT alone is enough
   * @param password the role's password
   * @param schema the schema of Ponder's tables, or of its views
   * @param table the table of trades
   * @param poolsTable the table of pools; empty to read none, so that trades have no symbol and no
   *     scaled volume
   * @param columns other names of columns of the table of trades, by the name of the column
   * @param extraColumns further columns that travel with each trade; a later change makes every
   *     trade count as changed
   * @param statementTimeout how long a statement may take until PostgreSQL cuts it off
   * @param poolCacheLifetime how long a pool is remembered
   * @param checkpoint whether Ponder's finalized checkpoint is read, if it may be read
   */
  public record Source(
      @Nullable String url,
      @Nullable String username,
      @Nullable String password,
      @DefaultValue("public") String schema,
      @DefaultValue("order_book_trades") String table,
      @DefaultValue("pools") String poolsTable,
      @DefaultValue Map<PonderColumn, String> columns,
      @DefaultValue List<String> extraColumns,
      @DefaultValue("5s") Duration statementTimeout,
      @DefaultValue("10m") Duration poolCacheLifetime,
      @DefaultValue("true") boolean checkpoint) {

    /** An empty text counts as absent, as a variable of the environment may leave one. */
    public Source {
      url = absentIfEmpty(url);
      username = absentIfEmpty(username);
      password = absentIfEmpty(password);
    }

    @Override
    public String toString() {
      return "Source[schema=" + schema + ", table=" + table + "]";
    }
  }

  /**
   * The database of the log and of the trades.
   *
   * @param url the JDBC URL of PostgreSQL 13 or newer, with TimescaleDB or without; absent if a
   *     DataSource bean is marked with TradesyncStore, or is the only one of the application
   * @param username the role, which creates tables unless migrate is false
   * @param password the role's password
   * @param service the name of the service whose log this is
   * @param schema the schema of the log's tables
   * @param migrate whether missing tables of the log are created
   * @param keepAsLongAsTrades whether the log is kept only as long as the trades
   * @param statementTimeout how long a statement may take until PostgreSQL ends it
   */
  public record Store(
      @Nullable String url,
      @Nullable String username,
      @Nullable String password,
      @DefaultValue("analytics") String service,
      @DefaultValue("public") String schema,
      @DefaultValue("true") boolean migrate,
      @DefaultValue("false") boolean keepAsLongAsTrades,
      @DefaultValue("1m") Duration statementTimeout) {

    /** An empty text counts as absent, as a variable of the environment may leave one. */
    public Store {
      url = absentIfEmpty(url);
      username = absentIfEmpty(username);
      password = absentIfEmpty(password);
    }

    @Override
    public String toString() {
      return "Store[service=" + service + ", schema=" + schema + "]";
    }
  }

  /**
   * The tables of trades and candles; of no effect if a sink bean is declared.
   *
   * @param schema the schema of the tables
   * @param migrate whether missing tables are created
   * @param bucketSeconds the lengths of the candles, in seconds
   * @param retainFor how long trades are kept; absent: as the hypertable's retention policy says,
   *     or for ever
   * @param compressAfter the age at which TimescaleDB compresses chunks; absent: never
   * @param chunkInterval the span of new chunks of a hypertable; absent: as it is
   * @param turnIntoHypertable whether a plain table of trades becomes a hypertable, with all rows
   *     copied under a lock
   * @param candles who keeps the candles: the sink in a table, or TimescaleDB as continuous
   *     aggregates
   * @param refresh continuous aggregates of the application's own over the table of trades, which
   *     are refreshed after commits
   */
  public record Sink(
      @DefaultValue("public") String schema,
      @DefaultValue("true") boolean migrate,
      @DefaultValue({"60", "300", "900", "3600", "86400"}) List<Integer> bucketSeconds,
      @Nullable Duration retainFor,
      @Nullable Duration compressAfter,
      @Nullable Duration chunkInterval,
      @DefaultValue("false") boolean turnIntoHypertable,
      @DefaultValue("table") CandleStorage candles,
      @DefaultValue List<String> refresh) {}

  /**
   * Which trades count; all of them if nothing is set.
   *
   * @param since the first instant of which trades count, such as 2025-01-01T00:00:00Z
   * @param last how far to look back from the first start ever; 0 begins at the first start
   * @param chains the chains whose trades count; absent: all
   * @param pools the pools whose trades count, as the source writes them; absent: all
   */
  public record Scope(
      @Nullable Instant since,
      @Nullable Duration last,
      @DefaultValue List<Long> chains,
      @DefaultValue List<String> pools) {}

  /**
   * How the engine works. Each property has the name of the builder's method.
   *
   * @param batchSize how many trades make a batch
   * @param groupCommit how many trades may share a transaction
   * @param parallelism how many transactions a run writes at the same time
   * @param maxAttempts how often a batch or a request is tried in all
   * @param maxFailedBatches how many failed batches in a row end a run
   * @param parkAfter in how many runs a trade may fail before it is parked
   * @param retryDelay the pause before the second attempt
   * @param hintOverlap how far before a hinted second the source is read
   * @param immediateSyncLag the lag from which health is IMMEDIATE_SYNC_REQUIRED
   * @param leaseTtl how long a lease outlives a holder that died
   * @param orphanGrace how long a trade must be gone before it is retracted
   * @param retractFinal whether trades are retracted that left the source after they were final
   * @param confirmation the age from which a trade is final, if the source does not say so
   * @param sinkTimeout how long one call of the sink may take
   * @param auditInterval the pause between two audits of the automatic recovery
   * @param compareAllUpTo up to how many trades health and each run compare everything
   * @param comparisonParallelism how many parts of a long range are compared at the same time
   * @param recordBeforeWrite whether the log records beforehand what a sink outside its transaction
   *     is about to be given
   */
  public record Engine(
      @DefaultValue("50") int batchSize,
      @DefaultValue("1000") int groupCommit,
      @DefaultValue("1") int parallelism,
      @DefaultValue("3") int maxAttempts,
      @DefaultValue("10") int maxFailedBatches,
      @DefaultValue("10") int parkAfter,
      @DefaultValue("100ms") Duration retryDelay,
      @DefaultValue("1m") Duration hintOverlap,
      @DefaultValue("60m") Duration immediateSyncLag,
      @DefaultValue("4s") Duration leaseTtl,
      @DefaultValue("1m") Duration orphanGrace,
      @DefaultValue("true") boolean retractFinal,
      @DefaultValue("1h") Duration confirmation,
      @DefaultValue("1m") Duration sinkTimeout,
      @DefaultValue("10m") Duration auditInterval,
      @DefaultValue("100000") long compareAllUpTo,
      @DefaultValue("2") int comparisonParallelism,
      @DefaultValue("true") boolean recordBeforeWrite) {}

  /**
   * Live trades from Redis streams. They are read if a stream or a pattern is named, and sync-redis
   * is on the class path.
   *
   * @param url the URL of Redis; absent: spring.data.redis.url or host. A RedisURI bean wins over
   *     all
   * @param streams the keys of the streams
   * @param streamPatterns patterns of such keys
   * @param discoveryInterval how often streams that match a pattern are looked for
   * @param format what an entry is: a whole trade, or a hint that something is new
   * @param group the consumer group; absent: the name of the service
   * @param consumerName the name of this process in the group, which it keeps over restarts and
   *     which no other process has; absent: a new random one each time
   * @param groupStart the entry after which a new group begins: an id, 0 or $
   * @param batchSize how many entries one read returns
   * @param maxEntryBytes the largest entry that is delivered, in bytes
   * @param blockTime how long a read waits for entries
   * @param rereadDelay the pause before a hint is asked again whose trades are not visible yet
   * @param rereadLimit how long such a hint is asked again; then a run is requested
   * @param claimAfter after which time entries of a dead consumer are claimed
   * @param removeConsumersAfter after which time the name of a silent consumer is removed
   * @param deliveryLimit how often an entry is tried before it becomes a dead letter
   * @param deadLetterStream the stream to which such entries are moved
   * @param maxDeadLetters how many dead letters are kept at least
   * @param maxRetryDelay the longest pause between two attempts to reach Redis
   */
  public record Redis(
      @Nullable String url,
      @DefaultValue List<String> streams,
      @DefaultValue List<String> streamPatterns,
      @DefaultValue("30s") Duration discoveryInterval,
      @DefaultValue("trade") StreamFormat format,
      @Nullable String group,
      @Nullable String consumerName,
      @DefaultValue("0") String groupStart,
      @DefaultValue("500") int batchSize,
      @DefaultValue("16777216") int maxEntryBytes,
      @DefaultValue("2s") Duration blockTime,
      @DefaultValue("500ms") Duration rereadDelay,
      @DefaultValue("10s") Duration rereadLimit,
      @DefaultValue("1m") Duration claimAfter,
      @DefaultValue("1h") Duration removeConsumersAfter,
      @DefaultValue("10") int deliveryLimit,
      @DefaultValue("tradesync:dead-letters") String deadLetterStream,
      @DefaultValue("10000") long maxDeadLetters,
      @DefaultValue("5s") Duration maxRetryDelay) {

    /** An empty text counts as absent, as a variable of the environment may leave one. */
    public Redis {
      url = absentIfEmpty(url);
      group = absentIfEmpty(group);
      consumerName = absentIfEmpty(consumerName);
    }

    /** Whether a stream is to be read. */
    boolean isWanted() {
      return !streams.isEmpty() || !streamPatterns.isEmpty();
    }

    @Override
    public String toString() {
      return "Redis[streams=" + streams + ", streamPatterns=" + streamPatterns + "]";
    }
  }

  /** What the entries of a stream are. */
  public enum StreamFormat {
    /** Each entry is a whole trade. */
    TRADE,
    /** Each entry says that there is something new at the source. */
    HINT
  }

  /**
   * Live trades by Ponder's notifications, for which no Redis is needed.
   *
   * @param enabled whether the engine listens
   * @param channel the channel; absent: the source's schema and _live_query
   * @param maxRetryDelay the longest pause between two attempts to listen
   */
  public record Notifications(
      @DefaultValue("false") boolean enabled,
      @Nullable String channel,
      @DefaultValue("5s") Duration maxRetryDelay) {

    /** An empty text counts as absent, as a variable of the environment may leave one. */
    public Notifications {
      channel = absentIfEmpty(channel);
    }
  }

  private static @Nullable String absentIfEmpty(@Nullable String value) {
    return value == null || value.isBlank() ? null : value;
  }
}
