package io.tradesync.examples.service.ponder;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Carries out an action in the middle of a run, just before the run takes a connection. Each run
 * gets the action at another connection, so that each step of a run has its turn. Thread-safe.
 */
final class Interposer {

  /** Something that happens during a run. */
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

  /** Sets the action of the next run. */
  synchronized void interpose(Action next) {
    action = next;
    turn = (turn + 1) % takenByTheLastRun;
    taken = 0;
  }

  /** Ends a run; an action that has not had its turn is carried out now. */
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
