package io.tradesync.examples.service.settings;

import io.tradesync.Scope;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.examples.service.log.LogFormat;
import io.tradesync.examples.service.settings.Settings.StreamFormat;
import io.tradesync.jdbc.CandleStorage;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * Declares each setting once: its name, its default, what it is for, and how its value is read. The
 * help of the commands, the documentation and the checks follow these declarations.
 */
public final class DeclaredSettings {

  /** The source's database. */
  public static final Setting<String> PONDER_JDBC_URL =
      Setting.optional(
              "PONDER_JDBC_URL",
              "embedded",
              "the source; a role with SELECT alone is enough",
              SettingParsers::jdbcUrl)
          .asSecret();

  /** The source's schema. */
  public static final Setting<String> PONDER_SCHEMA =
      Setting.of(
          "PONDER_SCHEMA",
          "public",
          "the schema of Ponder's tables, or of its views",
          SettingParsers::text);

  /** The store's database. */
  public static final Setting<String> ANALYTICS_JDBC_URL =
      Setting.optional(
              "ANALYTICS_JDBC_URL",
              "embedded",
              "the store; PostgreSQL 13 or newer, with TimescaleDB or without",
              SettingParsers::jdbcUrl)
          .asSecret();

  /** The live path's Redis. */
  public static final Setting<String> REDIS_URL =
      Setting.optional("REDIS_URL", "embedded", "the live feed", SettingParsers::redisUrl)
          .asSecret();

  /** The streams to consume. */
  public static final Setting<List<String>> SYNC_STREAM =
      Setting.of(
          "SYNC_STREAM",
          "trades",
          "the streams, or patterns such as `chain:*:trades`, separated by commas",
          SettingParsers::list);

  /** The consumer group of the streams. */
  public static final Setting<String> SYNC_GROUP =
      Setting.optional(
          "SYNC_GROUP",
          "analytics",
          "the Redis consumer group; the default is the service's name. Each service that reads the"
              + " same streams needs a group of its own",
          SettingParsers::text);

  /** The meaning of the entries of a stream. */
  public static final Setting<StreamFormat> SYNC_STREAM_FORMAT =
      Setting.of(
          "SYNC_STREAM_FORMAT",
          "trade",
          "`trade` or `hint`: the meaning of the entries of a stream",
          SettingParsers::format);

  /** Whether the service also listens to Ponder's notifications. */
  public static final Setting<Boolean> SYNC_PONDER_NOTIFY =
      Setting.of(
          "SYNC_PONDER_NOTIFY",
          "false",
          "`true`: also listen to Ponder's own notifications, for which no Redis is needed",
          SettingParsers::bool);

  /** The address on which the service listens. */
  public static final Setting<String> SYNC_HTTP_HOST =
      Setting.of(
          "SYNC_HTTP_HOST",
          "127.0.0.1",
          "the address on which the service listens; one that is not loopback needs a token",
          SettingParsers::text);

  /** The port on which the service listens. */
  public static final Setting<Integer> SYNC_HTTP_PORT =
      Setting.of(
          "SYNC_HTTP_PORT",
          "42091",
          "the port; 0 for any free one",
          SettingParsers.number(0, 65_535));

  /** Trades a batch. */
  public static final Setting<Integer> SYNC_BATCH_SIZE =
      Setting.of("SYNC_BATCH_SIZE", "50", "trades a batch", SettingParsers.number(1, 10_000));

  /** Batches at the same time. */
  public static final Setting<Integer> SYNC_PARALLELISM =
      Setting.of("SYNC_PARALLELISM", "4", "batches at the same time", SettingParsers.number(1, 64));

  /** The interval of automatic runs. */
  public static final Setting<Duration> SYNC_AUTO_INTERVAL =
      Setting.optional(
          "SYNC_AUTO_INTERVAL",
          "none",
          "ISO duration between automatic runs, the first of which ends before the live feeds"
              + " begin; absent: runs on request, and when a live feed lost something",
          SettingParsers::duration);

  /** The interval of audits. */
  public static final Setting<Duration> SYNC_AUDIT_INTERVAL =
      Setting.of(
          "SYNC_AUDIT_INTERVAL",
          SyncEngineBuilder.DEFAULT_AUDIT_INTERVAL.toString(),
          "between two audits of the automatic recovery",
          SettingParsers::duration);

  /** The grace period of orphans. */
  public static final Setting<Duration> SYNC_ORPHAN_GRACE =
      Setting.of(
          "SYNC_ORPHAN_GRACE",
          SyncEngineBuilder.DEFAULT_ORPHAN_GRACE.toString(),
          "how long a trade must be gone before it is retracted",
          SettingParsers::duration);

  /** Whether final trades that left the source are retracted. */
  public static final Setting<Boolean> SYNC_RETRACT_FINAL =
      Setting.of(
          "SYNC_RETRACT_FINAL",
          "true",
          "`false` if old rows are deleted from the source on purpose: trades that leave it after"
              + " they were final are kept",
          SettingParsers::bool);

  /** How long one call of the sink may take. */
  public static final Setting<Duration> SYNC_SINK_TIMEOUT =
      Setting.of(
          "SYNC_SINK_TIMEOUT",
          SyncEngineBuilder.DEFAULT_SINK_TIMEOUT.toString(),
          "how long one call of the sink may take",
          SettingParsers::duration);

  /** The age at which a trade is final if Ponder's checkpoint cannot be read. */
  public static final Setting<Duration> SYNC_CONFIRMATION =
      Setting.of(
          "SYNC_CONFIRMATION",
          SyncEngineBuilder.DEFAULT_CONFIRMATION.toString(),
          "the age at which a trade is final if Ponder's checkpoint cannot be read",
          SettingParsers::duration);

  /** The time from which trades count. */
  public static final Setting<Scope> SYNC_BASELINE =
      Setting.optional(
          "SYNC_BASELINE",
          "everything",
          "epoch seconds or ISO instant; older trades do not count",
          SettingParsers::baseline);

  /** The chains that count. */
  public static final Setting<List<Long>> SYNC_CHAINS =
      Setting.optional(
          "SYNC_CHAINS",
          "all",
          "the ids of the chains whose trades count, separated by commas; a store takes more of"
              + " them later, never fewer",
          SettingParsers::chains);

  /** The pools that count. */
  public static final Setting<List<String>> SYNC_POOLS =
      Setting.optional(
          "SYNC_POOLS",
          "all",
          "the pools whose trades count, as Ponder writes them, separated by commas; a store takes"
              + " more of them later, never fewer",
          SettingParsers::list);

  /** Further columns of the user. */
  public static final Setting<List<String>> SYNC_EXTRA_COLUMNS =
      Setting.optional(
          "SYNC_EXTRA_COLUMNS",
          "none",
          "further columns that travel with each trade, such as `fee,maker`",
          SettingParsers::list);

  /** Who keeps the candles. */
  public static final Setting<CandleStorage> SYNC_CANDLES =
      Setting.of(
          "SYNC_CANDLES",
          "table",
          "`table`, or `continuous-aggregates` of TimescaleDB: who keeps the candles",
          SettingParsers::candles);

  /** Continuous aggregates of the user. */
  public static final Setting<List<String>> SYNC_REFRESH =
      Setting.optional(
          "SYNC_REFRESH",
          "none",
          "continuous aggregates of yours over `analytics_trades` that are refreshed after commits,"
              + " separated by commas",
          SettingParsers::list);

  /** The age at which TimescaleDB compresses chunks. */
  public static final Setting<Duration> SYNC_COMPRESS_AFTER =
      Setting.optional(
          "SYNC_COMPRESS_AFTER",
          "none",
          "the age at which TimescaleDB compresses chunks of trades, such as `P30D`",
          SettingParsers::period);

  /** The span of chunks. */
  public static final Setting<Duration> SYNC_CHUNK_INTERVAL =
      Setting.optional(
          "SYNC_CHUNK_INTERVAL",
          "none",
          "the span of new chunks of trades; TimescaleDB's own is `P7D`",
          SettingParsers::period);

  /** How long trades are kept. */
  public static final Setting<Duration> SYNC_RETAIN_FOR =
      Setting.optional(
          "SYNC_RETAIN_FOR",
          "for ever",
          "how long trades are kept; their candles stay. The default is what the retention policy"
              + " of the hypertable says, if it has one",
          SettingParsers::period);

  /** Whether a plain table of trades becomes a hypertable. */
  public static final Setting<Boolean> SYNC_TURN_INTO_HYPERTABLE =
      Setting.of(
          "SYNC_TURN_INTO_HYPERTABLE",
          "false",
          "`true`: a start turns a plain table of trades into a hypertable, under a lock",
          SettingParsers::bool);

  /** Whether the log is kept only as long as the trades. */
  public static final Setting<Boolean> SYNC_KEEP_LOG_AS_LONG_AS_TRADES =
      Setting.of(
          "SYNC_KEEP_LOG_AS_LONG_AS_TRADES",
          "false",
          "`true`: runs delete entries of the log below the retention boundary",
          SettingParsers::bool);

  /** How often the gauges are refreshed. */
  public static final Setting<Duration> SYNC_HEALTH_INTERVAL =
      Setting.of(
          "SYNC_HEALTH_INTERVAL",
          "PT30S",
          "how often the gauges of lag and gaps are refreshed",
          SettingParsers::duration);

  /** How log lines are written. */
  public static final Setting<LogFormat> SYNC_LOG_FORMAT =
      Setting.of(
          "SYNC_LOG_FORMAT",
          "text",
          "`text` or `json`: log lines for people or for programs",
          SettingParsers::logFormat);

  /** The URL by which browsers reach the service through a reverse proxy. */
  public static final Setting<URI> SYNC_PUBLIC_URL =
      Setting.optional(
          "SYNC_PUBLIC_URL",
          "none",
          "the URL by which browsers reach the service through a reverse proxy, such as"
              + " `https://example.com/sync`",
          SettingParsers::publicUrl);

  /** The token that every POST must carry. */
  public static final Setting<String> SYNC_API_TOKEN =
      Setting.optional(
              "SYNC_API_TOKEN",
              "none",
              "then every POST needs `Authorization: Bearer` and this token",
              SettingParsers::token)
          .asSecret();

  /** All settings, in the order in which they are shown. */
  public static final List<Setting<?>> ALL =
      List.of(
          PONDER_JDBC_URL,
          PONDER_SCHEMA,
          ANALYTICS_JDBC_URL,
          REDIS_URL,
          SYNC_STREAM,
          SYNC_STREAM_FORMAT,
          SYNC_GROUP,
          SYNC_PONDER_NOTIFY,
          SYNC_HTTP_HOST,
          SYNC_HTTP_PORT,
          SYNC_API_TOKEN,
          SYNC_BATCH_SIZE,
          SYNC_PARALLELISM,
          SYNC_AUTO_INTERVAL,
          SYNC_AUDIT_INTERVAL,
          SYNC_ORPHAN_GRACE,
          SYNC_RETRACT_FINAL,
          SYNC_SINK_TIMEOUT,
          SYNC_CONFIRMATION,
          SYNC_BASELINE,
          SYNC_CHAINS,
          SYNC_POOLS,
          SYNC_EXTRA_COLUMNS,
          SYNC_CANDLES,
          SYNC_REFRESH,
          SYNC_COMPRESS_AFTER,
          SYNC_CHUNK_INTERVAL,
          SYNC_RETAIN_FOR,
          SYNC_TURN_INTO_HYPERTABLE,
          SYNC_KEEP_LOG_AS_LONG_AS_TRADES,
          SYNC_HEALTH_INTERVAL,
          SYNC_LOG_FORMAT,
          SYNC_PUBLIC_URL);

  private DeclaredSettings() {}
}
