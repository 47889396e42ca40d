package io.tradesync.jdbc.internal.ponder;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.statement.Query;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks, before anything is read, that Ponder's table can be read as the settings say. Names the
 * setting that is wrong.
 */
public final class SourceCheck {

  private static final String ENCODING = "select getdatabaseencoding()";

  private static final String DECLARED_COLUMNS =
      """
      select a.attname, format_type(a.atttypid, a.atttypmod)
      from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = :schema and c.relname = :table
        and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and a.attnum > 0 and not a.attisdropped
      order by a.attnum\
      """;

  private static final String SCHEMAS_WITH_TABLE =
      """
      select n.nspname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = :table and c.relkind in ('r', 'p', 'v', 'm', 'f')
      order by 1 limit 10\
      """;

  private static final String SCHEMA_EXISTS =
      "select exists (select from pg_namespace where nspname = :schema)";

  private static final String NO_ROW =
      """
      select {columns}
      from :"schema".:"table" as t
      limit 0\
      """;

  private static final Logger LOG = LoggerFactory.getLogger(SourceCheck.class);

  private static final int MIN_VERSION = 13;
  // As PostgreSQL estimates them: what a page's conditions leave, for each parallel worker.
  private static final long LARGE_TABLE_ROWS = 50_000;
  private static final Pattern WHOLE_TABLE_READ = Pattern.compile("Seq Scan on .* rows=(\\d+)");

  /** The types that a column may have. */
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
        // JDBC calls an enum a varchar, but an enum has an order of its own.
        case KEY_TEXT -> type.name.equals("text") || type.name.equals("varchar");
        case TEXT -> type.code == Types.VARCHAR || type.code == Types.CHAR;
        case WHOLE_NUMBER -> integer || (numeric && type.precision > 0 && type.scale == 0);
        case NUMBER -> integer || numeric;
      };
    }
  }

  private record Type(String name, int code, int precision, int scale) {}

  private final SourceDatabase database;
  private final PonderTable table;

  public SourceCheck(SourceDatabase database, PonderTable table) {
    this.database = database;
    this.table = table;
  }

  /**
   * Checks the server, the table, its columns, their types and the rights, in this order.
   *
   * @throws InvalidSettingException if a setting is wrong
   * @throws SideUnavailableException if the server cannot be reached or refuses the login
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
    if (!server.product().equals("PostgreSQL") || server.majorVersion() < MIN_VERSION) {
      throw new InvalidSettingException(
          "dataSource",
          server.product() + " " + server.version(),
          "must lead to PostgreSQL " + MIN_VERSION + " or newer");
    }
  }

  private void checkEncoding() {
    String encoding =
        database.read(handle -> handle.createQuery(ENCODING).mapTo(String.class).one());
    if (!encoding.equals("UTF8")) {
      throw new InvalidSettingException(
          "dataSource", encoding, "must lead to a database whose encoding is UTF8");
    }
  }

  /** The declared type of each column; empty if there is no such table. */
  private Map<String, String> declaredColumns() {
    return database.read(
        handle ->
            handle
                .createQuery(DECLARED_COLUMNS)
                .bind("schema", table.schema())
                .bind("table", table.name())
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
                    .createQuery(SCHEMAS_WITH_TABLE)
                    .bind("table", table.name())
                    .mapTo(String.class)
                    .list());
    boolean schemaThere =
        database.read(
            handle ->
                handle
                    .createQuery(SCHEMA_EXISTS)
                    .bind("schema", table.schema())
                    .mapTo(Boolean.class)
                    .one());
    String found =
        schemas.isEmpty()
            ? "no schema of this database has a table " + table.name()
            : "a table " + table.name() + " is in: " + String.join(", ", schemas);
    throw schemaThere
        ? new InvalidSettingException(
            "table", table.name(), "must be in schema " + table.schema() + " (" + found + ")")
        : new InvalidSettingException(
            "schema", table.schema(), "must be a schema of this database (" + found + ")");
  }

  private void checkColumns(Map<String, String> declared) {
    String rule =
        "must be in "
            + table.qualifiedName()
            + " (it has: "
            + String.join(", ", declared.keySet())
            + ")";
    table
        .columns()
        .forEach(
            (column, name) -> {
              if (!declared.containsKey(name)) {
                throw new InvalidSettingException(setting(column), name, rule);
              }
            });
    table
        .extraColumns()
        .forEach(
            name -> {
              if (!declared.containsKey(name)) {
                throw new InvalidSettingException("extraColumns", name, rule);
              }
            });
  }

  private void checkTypes(Map<String, String> declared) {
    Map<String, Type> types = readable(this::types);
    table
        .columns()
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

  /** The types of the columns; of a domain, its base type. */
  private Map<String, Type> types(Handle handle) {
    return handle
        .createQuery(table.sqlNames().fill(NO_ROW))
        .scanResultSet((rows, context) -> types(rows));
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

  /**
   * Plans a page: PostgreSQL then checks the same rights as when it reads one, and reads nothing.
   */
  private void checkPlan() {
    List<String> plan =
        readable(
            handle -> {
              String explain = "explain " + table.sqlNames().fill(TradeReader.PAGE);
              Query query = table.bindTypes(handle.createQuery(explain)).bind("limit", 1);
              return KeyRangeSql.bind(query, KeyRange.all()).mapTo(String.class).list();
            });
    for (String line : plan) {
      Matcher read = WHOLE_TABLE_READ.matcher(line);
      if (read.find() && Long.parseLong(read.group(1)) >= LARGE_TABLE_ROWS) {
        LOG.warn(
            "No index on {} of {} is in use: each page reads the whole table."
                + " Ponder creates the index when its backfill is done",
            table.columns().get(PonderColumn.TIMESTAMP),
            table.qualifiedName());
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
          table.schema() + "." + table.name(),
          "must be readable: "
              + SqlFailures.reason(e)
              + "; grant USAGE on the schema and SELECT on the table to the source's user");
    }
  }

  private static String setting(PonderColumn column) {
    return "column " + column.defaultName();
  }
}
