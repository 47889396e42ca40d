package io.tradesync.jdbc.internal.ponder;

import io.tradesync.InvalidSettingException;
import io.tradesync.TradeSelection;
import io.tradesync.jdbc.PonderColumn;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a source on Ponder's tables, checked.
 *
 * @param poolsTable the table of pools, or null if none is read
 * @param checkpoint whether Ponder's finalized checkpoint is read
 */
public record SourceSettings(
    String schema,
    String table,
    Map<PonderColumn, String> columns,
    List<String> extraColumns,
    @Nullable String poolsTable,
    Duration statementTimeout,
    Duration poolCacheLifetime,
    boolean checkpoint) {

  private static final int MAX_IDENTIFIER_BYTES = 63;
  private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

  public SourceSettings {
    checkIdentifier("schema", schema);
    checkIdentifier("table", table);
    if (poolsTable != null) {
      checkIdentifier("poolsTable", poolsTable);
    }
    columns.forEach((column, name) -> checkIdentifier("column " + column.defaultName(), name));
    extraColumns.forEach(name -> checkIdentifier("extraColumns", name));
    if (new HashSet<>(extraColumns).size() < extraColumns.size()) {
      throw new InvalidSettingException("extraColumns", extraColumns, "must not repeat a column");
    }
    if (statementTimeout.compareTo(MIN_TIMEOUT) < 0
        || statementTimeout.compareTo(MAX_TIMEOUT) > 0) {
      throw new InvalidSettingException(
          "statementTimeout", statementTimeout, "must be a millisecond to an hour");
    }
    if (poolCacheLifetime.isNegative()) {
      throw new InvalidSettingException(
          "poolCacheLifetime", poolCacheLifetime, "must not be negative");
    }
  }

  // PostgreSQL cuts off a longer name, and would then find another column or none.
  private static void checkIdentifier(String setting, @Nullable String name) {
    if (name == null || name.isBlank() || name.indexOf('\0') >= 0) {
      throw new InvalidSettingException(setting, name, "must be a name");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > MAX_IDENTIFIER_BYTES) {
      throw new InvalidSettingException(
          setting, name, "must have at most " + MAX_IDENTIFIER_BYTES + " bytes");
    }
  }

  /** The table of trades. */
  public PonderTable tradesTable() {
    return new PonderTable(schema, table, columns, extraColumns, TradeSelection.ALL);
  }
}
