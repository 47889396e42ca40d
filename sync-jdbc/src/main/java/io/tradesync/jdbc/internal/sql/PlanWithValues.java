package io.tradesync.jdbc.internal.sql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.StatementCustomizer;
import org.postgresql.jdbc.PgStatement;

/**
 * Has a statement planned with the values of its parameters each time. PostgreSQL keeps a prepared
 * statement, and from its sixth execution on may plan it for any values. Such a plan of a
 * hypertable covers all of its chunks, costs several milliseconds for each of them, and is made
 * again whenever one of them changes.
 *
 * <p>Does nothing if a pool does not let its statements be unwrapped. The driver's public
 * PGStatement could do the same, but the annotations of its package make javac warn of absent
 * classes.
 */
public final class PlanWithValues implements StatementCustomizer {

  private static final PlanWithValues INSTANCE = new PlanWithValues();

  private PlanWithValues() {}

  /** Applies this to a statement. */
  public static <S extends SqlStatement<S>> S of(S statement) {
    return statement.addCustomizer(INSTANCE);
  }

  @Override
  public void beforeExecution(PreparedStatement statement, StatementContext context)
      throws SQLException {
    keepNoPlan(statement);
  }

  /** Keeps the driver from preparing a statement on the server. */
  public static void keepNoPlan(PreparedStatement statement) throws SQLException {
    if (statement.isWrapperFor(PgStatement.class)) {
      statement.unwrap(PgStatement.class).setPrepareThreshold(0);
    }
  }
}
