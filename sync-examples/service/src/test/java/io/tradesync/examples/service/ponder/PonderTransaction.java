package io.tradesync.examples.service.ponder;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;

/**
 * One transaction of a real Ponder: the trades that it deleted and those that it inserted.
 *
 * @param line as {@code ponder-bench/record.mjs} wrote it
 */
record PonderTransaction(String line) {

  private static final String DELETE =
      """
      DELETE FROM order_book_trades
      WHERE id IN (SELECT jsonb_array_elements_text(?::jsonb -> 'deleted'))
      """;

  private static final String INSERT =
      """
      INSERT INTO order_book_trades
        (id, chain_id, price, quantity, "timestamp", transaction_id, side, pool_id)
      SELECT r ->> 0, (r ->> 1)::integer, (r ->> 2)::numeric, (r ->> 3)::numeric,
        (r ->> 4)::integer, r ->> 5, r ->> 6, r ->> 7
      FROM jsonb_array_elements(?::jsonb -> 'inserted') AS r
      """;

  /** Returns the transactions that a reader of a real Ponder saw, from the first trade on. */
  static List<PonderTransaction> history(String name) {
    String file = "/ponder-histories/" + name + ".jsonl";
    try (InputStream in = PonderTransaction.class.getResourceAsStream(file)) {
      String lines =
          new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
      return lines.lines().map(PonderTransaction::new).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Repeats the transaction on another table of trades. */
  void replay(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    for (String sql : List.of(DELETE, INSERT)) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setString(1, line);
        statement.execute();
      }
    }
    connection.commit();
  }
}
