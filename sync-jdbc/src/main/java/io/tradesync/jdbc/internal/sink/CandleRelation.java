package io.tradesync.jdbc.internal.sink;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.CandleStorage;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code trade_candles} is: a table, or a view over continuous aggregates. Only in a store
 * without trades it is replaced by the other.
 */
public final class CandleRelation {

  private static final Logger LOG = LoggerFactory.getLogger(CandleRelation.class);

  private static final String SELECT_KIND =
      """
      select c.relkind::text
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
      where n.nspname = :schema and c.relname = 'trade_candles'\
      """;

  private static final String HAS_DATA =
      """
      select exists (select from :"schema".trade_candles)
        or exists (select from :"schema".analytics_trades)\
      """;

  /** The aggregates of the candles, the longest first, since they are made of shorter ones. */
  private static final String SELECT_AGGREGATES =
      """
      select view_name
      from timescaledb_information.continuous_aggregates
      where view_schema = :schema and view_name ~ '^trade_candles_[0-9]+$'
      order by length(view_name) desc, view_name desc\
      """;

  private static final String FORGET =
      """
      delete from :"schema".candle_length;
      delete from :"schema".candle_length_removed;
      delete from :"schema".candle_rebuild;
      delete from :"schema".candle_refresh\
      """;

  // As the migrations left it.
  private static final String CREATE_TABLE =
      """
      create table :"schema".trade_candles (
        chain_id bigint not null,
        pool_id text collate "C" not null,
        bucket_seconds integer not null,
        bucket_start timestamptz not null,
        open numeric,
        high numeric,
        low numeric,
        close numeric,
        volume numeric not null,
        quote_volume numeric not null,
        trades bigint not null,
        open_timestamp bigint,
        open_id text collate "C",
        close_timestamp bigint,
        close_id text collate "C",
        primary key (chain_id, pool_id, bucket_seconds, bucket_start));
      create index trade_candles_time on :"schema".trade_candles (bucket_seconds, bucket_start)
        where bucket_seconds > 0\
      """;

  private final String schema;
  private final CandleStorage wanted;
  private final SqlNames names;

  /** Names the relation, and what it is to be. */
  public CandleRelation(String schema, CandleStorage wanted) {
    this.schema = schema;
    this.wanted = wanted;
    this.names = SqlNames.inSchema(schema, Map.of());
  }

  /**
   * Makes the relation what it is to be; a view is created later, by {@link CandleAggregates}. The
   * caller holds the row of {@link SinkOwner}.
   *
   * @throws InvalidSettingException if it is the other one and the store has data; names the steps
   */
  public void take(Handle handle) {
    String kind =
        handle
            .createQuery(SELECT_KIND)
            .bind("schema", schema)
            .mapTo(String.class)
            .findOne()
            .orElse("");
    CandleStorage present =
        kind.equals("v") ? CandleStorage.CONTINUOUS_AGGREGATES : CandleStorage.TABLE;
    if (!kind.isEmpty() && present == wanted) {
      return;
    }
    if (!kind.isEmpty()) {
      List<String> drops = drops(handle, present);
      if (handle.createQuery(names.fill(HAS_DATA)).mapTo(Boolean.class).one()) {
        throw others(present, drops);
      }
      drops.forEach(handle::execute);
    }
    LOG.info("the candles of {} are kept by {} from now on", table(), wanted);
    handle.execute(names.fill(FORGET));
    if (wanted == CandleStorage.TABLE) {
      handle.execute(names.fill(CREATE_TABLE));
    }
  }

  private InvalidSettingException others(CandleStorage present, List<String> drops) {
    return new InvalidSettingException(
        "candles",
        wanted,
        "must be %s, as the candles of %s are kept (to change it, stop all processes, execute \"%s\""
                .formatted(present, table(), String.join("; ", drops))
            + " and start again: the candles of the trades that are kept are then computed, and"
            + " those of dropped trades are lost)");
  }

  private List<String> drops(Handle handle, CandleStorage present) {
    if (present == CandleStorage.TABLE) {
      return List.of("drop table " + table());
    }
    List<String> drops =
        handle
            .createQuery(SELECT_AGGREGATES)
            .bind("schema", schema)
            .mapTo(String.class)
            .map(view -> "drop materialized view " + Identifiers.quote(schema, view))
            .collect(Collectors.toList());
    drops.add(0, "drop view " + table());
    return drops;
  }

  private String table() {
    return Identifiers.quote(schema, "trade_candles");
  }
}
