package io.tradesync.jdbc.internal.ponder;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.statement.Query;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks beforehand all that a source needs, and names the setting that is wrong. */
public final class SourceCheck {

  private static final Logger log = LoggerFactory.getLogger(PonderTradeSource.class);

  private static final int OLDEST_VERSION = 13;
  private static final long LARGE_TABLE_ROWS = 100_000;
  private static final Pattern WHOLE_TABLE_READ = Pattern.compile("Seq Scan on .* rows=(\\d+)");

  /** Types that a column may have; a number without decimals where it must be whole. */
  private enum Accepted {
    KEY_TEXT("text or varchar"),
    TEXT("text, varchar, char or an enum"),
    WHOLE_NUMBER("integer, bigint, smallint or numeric(n,0)"),
    NUMBER("numeric, bigint, integer or smallint");

    private final String description;

    Accepted(String description) {
      this.description = description;
    }

    static Accepted in(PonderColumn column) {
      return switch (column) {
        case ID -> KEY_TEXT;
        case CHAIN_ID, TIMESTAMP -> WHOLE_NUMBER;
        case PRICE, QUANTITY -> NUMBER;
        case TRANSACTION_ID, SIDE, POOL_ID -> TEXT;
      };
    }

    boolean holds(Type type) {
      boolean integer =
          type.code == Types.SMALLINT || type.code == Types.INTEGER || type.code == Types.BIGINT;
      boolean numeric = type.code == Types.NUMERIC;
      return switch (this) {
        // To JDBC an enum is a varchar, but it has an order of its own.
        case KEY_TEXT -> type.name.equals("text") || type.name.equals("varchar");
        case TEXT -> type.code == Types.VARCHAR || type.code == Types.CHAR;
        case WHOLE_NUMBER -> integer || (numeric && type.precision > 0 && type.scale == 0);
        case NUMBER -> integer || numeric;
      };
    }
  }

  private record Type(String name, int code, int precision, int scale) {}

  private final SourceDatabase database;
  private final PonderSql sql;

  public SourceCheck(SourceDatabase database, PonderSql sql) {
    this.database = database;
    this.sql = sql;
  }

  /**
   * Checks everything, from the outside to the inside.
   *
   * @throws InvalidSettingException for a setting that is wrong
   * @throws SideUnavailableException if nobody can log in
   */
  public void run() {
    checkVersion();
    checkEncoding();
    Map<String, String> declared = declaredColumns();
    checkTable(declared);
    checkColumns(declared);
    checkTypes(declared);
    checkPlan();
  }

  private void checkVersion() {
    SourceDatabase.Server server = database.server();
    if (!server.product().equals("PostgreSQL") || server.majorVersion() < OLDEST_VERSION) {
      throw new InvalidSettingException(
          "dataSource",
          server.product() + " " + server.version(),
          "must lead to PostgreSQL " + OLDEST_VERSION + " or newer");
    }
  }

  private void checkEncoding() {
    String encoding =
        database.read(
            handle -> handle.createQuery("select getdatabaseencoding()").mapTo(String.class).one());
    if (!encoding.equals("UTF8")) {
      throw new InvalidSettingException(
          "dataSource", encoding, "must lead to a database whose encoding is UTF8");
    }
  }

  /** The type of each column as it was declared; empty if there is no such table. */
  private Map<String, String> declaredColumns() {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    select a.attname, format_type(a.atttypid, a.atttypmod)
                    from pg_attribute a
                      join pg_class c on c.oid = a.attrelid
                      join pg_namespace n on n.oid = c.relnamespace
                    where n.nspname = :schema and c.relname = :table
                      and c.relkind in ('r', 'p', 'v', 'm', 'f')
                      and a.attnum > 0 and not a.attisdropped
                    order by a.attnum""")
                .bind("schema", sql.schema())
                .bind("table", sql.table())
                .reduceResultSet(
                    new LinkedHashMap<>(),
                    (columns, row, context) -> {
                      columns.put(row.getString(1), row.getString(2));
                      return columns;
                    }));
  }

  private void checkTable(Map<String, String> declared) {
    if (!declared.isEmpty()) {
      return;
    }
    List<String> schemas =
        database.read(
            handle ->
                handle
                    .createQuery(
                        """
                        select n.nspname
                        from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where c.relname = :table and c.relkind in ('r', 'p', 'v', 'm', 'f')
                        order by 1 limit 10""")
                    .bind("table", sql.table())
                    .mapTo(String.class)
                    .list());
    boolean schemaThere =
        database.read(
            handle ->
                handle
                    .createQuery("select exists (select from pg_namespace where nspname = :schema)")
                    .bind("schema", sql.schema())
                    .mapTo(Boolean.class)
                    .one());
    String found =
        schemas.isEmpty()
            ? "no schema of this database has a table " + sql.table()
            : "a table " + sql.table() + " is in: " + String.join(", ", schemas);
    throw schemaThere
        ? new InvalidSettingException(
            "table", sql.table(), "must be in schema " + sql.schema() + " (" + found + ")")
        : new InvalidSettingException(
            "schema", sql.schema(), "must be a schema of this database (" + found + ")");
  }

  private void checkColumns(Map<String, String> declared) {
    String rule =
        "must be in "
            + sql.qualifiedTable()
            + " (it has: "
            + String.join(", ", declared.keySet())
            + ")";
    sql.columns()
        .forEach(
            (column, name) -> {
              if (!declared.containsKey(name)) {
                throw new InvalidSettingException(setting(column), name, rule);
              }
            });
    sql.extraColumns()
        .forEach(
            name -> {
              if (!declared.containsKey(name)) {
                throw new InvalidSettingException("extraColumns", name, rule);
              }
            });
  }

  private void checkTypes(Map<String, String> declared) {
    Map<String, Type> types = readable(this::types);
    sql.columns()
        .forEach(
            (column, name) -> {
              Accepted accepted = Accepted.in(column);
              Type type = types.get(name);
              if (type != null && !accepted.holds(type)) {
                throw new InvalidSettingException(
                    setting(column),
                    name + " " + declared.get(name),
                    "must be of type " + accepted.description);
              }
            });
  }

  /** Domains as the types that they stand on. */
  private Map<String, Type> types(Handle handle) {
    return handle.createQuery(sql.noRow()).scanResultSet((rows, context) -> types(rows));
  }

  private static Map<String, Type> types(Supplier<ResultSet> query) throws SQLException {
    try (ResultSet rows = query.get()) {
      ResultSetMetaData columns = rows.getMetaData();
      Map<String, Type> types = new HashMap<>();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        types.put(
            columns.getColumnName(i),
            new Type(
                columns.getColumnTypeName(i),
                columns.getColumnType(i),
                columns.getPrecision(i),
                columns.getScale(i)));
      }
      return types;
    }
  }

  /** Plans a page: this needs every right that reading it needs, and takes no time. */
  private void checkPlan() {
    List<String> plan =
        readable(
            handle -> {
              Query query = handle.createQuery("explain " + sql.page()).bind("limit", 1);
              return PonderTradeSource.bind(query, KeyRange.all()).mapTo(String.class).list();
            });
    for (String line : plan) {
      Matcher read = WHOLE_TABLE_READ.matcher(line);
      if (read.find() && Long.parseLong(read.group(1)) >= LARGE_TABLE_ROWS) {
        log.warn(
            "No index on {} of {} is in use: each page reads the whole table (about {} rows). Ponder"
                + " makes the index once its backfill is done",
            sql.columns().get(PonderColumn.TIMESTAMP),
            sql.qualifiedTable(),
            read.group(1));
        return;
      }
    }
  }

  private <R> R readable(HandleCallback<R, SQLException> statement) {
    try {
      return database.read(statement);
    } catch (SideUnavailableException e) {
      if (!SourceDatabase.isMissing(e)) {
        throw e;
      }
      throw new InvalidSettingException(
          "table",
          sql.schema() + "." + sql.table(),
          "must be readable: "
              + SqlFailures.reason(e)
              + "; grant USAGE on the schema and SELECT on the table to the source's user");
    }
  }

  private static String setting(PonderColumn column) {
    return "column " + column.name().toLowerCase(Locale.ROOT);
  }
}
