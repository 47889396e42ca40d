package io.tradesync.examples.service.ponder;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Lets something happen in the middle of a run: just before it takes a connection of either side,
 * for each run another one, so that in the end each of its steps had its turn. Thread-safe.
 */
final class Interposer {

  /** What happens. */
  interface Action {
    void run() throws SQLException;
  }

  private static final Action NOTHING = () -> {};

  private Action action = NOTHING;
  private int turn;
  private int taken;
  private int takenByTheLastRun = 1;

  /** A pool whose connections are counted. */
  HikariDataSource pool(String url) {
    HikariDataSource pool =
        new HikariDataSource() {
          @Override
          public Connection getConnection() throws SQLException {
            connectionIsTaken();
            return super.getConnection();
          }
        };
    pool.setJdbcUrl(url);
    return pool;
  }

  /** Plans what is to happen in the next run. */
  synchronized void interpose(Action next) {
    action = next;
    turn = (turn + 1) % takenByTheLastRun;
    taken = 0;
  }

  /** The run is over; if it was too short, it happens now. */
  synchronized void finish() throws SQLException {
    takenByTheLastRun = Math.max(taken, 1);
    happen();
  }

  private synchronized void connectionIsTaken() throws SQLException {
    if (taken++ == turn) {
      happen();
    }
  }

  private void happen() throws SQLException {
    Action now = action;
    action = NOTHING;
    now.run();
  }
}
