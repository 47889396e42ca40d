package io.tradesync.jdbc.internal.sql;

/** Names of things in a database. */
public final class Identifiers {

  private Identifiers() {}

  /**
   * A name as it stands in SQL, whatever characters it has. A quote is written as its code:
   * doubled, Jdbi's parser can take what follows for a part of the name.
   */
  public static String quote(String name) {
    return name.indexOf('"') < 0
        ? '"' + name + '"'
        : "U&\"" + name.replace("\\", "\\\\").replace("\"", "\\0022") + '"';
  }

  /** A schema as a search path takes it, which knows no codes. */
  public static String inSearchPath(String schema) {
    return '"' + schema.replace("\"", "\"\"") + '"';
  }

  /** A name with its schema as they stand in SQL. */
  public static String quote(String schema, String name) {
    return quote(schema) + "." + quote(name);
  }
}
