package io.tradesync.jdbc.internal.sink;

import static java.util.stream.Collectors.groupingBy;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.PlanWithValues;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Batch;
import org.jdbi.v3.core.statement.Query;

/**
 * Removes rows of {@code analytics_trades} that were found before in the same transaction.
 *
 * <p>Rows are removed from the table that holds them, because a {@code delete} from a hypertable
 * locks every chunk, and so waits while any of them is being compressed. The statement that found
 * the rows keeps their chunks from being dropped or compressed.
 */
final class TradeRemoval {

  /**
   * A row, and where it is.
   *
   * @param table the number of the table that holds it: a chunk of a hypertable, or the plain table
   *     itself
   * @param isPlain whether that is the plain table
   */
  record StoredRow(TradeRow row, long table, boolean isPlain) {}

  private static final String NAME = "analytics_trades";

  // One search a key, whatever PostgreSQL expects.
  private static final String REMOVE =
      """
      delete from only :"schema".:"table"
      where ctid = any (array(
        select t.ctid
        from unnest(cast(:seconds as bigint[]), cast(:ids as text[])) as k (second, id)
        cross join lateral (
          select ctid
          from only :"schema".:"table"
          where ts = to_timestamp(k.second) and trade_id = k.id
          limit 1) as t))
      returning round(date_part('epoch', ts))::bigint, trade_id\
      """;

  private static final String SELECT_UNCOMPRESSED =
      """
      select c.chunk::bigint, c.chunk_schema, c.chunk_name
      from (
        select to_regclass(format('%I.%I', chunk_schema, chunk_name))::oid as chunk, *
        from timescaledb_information.chunks
        where hypertable_schema = :schema and hypertable_name = 'analytics_trades'
          and not is_compressed) as c
      where c.chunk = any (cast(cast(:chunks as bigint[]) as oid[]))\
      """;

  // The end of a statement with quoted values: so the statements of several rows are sent together,
  // and each is planned with its values, by which the batches of a compressed chunk are found. Only
  // batches that can hold the row are decompressed. The pool leaves out those of other pools, if
  // the user segments by it.
  private static final String SELECT_CONDITIONS =
      """
      select cast(cast(k.relation as oid) as regclass)::text,
        format('where ts = to_timestamp(%s) and trade_id = %L and chain_id = %s and pool_id = %L',
          k.second, k.id, k.chain_id, k.pool_id)
      from unnest(
          cast(:tables as bigint[]), cast(:seconds as bigint[]), cast(:ids as text[]),
          cast(:chainIds as bigint[]), cast(:poolIds as text[]))
        as k (relation, second, id, chain_id, pool_id)\
      """;

  // With fewer rows in a chunk, a statement for each costs less than one for all.
  private static final int WORTH_IT = 10;

  private final String schema;
  private final String removePlain;

  TradeRemoval(String schema) {
    this.schema = schema;
    this.removePlain = removeFrom(schema, NAME);
  }

  private static String removeFrom(String schema, String table) {
    return new SqlNames(Map.of("schema", schema, "table", table), Map.of()).fill(REMOVE);
  }

  /** Removes rows. */
  void remove(Handle handle, List<StoredRow> rows) {
    List<StoredRow> plain = rows.stream().filter(StoredRow::isPlain).toList();
    List<StoredRow> left = new ArrayList<>();
    if (!plain.isEmpty()) {
      left.addAll(remove(handle.createQuery(removePlain), plain));
    }
    Map<Long, List<StoredRow>> byChunk =
        rows.stream().filter(row -> !row.isPlain).collect(groupingBy(StoredRow::table));
    Map<Long, String> statements = statements(handle, byChunk);
    byChunk.forEach(
        (chunk, ofChunk) -> {
          String statement = statements.get(chunk);
          left.addAll(
              statement == null
                  ? ofChunk
                  : remove(PlanWithValues.of(handle.createQuery(statement)), ofChunk));
        });
    if (!left.isEmpty()) {
      removeOneByOne(handle, left);
    }
  }

  /**
   * The statements that remove several rows of a chunk, where that is worth it. In a compressed
   * chunk such a statement would decompress all batches.
   */
  private Map<Long, String> statements(Handle handle, Map<Long, List<StoredRow>> byChunk) {
    List<Long> chunks =
        byChunk.entrySet().stream()
            .filter(chunk -> chunk.getValue().size() >= WORTH_IT)
            .map(Map.Entry::getKey)
            .toList();
    Map<Long, String> statements = new HashMap<>();
    if (!chunks.isEmpty()) {
      Query query = handle.createQuery(SELECT_UNCOMPRESSED).bind("schema", schema);
      SqlArrays.bind(query, "chunks", "bigint", chunks, chunk -> chunk)
          .map(
              (row, context) ->
                  Map.entry(row.getLong(1), removeFrom(row.getString(2), row.getString(3))))
          .forEach(chunk -> statements.put(chunk.getKey(), chunk.getValue()));
    }
    return statements;
  }

  /** Removes rows by one statement; returns those that it did not remove. */
  private static List<StoredRow> remove(Query query, List<StoredRow> rows) {
    SqlArrays.bind(query, "seconds", "bigint", rows, stored -> stored.row.key().epochSecond());
    Set<TradeKey> removed =
        new HashSet<>(
            SqlArrays.bind(query, "ids", "text", rows, stored -> stored.row.key().id())
                .map((row, context) -> new TradeKey(row.getLong(1), row.getString(2)))
                .list());
    return rows.stream().filter(stored -> !removed.contains(stored.row.key())).toList();
  }

  /** The statement that removes a row: {@code delete from}, its table, and the condition. */
  private record Removal(String table, String condition) {}

  // In some versions of TimescaleDB, such as 2.23, only the hypertable finds what is compressed.
  private void removeOneByOne(Handle handle, List<StoredRow> rows) {
    List<Removal> left = removeOneByOne(handle, removals(handle, rows), Removal::table);
    String hypertable = Identifiers.quote(schema, NAME);
    if (!left.isEmpty() && !removeOneByOne(handle, left, any -> hypertable).isEmpty()) {
      throw new IllegalStateException("rows could not be removed: " + left);
    }
  }

  private static List<Removal> removals(Handle handle, List<StoredRow> rows) {
    Query query = handle.createQuery(SELECT_CONDITIONS);
    SqlArrays.bind(query, "tables", "bigint", rows, StoredRow::table);
    SqlArrays.bind(query, "seconds", "bigint", rows, stored -> stored.row.key().epochSecond());
    SqlArrays.bind(query, "ids", "text", rows, stored -> stored.row.key().id());
    SqlArrays.bind(query, "chainIds", "bigint", rows, stored -> stored.row.chainId());
    return SqlArrays.bind(query, "poolIds", "text", rows, stored -> stored.row.poolId())
        .map((row, context) -> new Removal(row.getString(1), row.getString(2)))
        .list();
  }

  /** Removes rows from tables, in one message; returns those that it did not remove. */
  private static List<Removal> removeOneByOne(
      Handle handle, List<Removal> removals, Function<Removal, String> table) {
    Batch deletes = handle.createBatch();
    removals.forEach(row -> deletes.add("delete from " + table.apply(row) + " " + row.condition));
    int[] removed = deletes.execute();
    return IntStream.range(0, removed.length)
        .filter(i -> removed[i] == 0)
        .mapToObj(removals::get)
        .toList();
  }
}
