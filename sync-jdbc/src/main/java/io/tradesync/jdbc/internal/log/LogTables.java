package io.tradesync.jdbc.internal.log;

import io.tradesync.jdbc.internal.sql.Identifiers;

/**
 * The log's tables as they stand in SQL.
 *
 * @param schema their schema
 * @param service whose rows
 */
public record LogTables(String schema, String service) {

  public String log() {
    return Identifiers.quote(schema, "sync_log");
  }

  String run() {
    return Identifiers.quote(schema, "sync_run");
  }

  String lease() {
    return Identifiers.quote(schema, "sync_lease");
  }

  public String services() {
    return Identifiers.quote(schema, "sync_service");
  }

  String unverified() {
    return Identifiers.quote(schema, "sync_unverified");
  }

  public String watch() {
    return Identifiers.quote(schema, "sync_watch");
  }
}
