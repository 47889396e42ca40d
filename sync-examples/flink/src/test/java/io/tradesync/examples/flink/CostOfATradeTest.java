package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.fixture.PrivatePostgres;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a missing trade costs: processor time in the JVM, in the source's server and in the store's,
 * and bytes of write-ahead log. Processor time hardly depends on how busy the machine is. Linux.
 */
@Tag("long")
class CostOfATradeTest {

  private static final int TRADES = 60_000;
  private static final double TICKS_A_SECOND = 100;

  private static String read(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** The fields of a process, after its name. */
  private static String[] stat(String pid) {
    try {
      String all = Files.readString(Path.of("/proc", pid, "stat"));
      return all.substring(all.lastIndexOf(')') + 2).split(" ");
    } catch (IOException e) {
      return new String[0];
    }
  }

  /** Seconds of a server: its processes, and those that ended before. */
  private static double seconds(String url) throws Exception {
    String server = stat(read(url, "select pg_backend_pid()"))[1];
    long ticks = 0;
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : (Iterable<Path>) processes::iterator) {
        String pid = process.getFileName().toString();
        String[] fields = pid.matches("\\d+") ? stat(pid) : new String[0];
        if (fields.length > 14 && (pid.equals(server) || fields[1].equals(server))) {
          ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
          if (pid.equals(server)) {
            ticks += Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
          }
        }
      }
    }
    return ticks / TICKS_A_SECOND;
  }

  private static double jvmSeconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }

  @Test
  void aMissingTrade() throws Exception {
    try (PrivatePostgres source = PrivatePostgres.start();
        PrivatePostgres store = PrivatePostgres.start()) {
      String ponderUrl = source.newDatabase("ponder");
      // The first run warms the JVM up.
      for (String name : List.of("first", "second", "third")) {
        SourceAndStore.fill(ponderUrl, TRADES, 30);
        measure(ponderUrl, store.newDatabase(name));
      }
    }
  }

  private static void measure(String ponderUrl, String storeUrl) throws Exception {
    PostgresEngines engines = new PostgresEngines(ponderUrl, storeUrl);
    try (SyncEngine engine = engines.builder().build()) {
      engine.health();
      double jvm = jvmSeconds();
      double source = seconds(ponderUrl);
      double store = seconds(storeUrl);
      String wal = read(storeUrl, "select pg_current_wal_lsn()");

      assertThat(engine.run().processed()).isEqualTo(TRADES);

      System.err.printf(
          "microseconds a trade: JVM %.0f, source %.0f, store %.0f; WAL %.0f bytes%n",
          (jvmSeconds() - jvm) * 1e6 / TRADES,
          (seconds(ponderUrl) - source) * 1e6 / TRADES,
          (seconds(storeUrl) - store) * 1e6 / TRADES,
          Double.parseDouble(read(storeUrl, "select pg_current_wal_lsn() - '" + wal + "'::pg_lsn"))
              / TRADES);
    } finally {
      engines.close();
    }
  }
}
