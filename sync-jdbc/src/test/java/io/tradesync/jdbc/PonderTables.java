package io.tradesync.jdbc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/** A database of a test with the tables that Ponder creates. */
public final class PonderTables implements AutoCloseable {

  public static final String TABLE =
      """
      create table order_book_trades (
        id text primary key, chain_id integer not null, price numeric(78, 0),
        quantity numeric(78, 0), "timestamp" %s, transaction_id text, side varchar,
        pool_id text not null%s)\
      """;

  public static final String POOLS =
      """
      create table pools (
        id text primary key, chain_id integer not null, coin varchar, order_book varchar not null,
        base_decimals integer, quote_decimals integer)\
      """;

  /** The first version that has infinite numbers, as server_version_num gives it. */
  private static final long INFINITE_NUMBERS = 140_000;

  public final PostgresServer.Database database = PostgresServer.get().newDatabase();
  public final Jdbi jdbi = Jdbi.create(database.dataSource());

  /** Creates empty tables, in an empty schema. */
  public void create(String timestampType, String furtherColumns) {
    execute("drop schema public cascade");
    execute("create schema public");
    execute(TABLE.formatted(timestampType, furtherColumns));
    execute("create index on order_book_trades (\"timestamp\")");
    execute(POOLS);
  }

  public void execute(String sql) {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  public long count(String sql) {
    return jdbi.withHandle(handle -> handle.select(sql).mapTo(Long.class).one());
  }

  /**
   * Reports the calling test as not run if its number is an infinite one and the server has none.
   */
  void assumeHasNumber(String number) {
    long version = count("select current_setting('server_version_num')::bigint");
    assumeTrue(
        !number.contains("Infinity") || version >= INFINITE_NUMBERS,
        "PostgreSQL before 14 has no infinite numbers");
  }

  public void put(Collection<Trade> trades) {
    jdbi.useHandle(handle -> put(handle, trades));
  }

  /** Removes and inserts rows in one transaction. */
  void change(Collection<String> removed, Collection<Trade> added) {
    jdbi.useTransaction(
        handle -> {
          if (!removed.isEmpty()) {
            handle
                .createUpdate("delete from order_book_trades where id in (<ids>)")
                .bindList("ids", List.copyOf(removed))
                .execute();
          }
          put(handle, added);
        });
  }

  private static void put(Handle handle, Collection<Trade> trades) {
    PreparedBatch batch =
        handle.prepareBatch(
            """
            insert into order_book_trades (id, chain_id, price, quantity, "timestamp",
              transaction_id, side, pool_id)
            values (:id, :chain, :price, :quantity, :time, :transaction, :side, :pool)\
            """);
    for (Trade trade : trades) {
      batch
          .bind("id", trade.id())
          .bind("chain", trade.chainId())
          .bind("price", trade.price())
          .bind("quantity", trade.quantity())
          .bind("time", trade.epochSecond())
          .bind("transaction", trade.transactionId())
          .bind("side", trade.side())
          .bind("pool", trade.poolId())
          .add();
    }
    batch.execute();
  }

  @Override
  public void close() {
    database.close();
  }
}
