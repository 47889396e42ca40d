package io.tradesync.jdbc;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeSource;
import io.tradesync.testkit.CompleteTradeSourceContract;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PonderTradeSourceContractTest extends CompleteTradeSourceContract {

  private static PonderTables tables;

  @BeforeAll
  static void create() {
    tables = new PonderTables();
  }

  @AfterAll
  static void drop() {
    tables.close();
  }

  @Override
  protected TradeSource emptySource() {
    tables.create("bigint", "");
    return PonderTradeSource.builder(tables.database.dataSource()).build();
  }

  @Override
  protected void put(Collection<Trade> trades) {
    tables.put(trades);
  }

  @Override
  protected void remove(String id) {
    tables.jdbi.useHandle(
        handle -> handle.execute("delete from order_book_trades where id = ?", id));
  }

  /** As of a view over several of Ponder's tables, which has no primary key. */
  @Override
  protected boolean putBeside(Trade trade) {
    tables.execute(
        "alter table order_book_trades drop constraint if exists order_book_trades_pkey");
    tables.put(List.of(trade));
    return true;
  }

  // numeric(78, 0) holds no infinity, but NaN.
  @Override
  protected void putUnreadable(TradeKey key, int wrong) {
    tables.jdbi.useHandle(
        handle ->
            handle.execute(
                "insert into order_book_trades values (?, 1, ?::numeric, ?::numeric, ?, '0x',"
                    + " 'Buy', 'p')",
                key.id(),
                wrong == 0 ? "NaN" : "1",
                wrong == 0 ? "1" : "NaN",
                key.epochSecond()));
  }
}
