package io.tradesync.jdbc;

/** Names of things in a database. */
final class Identifiers {

  private Identifiers() {}

  /** A name as it stands in SQL, whatever characters it has. */
  static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A name with its schema as they stand in SQL. */
  static String quote(String schema, String name) {
    return quote(schema) + "." + quote(name);
  }
}
