package io.tradesync.jdbc;

/**
 * The log's tables as they stand in SQL.
 *
 * @param schema their schema
 * @param service whose rows
 */
record LogTables(String schema, String service) {

  String log() {
    return Identifiers.quote(schema, "sync_log");
  }

  String run() {
    return Identifiers.quote(schema, "sync_run");
  }

  String lease() {
    return Identifiers.quote(schema, "sync_lease");
  }

  String services() {
    return Identifiers.quote(schema, "sync_service");
  }

  String unverified() {
    return Identifiers.quote(schema, "sync_unverified");
  }

  String watch() {
    return Identifiers.quote(schema, "sync_watch");
  }
}
