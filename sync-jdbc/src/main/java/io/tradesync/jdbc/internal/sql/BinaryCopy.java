package io.tradesync.jdbc.internal.sql;

import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;
import org.postgresql.util.ByteConverter;

/**
 * Writes rows with {@code COPY ... FROM STDIN (FORMAT binary)}; PostgreSQL's manual describes the
 * format. It costs the server about a third of an INSERT that looks for conflicts. With one
 * conflict no row is written. Not thread-safe.
 */
public final class BinaryCopy {

  /** The number of rows from which COPY costs less than one statement with arrays. */
  public static final int WORTH_IT = 200;

  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0
  };
  private static final int NULL = -1;
  private static final int JSONB_VERSION = 1;
  private static final int END = -1;
  private static final int BUFFER_BYTES = 65_536;
  private static final long EPOCH_SECOND_OF_2000 = 946_684_800;
  private static final long MICROS = 1_000_000;

  /** Copies rows into one or more tables. */
  @FunctionalInterface
  public interface Copying {
    void run() throws SQLException;
  }

  /** Writes the rows. */
  @FunctionalInterface
  public interface Rows {
    void write(BinaryCopy copy) throws IOException;
  }

  private final DataOutputStream out;

  private BinaryCopy(DataOutputStream out) {
    this.out = out;
  }

  /** Whether a COPY of so many rows is worth it, and the driver of the connection can do it. */
  public static boolean isWorthIt(Connection connection, int rows) throws SQLException {
    return rows >= WORTH_IT && connection.isWrapperFor(PGConnection.class);
  }

  /**
   * Copies all rows or none. Keeps what the transaction did before.
   *
   * @return false if one of the rows exists already
   */
  public static boolean unlessThere(Connection connection, Copying copying) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      copying.run();
      return true;
    } catch (SQLException e) {
      if (!SqlFailures.UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback(before);
      return false;
    }
  }

  /**
   * Copies rows.
   *
   * @param into the table and its columns: {@code t (a, b)}
   * @throws SQLException if the server refuses a row; the transaction is then aborted
   */
  public static void copy(Connection connection, String into, Rows rows) throws SQLException {
    String sql = "copy " + into + " from stdin (format binary)";
    PGConnection driver = connection.unwrap(PGConnection.class);
    PGCopyOutputStream server = new PGCopyOutputStream(driver, sql, BUFFER_BYTES);
    try {
      DataOutputStream out = new DataOutputStream(server);
      out.write(SIGNATURE);
      out.writeInt(0);
      out.writeInt(0);
      rows.write(new BinaryCopy(out));
      out.writeShort(END);
      server.endCopy();
    } catch (IOException e) {
      throw e.getCause() instanceof SQLException cause ? cause : new SQLException(e);
    } finally {
      if (server.isActive()) {
        server.cancelCopy();
      }
    }
  }

  /** Begins a row. */
  public BinaryCopy row(int columns) throws IOException {
    out.writeShort(columns);
    return this;
  }

  public BinaryCopy bigint(long value) throws IOException {
    out.writeInt(Long.BYTES);
    out.writeLong(value);
    return this;
  }

  public BinaryCopy text(@Nullable String value) throws IOException {
    return bytes(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
  }

  public BinaryCopy numeric(@Nullable BigDecimal value) throws IOException {
    return bytes(value == null ? null : ByteConverter.numeric(value));
  }

  /** A jsonb, by its text. */
  public BinaryCopy jsonb(@Nullable String json) throws IOException {
    if (json == null) {
      return bytes(null);
    }
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    out.writeInt(1 + text.length);
    out.write(JSONB_VERSION);
    out.write(text);
    return this;
  }

  /** A timestamptz, by its microseconds since 1970-01-01T00:00:00Z. */
  public BinaryCopy timestamp(long epochMicros) throws IOException {
    return bigint(epochMicros - EPOCH_SECOND_OF_2000 * MICROS);
  }

  private BinaryCopy bytes(byte @Nullable [] value) throws IOException {
    if (value == null) {
      out.writeInt(NULL);
    } else {
      out.writeInt(value.length);
      out.write(value);
    }
    return this;
  }
}
