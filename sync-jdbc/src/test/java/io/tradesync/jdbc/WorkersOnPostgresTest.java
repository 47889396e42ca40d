package io.tradesync.jdbc;

import io.tradesync.testkit.RandomHistory;
import io.tradesync.testkit.WorkersContract;
import java.sql.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Runs by workers that repeat and shuffle, between two databases; the candles are compared. */
class WorkersOnPostgresTest extends WorkersContract<Connection> {

  private static PostgresSides sides;

  @BeforeAll
  static void create() throws Exception {
    sides = new PostgresSides(16);
  }

  @AfterAll
  static void drop() {
    sides.close();
  }

  @Override
  protected RandomHistory.Sides<Connection> newSides() {
    return sides.emptied();
  }
}
