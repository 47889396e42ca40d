package io.tradesync.jdbc;

import java.util.UUID;
import org.postgresql.ds.PGSimpleDataSource;

/** A role of a test that may log in and nothing else; closing it drops the role. */
public final class PonderRole implements AutoCloseable {

  public static final String PASSWORD = "secret-0b5e";

  public final String name = "ponder_reader_" + UUID.randomUUID().toString().replace("-", "");
  private final PonderTables tables;

  public PonderRole(PonderTables tables) {
    this.tables = tables;
    execute("create role %s login password '" + PASSWORD + "'");
  }

  /** Runs a statement in which {@code %s} stands for the role. */
  public void execute(String sql) {
    tables.execute(sql.replace("%s", name));
  }

  public PGSimpleDataSource dataSource() {
    return dataSource(PASSWORD);
  }

  public PGSimpleDataSource dataSource(String password) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(tables.database.url());
    dataSource.setUser(name);
    dataSource.setPassword(password);
    return dataSource;
  }

  @Override
  public void close() {
    execute("drop owned by %s");
    execute("drop role %s");
  }
}
