package io.tradesync.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * The CPU time that this process and a PostgreSQL on the same machine have used. It is read from
 * Linux's /proc, since Java reports nothing of ended processes, such as those of closed
 * connections. On other systems it is NaN.
 *
 * @param jvm of this process, in seconds
 * @param server of the server with all its processes, in seconds
 */
record CpuTime(double jvm, double server) {

  static final CpuTime UNKNOWN = new CpuTime(Double.NaN, Double.NaN);

  // The unit of the times in /proc; it is the same on all common machines.
  private static final double TICKS_PER_SECOND = 100;

  /**
   * Looks now.
   *
   * @param database a database of the server
   */
  static CpuTime now(DataSource database) throws SQLException {
    // The connection is kept while its process is looked at: it would end with it.
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      double server =
          ProcessHandle.of(row.getLong(1))
              .flatMap(ProcessHandle::parent)
              .map(CpuTime::ofServer)
              .orElse(Double.NaN);
      return new CpuTime(seconds(ProcessHandle.current(), false), server);
    }
  }

  /** Looks now at this process and the store's server, which is the source's too if embedded. */
  static CpuTime ofBoth(Arena arena) {
    try {
      return now(arena.store());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double ofServer(ProcessHandle postmaster) {
    Stream<ProcessHandle> running = postmaster.children();
    return seconds(postmaster, true)
        + running.mapToDouble(process -> seconds(process, false)).filter(Double::isFinite).sum();
  }

  private static double seconds(ProcessHandle process, boolean withEndedChildren) {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
      // The name may hold blanks; behind it, the times of the process and of its ended children
      // are the fields 14 to 17 of the whole.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      if (withEndedChildren) {
        ticks += Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
      }
      return ticks / TICKS_PER_SECOND;
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  CpuTime plus(CpuTime other) {
    return new CpuTime(jvm + other.jvm, server + other.server);
  }

  CpuTime since(CpuTime before) {
    return new CpuTime(jvm - before.jvm, server - before.server);
  }
}
