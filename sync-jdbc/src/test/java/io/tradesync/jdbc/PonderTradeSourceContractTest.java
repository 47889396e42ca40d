package io.tradesync.jdbc;

import io.tradesync.Trade;
import io.tradesync.spi.TradeSource;
import io.tradesync.testkit.TradeSourceContract;
import java.util.Collection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PonderTradeSourceContractTest extends TradeSourceContract {

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
    return PonderTradeSource.builder(tables.pool()).build();
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
}
