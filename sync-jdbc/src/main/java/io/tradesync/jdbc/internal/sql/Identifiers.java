package io.tradesync.jdbc.internal.sql;

/** Quotes the names of schemas, tables and columns. */
public final class Identifiers {

  private Identifiers() {}

  /**
   * Quotes a name for SQL, whatever characters it has. A quote in the name is written as its code,
   * because Jdbi's parser does not understand a doubled quote.
   */
  public static String quote(String name) {
    return name.indexOf('"') < 0
        ? '"' + name + '"'
        : "U&\"" + name.replace("\\", "\\\\").replace("\"", "\\0022") + '"';
  }

  /** Quotes a name for a search path, which knows no codes. */
  public static String inSearchPath(String schema) {
    return '"' + schema.replace("\"", "\"\"") + '"';
  }

  /** Quotes a name with its schema for a {@code regclass}, which knows no codes either. */
  public static String asRegclass(String schema, String name) {
    return inSearchPath(schema) + "." + inSearchPath(name);
  }

  /** Quotes a name with its schema. */
  public static String quote(String schema, String name) {
    return quote(schema) + "." + quote(name);
  }
}
