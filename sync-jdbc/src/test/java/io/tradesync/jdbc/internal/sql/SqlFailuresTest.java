package io.tradesync.jdbc.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.spi.FailureKind;
import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.BatchUpdateException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import org.assertj.core.api.Assertions;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlFailuresTest {

  private static SQLException sql(String state) {
    return new SQLException("ERROR: no\n  Detail: Key (id)=(secret) is there", state);
  }

  private static Throwable wrapped(SQLException cause) {
    return new RuntimeException(new UnableToExecuteStatementException(cause, null));
  }

  @ParameterizedTest
  @CsvSource({
    "08000, NETWORK",
    "08001, NETWORK",
    "08006, NETWORK",
    "57P01, NETWORK",
    "57P02, NETWORK",
    "57P03, NETWORK",
    "53300, NETWORK",
    "57014, NETWORK",
    "25P03, NETWORK",
    "25P04, NETWORK",
    "40001, TRANSIENT",
    "40P01, TRANSIENT",
    "55P03, TRANSIENT",
    "53100, NETWORK",
    "58030, NETWORK",
    "28P01, NETWORK",
    "42P01, NETWORK",
    "42501, NETWORK",
    "25006, NETWORK",
    "22003, DATA",
    "23505, DATA",
    "44000, DATA",
    "54000, DATA",
    "P0001, ",
    "0A000, ",
    "XX000, ",
  })
  void anSqlStateDecidesTheKindAlsoInsideOtherExceptions(String state, FailureKind kind) {
    assertThat(SqlFailures.classify(sql(state)).orElse(null)).isEqualTo(kind);
    assertThat(SqlFailures.classify(wrapped(sql(state))).orElse(null)).isEqualTo(kind);
    BatchUpdateException batch = new BatchUpdateException("batch", state, new int[0]);
    assertThat(SqlFailures.classify(wrapped(batch)).orElse(null)).isEqualTo(kind);
  }

  @Test
  void withoutAnSqlStateTheTypeOfTheExceptionDecides() {
    assertThat(SqlFailures.classify(new SQLTransientConnectionException("pool is empty")))
        .contains(FailureKind.NETWORK);
    assertThat(SqlFailures.classify(new SQLTimeoutException("slow"))).contains(FailureKind.NETWORK);
    assertThat(SqlFailures.classify(new SQLException("closed"))).isEmpty();
    assertThat(SqlFailures.classify(new IOException("not ours"))).isEmpty();
  }

  @Test
  void aCycleOfCausesEnds() {
    Exception a = new Exception("a");
    a.initCause(new Exception("b", a));
    assertThat(SqlFailures.classify(a)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"57014, true", "55P03, true", "08006, false", "40001, false", "42P01, false"})
  void onlyWhatTookTooLongCanBeHadInSmallerParts(String state, boolean tooSlow) {
    SideUnavailableException failure = SqlFailures.unavailable(Side.STORE, wrapped(sql(state)));
    assertThat(failure.isTimeout()).isEqualTo(tooSlow);
    assertThat(failure.side()).isEqualTo(Side.STORE);
  }

  @Test
  void aTimeoutOfThePoolIsNoSlowStatement() {
    SideUnavailableException failure =
        SqlFailures.unavailable(
            Side.SOURCE, new ConnectionException(new SQLTimeoutException("pool is empty")));
    assertThat(failure.isTimeout()).isFalse();
    assertThat(failure).hasMessage("the source is not available: pool is empty");
  }

  @Test
  void theReasonIsOneLineWithoutTheRow() {
    assertThat(SqlFailures.reason(wrapped(sql("23505")))).isEqualTo("no (SQLState 23505)");
    assertThat(SqlFailures.reason(new SQLException())).isEqualTo("SQLException");
    assertThat(SqlFailures.reason(new IllegalStateException("two\nlines"))).isEqualTo("two");
  }

  @Test
  void theReasonOfTheServerReplacesThatOfThePool() {
    SQLException server =
        new SQLException("FATAL: password authentication failed for user \"x\"", "28P01");
    SQLException pool =
        new SQLTransientConnectionException("Pool-1 - not available after 30000ms", "28P01");
    pool.initCause(server);
    assertThat(SqlFailures.unavailable(Side.STORE, new ConnectionException(pool)))
        .hasMessage(
            "the store is not available: password authentication failed for user \"x\""
                + " (SQLState 28P01); check the user and the password of the store's DataSource");
  }

  @Test
  void anUnknownHostIsNamed() {
    SQLException failure =
        new SQLException("The connection attempt failed.", "08001", new UnknownHostException("db"));
    assertThat(SqlFailures.unavailable(Side.SOURCE, failure))
        .hasMessageContaining("UnknownHostException db")
        .hasMessageContaining("check the address in the source's DataSource");
  }

  @Test
  void aUrlIsNotQuoted() {
    Throwable driver =
        Assertions.catchThrowable(
            () -> DriverManager.getConnection("jdbc:nothing://u:geheim@h/d?password=geheim"));
    assertThat(driver).hasMessageContaining("geheim");
    assertThat(SqlFailures.unavailable(Side.SOURCE, driver).getMessage())
        .contains("the JDBC URL")
        .doesNotContain("geheim");
    assertThat(SqlFailures.reason(new SQLException("bad option: Password = geheim; ssl=on")))
        .isEqualTo("bad option: Password = ***; ssl=on");
  }
}
