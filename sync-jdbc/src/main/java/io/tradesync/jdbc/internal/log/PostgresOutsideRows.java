package io.tradesync.jdbc.internal.log;

import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.log.OutsideRows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Keeps rows outside the key order in {@code sync_outside_key_order}. Thread-safe. */
public final class PostgresOutsideRows implements OutsideRows {

  // Calls name the same rows in any order, and each sees other ones: without this lock a run, an
  // audit and a user who accepts rows would deadlock.
  private static final String LOCK =
      """
      select 1
      from pg_advisory_xact_lock(hashtextextended('sync_outside_key_order ' || :service, 0))\
      """;

  private static final String ROWS =
      """
      unnest(
          cast(:hashes as text[]), cast(:rowHashes as bigint[]), cast(:ids as text[]),
          cast(:seconds as bigint[]), cast(:columns as text[]), cast(:reasons as text[]))
        as f (id_sha256, row_hash, id_start, second, column_name, reason)\
      """;

  private static final String REMOVE_OTHERS =
      """
      delete from :"schema".sync_outside_key_order as o
      where o.service = :service
        and not exists (
          select 1
          from unnest(cast(:hashes as text[]), cast(:rowHashes as bigint[])) as f (hash, row_hash)
          where f.hash = o.id_sha256 and f.row_hash = o.row_hash)\
      """;

  private static final String ADD =
      """
      insert into :"schema".sync_outside_key_order as o
        (service, id_sha256, row_hash, id_start, trade_timestamp, column_name, reason)
      select :service, id_sha256, row_hash, id_start, second, column_name, reason
      from %s
      on conflict do nothing\
      """
          .formatted(ROWS);

  private static final String ADD_NEW_IDS =
      """
      insert into :"schema".sync_outside_key_order as o
        (service, id_sha256, row_hash, id_start, trade_timestamp, column_name, reason)
      select :service, id_sha256, row_hash, id_start, second, column_name, reason
      from %s
      where not exists (
        select 1
        from :"schema".sync_outside_key_order as k
        where k.service = :service and k.id_sha256 = f.id_sha256)
      order by id_sha256, row_hash
      on conflict do nothing\
      """
          .formatted(ROWS);

  private static final String COUNT =
      """
      select count(*), count(accepted), {as_of}
      from :"schema".sync_outside_key_order
      where service = :service\
      """;

  private static final String LIST =
      """
      select id_start, id_sha256, trade_timestamp, column_name, reason, row_hash, accepted
      from :"schema".sync_outside_key_order
      where service = :service
        and (cast(:hash as text) is null or (id_sha256, row_hash) > (:hash, :rowHash))
      order by id_sha256, row_hash
      limit :limit\
      """;

  private static final String NAMED =
      """
      (o.id_sha256, o.row_hash) in (
        select f.hash, f.row_hash
        from unnest(cast(:hashes as text[]), cast(:rowHashes as bigint[])) as f (hash, row_hash))\
      """;

  private static final String ACCEPT =
      """
      update :"schema".sync_outside_key_order as o
      set accepted = :reason
      where o.service = :service and %s\
      """
          .formatted(NAMED);

  private static final String RELEASE =
      """
      update :"schema".sync_outside_key_order as o
      set accepted = null
      where o.service = :service and o.accepted is not null and %s\
      """
          .formatted(NAMED);

  private static final String ACCEPTED =
      """
      select id_sha256, row_hash
      from :"schema".sync_outside_key_order
      where service = :service and accepted is not null\
      """;

  private static final FigureTime FIGURE = new FigureTime("outside_key_order");

  private final StoreDatabase database;
  private final LogSql sql;

  public PostgresOutsideRows(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public void replaceAll(List<OutsideRow> rows) {
    change(
        handle -> {
          bindKeys(sql.update(handle, REMOVE_OTHERS), refs(rows)).execute();
          if (!rows.isEmpty()) {
            bind(sql.update(handle, ADD), rows).execute();
          }
          return FIGURE.recordNow(sql, handle);
        });
  }

  @Override
  public void add(List<OutsideRow> rows) {
    change(handle -> bind(sql.update(handle, ADD_NEW_IDS), rows).execute());
  }

  private int change(HandleCallback<Integer, SQLException> change) {
    return database.read(
        handle -> {
          sql.query(handle, LOCK).mapTo(Integer.class).one();
          return change.withHandle(handle);
        });
  }

  private static List<OutsideRow.Ref> refs(List<OutsideRow> rows) {
    return rows.stream().map(OutsideRow::ref).toList();
  }

  private static <S extends SqlStatement<S>> S bindKeys(S statement, List<OutsideRow.Ref> rows) {
    SqlArrays.bind(statement, "hashes", "text", rows, OutsideRow.Ref::idHash);
    return SqlArrays.bind(statement, "rowHashes", "bigint", rows, OutsideRow.Ref::rowHash);
  }

  private static <S extends SqlStatement<S>> S bind(S statement, List<OutsideRow> rows) {
    bindKeys(statement, refs(rows));
    SqlArrays.bind(statement, "ids", "text", rows, OutsideRow::id);
    SqlArrays.bind(statement, "seconds", "bigint", rows, OutsideRow::epochSecond);
    SqlArrays.bind(statement, "columns", "text", rows, OutsideRow::column);
    return SqlArrays.bind(statement, "reasons", "text", rows, OutsideRow::reason);
  }

  @Override
  public Known known() {
    return database.read(
        handle ->
            sql.query(handle, COUNT)
                .bind("figure", FIGURE.figure())
                .map(
                    (row, context) ->
                        new Known(row.getLong(1), row.getLong(2), LogSql.instant(row, 3)))
                .one());
  }

  @Override
  public List<OutsideRow> list(OutsideRow.@Nullable Ref after, int limit) {
    return database.read(
        handle ->
            sql.query(handle, LIST)
                .bind("hash", after == null ? null : after.idHash())
                .bind("rowHash", after == null ? null : (Long) after.rowHash())
                .bind("limit", limit)
                .map(PostgresOutsideRows::row)
                .list());
  }

  @Override
  public long accept(List<OutsideRow.Ref> rows, String reason) {
    return change(
        handle -> bindKeys(sql.update(handle, ACCEPT), rows).bind("reason", reason).execute());
  }

  @Override
  public long release(List<OutsideRow.Ref> rows) {
    return change(handle -> bindKeys(sql.update(handle, RELEASE), rows).execute());
  }

  @Override
  public Set<OutsideRow.Ref> accepted() {
    return database.read(
        handle ->
            sql.query(handle, ACCEPTED)
                .map((row, context) -> new OutsideRow.Ref(row.getString(1), row.getLong(2)))
                .set());
  }

  private static OutsideRow row(ResultSet row, StatementContext context) throws SQLException {
    return new OutsideRow(
        row.getString(1),
        row.getString(2),
        row.getObject(3, Long.class),
        row.getString(4),
        row.getString(5),
        row.getLong(6),
        row.getString(7));
  }
}
