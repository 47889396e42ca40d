package io.tradesync.jdbc.internal.ponder;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.PonderTables;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An index on the timestamp alone is enough for every statement on a range. */
class IndexUseTest {

  private static final long T = 1_754_400_000L;
  private static final KeyRange ALL = KeyRange.all();
  private static final KeyRange SLICE =
      new KeyRange(new TradeKey(T + 5_000, "5"), new TradeKey(T + 5_090, "a"));

  private final PonderTables tables = new PonderTables();
  private final PonderTable table = PonderTableTest.withDefaultNames();

  @BeforeEach
  void createManyTrades() {
    tables.create("integer", "");
    tables.execute("alter table order_book_trades drop constraint order_book_trades_pkey");
    tables.execute(
        String.format(
            Locale.ROOT,
            """
            insert into order_book_trades
            select encode(sha256(i::text::bytea), 'hex'), 1, i, 1, %d + i / 10, '0x' || i, 'Buy', 'pool'
            from generate_series(1, 150000) i\
            """,
            T));
    tables.execute("analyze order_book_trades");
  }

  @AfterEach
  void drop() {
    tables.close();
  }

  @Test
  void aPageAndTheBoundsOfAllTradesUseTheIndex() {
    for (String statement : List.of(TradeReader.PAGE, KeyReader.FIRST, KeyReader.LAST)) {
      assertThat(plan(statement, ALL)).contains("Index").doesNotContain("Seq Scan");
    }
  }

  @Test
  void eachStatementOnASliceUsesTheIndex() {
    for (String statement :
        List.of(
            TradeReader.PAGE,
            KeyReader.FIRST,
            KeyReader.LAST,
            KeyReader.COUNT,
            DigestReader.DIGESTS,
            DigestReader.KEYS)) {
      assertThat(plan(statement, SLICE)).contains("Index").doesNotContain("Seq Scan");
    }
  }

  @Test
  void digestsAreCountedInATableAndNotSorted() {
    assertThat(plan(DigestReader.DIGESTS, ALL)).contains("HashAggregate").doesNotContain("Sort");
  }

  private String plan(String statement, KeyRange range) {
    Jdbi jdbi = Jdbi.create(tables.database.dataSource());
    jdbi.getConfig(SqlStatements.class)
        .setTemplateEngine(TemplateEngine.NOP)
        .setUnusedBindingAllowed(true);
    return jdbi.withHandle(
        handle -> {
          var query =
              handle
                  .createQuery("explain " + table.sqlNames().fill(statement))
                  .bind("relation", table.relation())
                  .bind("priceColumn", "price")
                  .bind("quantityColumn", "quantity")
                  .bind("limit", 100)
                  .bind("firstSecond", 0)
                  .bind("width", 60);
          var bound =
              statement.contains("{ranges}")
                  ? KeyRangeSql.bind(query, List.of(range))
                  : KeyRangeSql.bind(query, range);
          return String.join("\n", bound.mapTo(String.class).list());
        });
  }
}
